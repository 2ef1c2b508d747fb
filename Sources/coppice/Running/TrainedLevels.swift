import CSRM
import Documents
import Keras
import Reports

/// The levels of a packed model that was rounded to codebooks or grids, whose values are trained while
/// every weight keeps its level.
struct TrainedLevels {
  private let rounding: ModelRounding
  /// By place in the model.
  private let tensors: [(place: Int, groups: LevelGroups)]

  /// None where another precision is asked for, or where zeros may become other weights.
  init(of opened: OpenedModel, _ rounding: ModelRounding, respectsZeros: Bool) throws {
    self.rounding = rounding
    guard let packed = opened.packed, rounding.keepsLevels, respectsZeros else {
      tensors = []
      return
    }
    tensors = try opened.model.tensors.indices.compactMap { place in
      let tensor = opened.model.tensors[place]
      guard tensor.copyOf == nil, tensor.holdsWeights, let values = tensor.values else { return nil }
      return try packed.levelGroups(tensor.path, values).map { (place, $0) }
    }
  }

  /// Makes the trainer move the weights of a level together.
  func tie(_ trainer: ModelTrainer) {
    for (place, groups) in tensors { trainer.tie(place, groups) }
  }

  /// Stores what was trained as levels again, and says how many values that were.
  func keep(in trained: Container, _ outcome: inout ModelRounding.Outcome) throws -> [String] {
    var lost: [String] = []
    for (place, groups) in tensors {
      for copy in rounding.opened.model.copies(of: place) {
        guard !outcome.rounded.contains(where: { $0.place == copy }),
          let input = rounding.input(copy, of: trained)
        else { continue }
        if let rounded = try groups.rounded(input) {
          outcome.rounded.append(.init(place: copy, values: rounded))
        } else {
          lost.append(rounding.opened.model.tensors[copy].name)
        }
      }
    }
    var notes = lost.map { "\($0) has no levels any more: its weights share no values." }
    if !tensors.isEmpty {
      let values = tensors.reduce(0) { $0 + $1.groups.values }
      notes.append(
        "Weights kept their levels, and what these stand for was trained: \(counted(values, "value")) in \(counted(tensors.count, "tensor"))."
      )
    }
    return notes
  }
}
