import Files
import Keras
import Network
import Pruning
import Tensors

extension ModelTrainer {
  /// What brings the candidates of `set` up to date before they are scored: gradients on rows that are
  /// trained on, at the weights as they are, and what normalisations hold by then; nil where the
  /// criterion looks at neither.
  func sensing(_ set: PrunableSet, samples: Int?) throws -> Sensing? {
    let weights = try weightSensing(set.criterion, samples: samples)
    let looksAround = set.criterion.needs.contains(.neighbours)
    guard weights != nil || looksAround else { return nil }
    return { [self] candidates in
      let current = looksAround ? set.rescaled(candidates, by: normalisations) : candidates
      return try weights?.sense(current) ?? current
    }
  }

  private func weightSensing(_ criterion: any Criterion, samples: Int?) throws -> WeightSensing? {
    guard !criterion.sensitivities.isEmpty else { return nil }
    return try WeightSensing(
      pair.network, of: pair.model, tensors: tensors, criterion: criterion,
      on: ScoreRows(
        part: rows.part, allowed: split.training, wanted: samples, seed: options.seed),
      loss: options.training.loss, seed: options.seed)
  }

  /// What normalisations multiply by, as the network has it now, by place in the model.
  private var normalisations: [Int: TensorValues] {
    var values: [Int: TensorValues] = [:]
    for parameter in pair.network.parameters
    where [.gamma, .movingVariance].contains(parameter.role) {
      let floats = UnsafeBufferPointer(start: parameter.values, count: parameter.count)
      let bytes = MemoryBytes([UInt8](UnsafeRawBufferPointer(floats)))
      for copy in pair.model.copies(of: parameter.tensor) {
        values[copy] = TensorValues(bytes, type: .float32)
      }
    }
    return values
  }
}
