/// `Permute`: a row's dimensions in another order.
final class Permute: Layer {
  static let classNames = ["Permute"]

  /// By dimension of the output, the dimension of the input that it is; both without the batch.
  private let order: [Int]

  init(_ definition: Definition) throws(LayerFault) {
    guard let value = definition.settings.value("dims"), let list = value.arrayValue else {
      throw .bad("'dims' is not a list of dimensions")
    }
    let dims = try definition.ints("dims", count: list.count)
    guard dims.sorted() == Array(1...max(1, dims.count)) else {
      throw .bad("dims \(value.shown) is no order of the dimensions 1 to \(dims.count)")
    }
    order = dims.map { $0 - 1 }
  }

  init(order: [Int]) { self.order = order }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank == order.count else {
      throw .bad("orders \(order.count) dimensions and is given the shape \(input.text)")
    }
    return [Signal(order.map { input.shape[$0] })]
  }

  func forward(_ frame: Frame) {
    Transposition.apply(
      frame.input(), shape: frame.inputShape, order: order, rows: frame.rows, into: frame.output())
  }
}

extension Permute: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let back = order.indices.map { axis in order.firstIndex(of: axis) ?? 0 }
    Transposition.apply(
      frame.outputGradient(), shape: frame.outputShape, order: back, rows: frame.rows, into: dx)
  }
}
