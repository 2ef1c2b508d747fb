/// Something that is measured of an output over all of the data, batch after batch. All of a metric
/// is in one file under `Metrics/`.
///
/// Sums are kept in doubles and in the order of the data, so results depend neither on the size of
/// batches nor on threads.
protocol Metric {
  mutating func add(_ items: Items)

  /// What was measured, by the names of the reports. Empty where it is not defined.
  var scores: [Score] { get }
}

/// One figure: its name in reports, such as `accuracy`.
public struct Score: Sendable, Equatable {
  public enum Value: Sendable, Equatable {
    case count(Int)
    case number(Double)
  }

  public var name: String
  public var value: Value

  static func count(_ name: String, _ value: Int) -> Score {
    Score(name: name, value: .count(value))
  }
  static func number(_ name: String, _ value: Double) -> Score {
    Score(name: name, value: .number(value))
  }
  /// `part ÷ whole`; 0 of nothing, as Keras has it.
  static func share(_ name: String, _ part: Int, of whole: Int) -> Score {
    .number(name, whole > 0 ? Double(part) / Double(whole) : 0)
  }
}
