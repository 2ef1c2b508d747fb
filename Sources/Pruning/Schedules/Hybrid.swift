/// One large step, then a geometric tail of small ones: 1 + n steps.
public struct Hybrid: Schedule {
  public enum Tail: String, Sendable, CaseIterable {
    /// The same share of what remains: c_k = 1 - (1 - h)·((1 - p)/(1 - h))^(k/n).
    case remaining
    /// As the authors ran it, the shares are of the original weights:
    /// c_k = h + 1 - (1 - (p - h))^(k/n).
    case paper
  }

  /// The first step as a share of the target, 0...1: h = first·p.
  public let first: Double
  /// Steps of the tail, n.
  public let tailSteps: Int
  public let tail: Tail

  public init(first: Double = 0.7, tailSteps: Int = 4, tail: Tail = .remaining) {
    self.first = first
    self.tailSteps = tailSteps
    self.tail = tail
  }

  /// As many steps in the tail as it takes when each removes at most `rate` of what remains (of all
  /// weights, for the paper's tail); re-solved, so that the last one ends at the target.
  public init(first: Double = 0.7, rate: Double, tail: Tail = .remaining, to p: Double) {
    let h = first * p
    let way = tail == .paper ? p - h : h < 1 ? 1 - (1 - p) / (1 - h) : 0
    self.init(first: first, tailSteps: Schedules.steps(to: way, rate: rate), tail: tail)
  }

  public var name: String { "hybrid" }

  public func cumulative(to p: Double) throws(PruningError) -> [Double] {
    guard tailSteps >= 1 else { throw .schedule("--hybrid-steps: \(tailSteps) is below 1.") }
    guard first >= 0, first <= 1 else { throw .ratio(option: "--hybrid-first", value: first) }
    let h = first * p
    guard h < 1 else { return [Double](repeating: p, count: tailSteps + 1) }
    return [h]
      + (1...tailSteps).map { k in
        if k == tailSteps { return p }
        let part = Double(k) / Double(tailSteps)
        return switch tail {
        case .remaining: 1 - (1 - h) * power((1 - p) / (1 - h), part)
        case .paper: h + 1 - power(1 - (p - h), part)
        }
      }
  }
}
