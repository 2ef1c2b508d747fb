import Tensors

/// A way to change values a little, so that they take fewer bits: one file each in this folder, and
/// one line in `ValueRoundings.all`.
public protocol ValueRounding: Sendable {
  /// What stands in front of the colon: `codebook`.
  static var family: String { get }
  /// How it is typed: `codebook:K, K from 2 to 256`.
  static var syntax: String { get }

  /// From what stands behind the colon; nil where that is not it. Without a colon `argument` is nil.
  init?(argument: String?)

  /// As it is typed: `codebook:16`.
  var name: String { get }
  var precision: Precision { get }
  /// Whether `--saturate` has something to say: whether large values may be past what it holds.
  var saturates: Bool { get }

  /// The tensor's values rounded; nil where this has nothing to take from them.
  ///
  /// Throws `CSRMError.cannotRound` where there are values that it cannot hold, and what the source
  /// throws.
  func rounded(_ tensor: RoundingInput) throws -> RoundedValues?
}

/// The ways to round values that coppice knows by name.
public enum ValueRoundings {
  public static let all: [any ValueRounding.Type] = [
    HalfValues.self, Bfloat16Values.self, Int8Values.self, Codebook.self, RateDistortion.self,
  ]

  /// Reads `f16` or `codebook:16`; nil where it is none of them.
  public static func parse(_ text: String) -> (any ValueRounding)? {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let way = all.first(where: { $0.family == parts[0] }) else { return nil }
    return way.init(argument: parts.count > 1 ? String(parts[1]) : nil)
  }

  /// How one of them is typed; nil where there is none of this name.
  public static func syntax(of family: String) -> String? {
    for way in all where way.family == family { return way.syntax }
    return nil
  }

  /// How all of them are typed.
  public static var syntaxes: String {
    var words: [String] = []
    for way in all { words.append(way.syntax) }
    return words.joined(separator: ", ")
  }
}

/// A tensor whose values are to be rounded.
public struct RoundingInput: Sendable {
  /// The file and the tensor, for messages.
  public let file: String
  public let name: String
  public let values: TensorValues
  public let shape: [Int]
  /// What an error of each weight is worth, about 1 on average; nil where all are worth the same.
  public var importance: [Float]?
  /// Makes what is past the largest that can be held that largest, instead of refusing it.
  public var saturates = false

  public init(file: String, name: String, values: TensorValues, shape: [Int]) {
    self.file = file
    self.name = name
    self.values = values
    self.shape = shape
  }

  /// The last axis.
  var columns: Int { Geometry.rowsAndColumns(of: shape, count: values.count).columns }

  func refused(_ reason: String) -> CSRMError {
    .cannotRound(file: file, tensor: name.printable(), reason: reason)
  }

  /// The largest magnitude; nil where all are zero. Throws where a value is no number.
  func largest() throws -> Double? {
    guard let found = try TensorStatistics.measure(values), found.zeros < found.count else {
      return nil
    }
    guard found.nonfinite == 0 else {
      throw refused("has NaN or infinity in it. --values exact keeps them")
    }
    return max((found.minimum ?? 0).magnitude, (found.maximum ?? 0).magnitude)
  }
}
