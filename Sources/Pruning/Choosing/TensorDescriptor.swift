/// What choosing tensors asks of one: names and a role, no values.
public struct TensorDescriptor: Sendable {
  public enum Role: Sendable {
    /// What is prunable by default where the layer's kind is.
    case kernel
    case bias
    case embedding
    /// Normalisation parameters, and everything else that only `--include` can choose.
    case other
  }

  /// `layer/weight`.
  public var name: String
  public var layer: String?
  /// The HDF5 path.
  public var path: String
  public var role: Role
  /// Whether the tensor is chosen when nothing else is said; if not, why (`whyNot`).
  public var isPrunable: Bool
  public var whyNot: String?
  /// Whether the tensor cannot be pruned whatever is said: integers, statistics of a normalisation,
  /// optimizer state. `whyNot` says which.
  public var isNeverPrunable: Bool

  public init(
    name: String, layer: String?, path: String, role: Role, isPrunable: Bool,
    whyNot: String? = nil, isNeverPrunable: Bool = false
  ) {
    self.name = name
    self.layer = layer
    self.path = path
    self.role = role
    self.isPrunable = isPrunable && !isNeverPrunable
    self.whyNot = whyNot
    self.isNeverPrunable = isNeverPrunable
  }

  /// What tells one layer from another: its name, or for a tensor of no layer its own.
  var layerKey: String { layer ?? name }
}
