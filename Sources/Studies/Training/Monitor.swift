/// The metric that steers stopping and selection: always the same one for both.
public struct Monitor: Sendable, Equatable {
  public enum Direction: Sendable, Equatable { case rises, falls }

  /// As the metrics call it.
  public let metric: String
  /// Whether better is higher or lower.
  public let direction: Direction

  public init(_ metric: String, _ direction: Direction) {
    self.metric = metric
    self.direction = direction
  }

  /// Better is lower for losses and errors, and higher for everything else.
  public init(_ metric: String) {
    let falls = ["loss", "error", "mse", "mae", "rmse", "perplexity", "divergence"].contains {
      metric == $0 || metric.hasSuffix("_" + $0)
    }
    self.init(metric, falls ? .falls : .rises)
  }

  /// Accuracy where there is one, else the loss.
  public static func standard(among metrics: Metrics) -> Monitor {
    Monitor(metrics.names.first { $0 == "accuracy" } ?? "loss")
  }

  /// Throws `StudyError.unknownMetric` where it is not among `metrics`.
  func value(in metrics: Metrics) throws(StudyError) -> Double {
    guard let value = metrics[metric] else {
      throw .unknownMetric(metric, known: metrics.names.filter { $0 != "total" })
    }
    return value
  }

  /// Whether `value` beats `best` by more than `margin`. NaN beats nothing, and everything beats NaN.
  public func improves(_ value: Double, on best: Double, by margin: Double = 0) -> Bool {
    guard !value.isNaN else { return false }
    guard !best.isNaN else { return true }
    return switch direction {
    case .rises: value > best + margin
    case .falls: value < best - margin
    }
  }
}
