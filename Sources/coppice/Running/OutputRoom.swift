import Datasets
import Network

/// Room for what a model says of one batch: its outputs, and the masks that come with them.
final class OutputRoom {
  /// `[rows][shape…]` by output.
  let results: [UnsafeMutablePointer<Float>]
  /// By output; nil where it has no mask.
  let masks: [UnsafeMutablePointer<Float>?]

  /// For batches of at most `rows`.
  init(_ network: Network, rows: Int) {
    results = network.outputs.map { .allocate(capacity: max(1, rows * $0.count)) }
    masks = network.outputs.indices.map { place in
      network.maskCount(place).map { .allocate(capacity: max(1, rows * $0)) }
    }
  }

  deinit {
    for room in results { room.deallocate() }
    for room in masks { room?.deallocate() }
  }

  /// Hands the batch on to be judged; `weights` says what each row weighs, nil for 1.
  func add(
    to evaluation: Evaluation, targets: [Evaluation.Targets?], weights: UnsafePointer<Float>?,
    rows: Int
  ) {
    evaluation.add(
      results.map { UnsafePointer($0) }, masks: masks.map { $0.map { UnsafePointer($0) } },
      targets: targets, weights: weights, rows: rows)
  }
}

extension DataPart {
  /// How the targets of each of a model's outputs are given; nil where there are none.
  func forms(outputs: Int) -> [Evaluation.TargetForm?] {
    var forms = [Evaluation.TargetForm?](repeating: nil, count: outputs)
    for target in targets { forms[target.output] = target.hasClasses ? .classes : .values }
    return forms
  }
}
