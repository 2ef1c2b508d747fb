import Keras
import Pruning
import Reports

/// Which tensors of a model count as prunable in this run, and why the others do not.
struct SelectedTensors {
  /// Places in `Model.tensors`.
  let prunable: [Int]
  let leftAlone: [PruneReport.LeftAlone]
  private let reasons: [Int: String]

  init(_ model: Model, _ selection: TensorSelection) throws {
    let choices = try selection.choices(among: model.tensors.map(\.descriptor))
    var prunable: [Int] = []
    var leftAlone: [PruneReport.LeftAlone] = []
    var reasons: [Int: String] = [:]
    for (place, choice) in choices.enumerated() {
      switch choice {
      case .chosen: prunable.append(place)
      case .leftAlone(let reason):
        reasons[place] = reason
        leftAlone.append(.init(name: model.tensors[place].name, reason: reason))
      }
    }
    self.prunable = prunable
    self.leftAlone = leftAlone
    self.reasons = reasons
  }

  func reason(_ place: Int) -> String? { reasons[place] }
}

extension SelectionOptions {
  func resolve(_ model: Model) throws -> SelectedTensors {
    try SelectedTensors(
      model,
      TensorSelection(
        patterns: ordered.map {
          let glob = Glob($0.pattern.argumentText)
          return $0.option == "include" ? .include(glob) : .exclude(glob)
        },
        includesBias: includeBias, includesEmbeddings: includeEmbeddings, skipsFirst: skipFirst,
        skipsLast: skipLast))
  }
}

extension ModelTensor {
  /// The tensor as choosing sees it.
  var descriptor: TensorDescriptor {
    let isStatistic = [.movingMean, .movingVariance, .mean, .variance, .count, .kernelScale]
      .contains(role)
    return TensorDescriptor(
      name: name, layer: layer, path: path, role: descriptorRole, isPrunable: isPrunable,
      whyNot: whyNot,
      isNeverPrunable: !canBePruned || role == .optimizer || isStatistic)
  }

  private var descriptorRole: TensorDescriptor.Role {
    switch role {
    case .bias: .bias
    case .embeddings: .embedding
    case _ where role.isKernel || isPrunable: .kernel
    default: .other
    }
  }
}
