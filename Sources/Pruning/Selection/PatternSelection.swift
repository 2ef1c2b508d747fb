import Parallel
import Tensors

extension KeyedTensors {
  /// N of each M consecutive inputs of every tensor.
  func selecting(_ pattern: NMPattern) throws -> [Selected] {
    try Parallel.map(candidates.count) { index in
      let survey = try ranking(of: [index]).surveys[0]
      let mask = try pattern.mask(keys[index], layout: candidates[index].kernel.layout)
      return mask.pruned > survey.zeros
        ? Selected(mask, survey) : Selected(unchanged: mask, survey)
    }
  }
}
