import Documents
import JSON

/// A variable as the configuration promises it, and the tensor that holds it.
public struct Variable: Sendable {
  /// The layer in its model's list, nested ones as `outer/inner`.
  public var layer: String
  /// What stands between the layer and the variable in names: `forward`, `cell_0`, or nothing.
  public var inside: String?
  /// The class that owns the variable.
  public var owner: String
  /// The name after the layer's: `kernel`, `query/kernel`.
  public var name: String
  public var role: Role
  /// Its place in `Model.tensors`.
  public var tensor: Int
  /// Whether neither the variable nor any layer around it is frozen.
  public var isTrainable: Bool
}

/// What a container means as a Keras model: its architecture, where the file has one, and every
/// tensor with its layer and role.
public struct Model: Sendable {
  /// As the file says them: `2.15.0`, `tensorflow`.
  public var kerasVersion: String?
  public var backend: String?
  public var name: String?
  /// The configuration as written, if it could be read at all.
  public var config: JSON.Value?
  public var trainingConfig: JSON.Value?
  public var graph: LayerGraph?
  /// Which Keras's words the configuration is in; nil where there is none.
  public var age: KerasAge?
  /// Which tensor each variable of the configuration is, for those that the file has.
  public var variables: [Variable] = []
  /// In model order: layer after layer in the order of the model, then optimizer state, then
  /// everything else that the file holds.
  public var tensors: [ModelTensor] = []
  /// Where configuration and weights do not hold together. `inspect` lists these; what prunes or
  /// runs the model refuses it (see `checkSound`).
  public var problems: [ModelProblem] = []
  /// What somebody should know of the file, and that is no problem.
  public var notes: [String] = []
  /// The shapes that the configuration gives to the outputs of layers.
  var shapes: [LayerGraph.TensorReference: PartialShape] = [:]

  /// What lookahead pruning needs, worked out anew at every call; nil without a graph.
  public var topology: Topology? {
    graph.map { TopologyReader($0, shapes: shapes, tensors: tensors).read() }
  }

  /// Throws where the model must not be worked on.
  public func checkSound(path: String) throws(KerasError) {
    guard let first = problems.first else { return }
    throw .problem(path: path, first, more: problems.count - 1)
  }
}
