import Files

/// Something about a model that does not hold together. `inspect` lists problems; what changes or
/// runs the model refuses it because of them.
public struct ModelProblem: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: Sendable, Hashable {
    /// Configuration and tensors disagree, or a listed tensor is missing.
    case mismatch
    /// The configuration is broken or has impossible values.
    case badConfiguration
    /// A tensor that the model needs is of a type or filter outside of what coppice handles.
    case unsupported

    public var fault: Fault { self == .unsupported ? .unsupported : .damaged }

    var advice: String {
      switch self {
      case .mismatch: "Save the model again with the Keras that it belongs to."
      case .badConfiguration: "Its tensors can still be listed with inspect."
      case .unsupported: "Its other tensors can be listed with inspect."
      }
    }
  }

  public let kind: Kind
  /// The layer or tensor, printable; nil for the model as a whole.
  public let place: String?
  public let what: String

  public init(_ kind: Kind, at place: String? = nil, _ what: String) {
    self.kind = kind
    self.place = place
    self.what = what
  }

  public var description: String { place.map { "\(what) (\($0))" } ?? what }
}
