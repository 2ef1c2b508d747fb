import Documents
import JSON

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
