import Documents
import JSON

/// Every variable that a model has by its configuration, in the order and under the names that
/// Keras gives them.
struct Blueprint {
  /// A layer that owns variables, somewhere inside the model.
  struct Leaf {
    /// Groups from the root of a Keras 3 file: `layers`, `bidirectional`, `forward_layer`.
    var groups: [String]
    /// The layer in its model's list, nested ones as `outer/inner`, and its class.
    var layer: String
    var layerClass: String
    /// What to put between the layer and the variable: `forward`, or nothing.
    var inside: String?
    /// The class that owns the variables.
    var className: String
    /// Nil where the class is unknown.
    var slots: [Slot]?
    /// Whether neither the layer nor anything around it is frozen.
    var isTrainable: Bool
    /// The layer by itself, to find the same one in another nested model.
    var identity: Identity
    var allowsMore: Bool

    /// What a Keras 3 file puts after `vars` groups: `conv1/kernel`, `bidirectional/forward/kernel`.
    func name(of slot: Slot) -> String {
      ([layer] + (inside.map { [$0] } ?? []) + [slot.name]).joined(separator: "/")
    }
  }

  struct Identity: Hashable {
    var name: Name
    var className: String
    var config: JSON.Value
  }

  /// A layer in the root model's list.
  struct Entry {
    var name: Name
    var isNamed: Bool
    var className: String
    var leaves: [Leaf]
    var isTrainable: Bool

    /// Whether every variable of this entry is known.
    var isComplete: Bool { leaves.allSatisfy { $0.slots != nil && !$0.allowsMore } }

    /// The variables in the order of legacy files: the trainable ones, then the others
    /// (keras-files.md, section 2). Unknown classes add nothing.
    var legacyOrder: [(leaf: Int, slot: Int)] {
      var trainable: [(leaf: Int, slot: Int)] = []
      var others: [(leaf: Int, slot: Int)] = []
      for (i, leaf) in leaves.enumerated() {
        for (j, slot) in (leaf.slots ?? []).enumerated() where !slot.isAlias {
          if isTrainable && leaf.isTrainable && slot.isTrainable {
            trainable.append((i, j))
          } else {
            others.append((i, j))
          }
        }
      }
      return trainable + others
    }
  }

  private(set) var entries: [Entry] = []
  private(set) var problems: [ModelProblem] = []
  private(set) var notes: [String] = []
  /// The shape of every output of every call, by layer of the root model.
  private(set) var shapes: [LayerGraph.TensorReference: PartialShape] = [:]
  private let age: KerasAge

  init(of graph: LayerGraph, age: KerasAge) {
    self.age = age
    var walk = Walk(age: age)
    let planned = walk.plan(graph, outer: [], Walk.Place(groups: [], layers: [], isTrainable: true))
    entries = planned.entries
    shapes = planned.shapes
    problems = walk.problems
    notes = walk.notes
  }

  var leaves: [Leaf] { entries.flatMap(\.leaves) }
}

extension JSON.Value {
  /// This value without the numbers by which Keras 3 marks objects that it writes again: they are
  /// there only from the second time on.
  var withoutSharedIDs: JSON.Value {
    switch self {
    case .array(let members): return .array(members.map(\.withoutSharedIDs))
    case .object(let object):
      return .object(
        JSON.Object(
          object.members.filter { $0.0 != "shared_object_id" }.map { ($0, $1.withoutSharedIDs) }))
    default: return self
    }
  }
}

/// Names of groups in a list: the class in snake case, counted where it comes again.
struct GroupNames {
  private var used: [String: Int] = [:]

  mutating func next(_ className: String) -> String {
    // Exported under another name than the class itself has.
    let name =
      className == "GroupQueryAttention" ? "grouped_query_attention" : SnakeCase.of(className)
    let count = used[name] ?? 0
    used[name] = count + 1
    return count == 0 ? name : "\(name)_\(count)"
  }
}
