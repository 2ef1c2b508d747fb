/// A layer of products without its activation, which comes as a call of its own.
final class BareProduct: Trainable {
  static let classNames: [String] = []

  private let product: any ProductLayer & Trainable
  private let following: Following

  init?(_ product: any ProductLayer) {
    guard let trainable = product as? any ProductLayer & Trainable,
      let following = try? Following(
        bias: product.following.bias, activation: .linear, channels: product.following.channels)
    else { return nil }
    self.product = trainable
    self.following = following
  }

  /// No configuration has one.
  init(_ definition: Definition) throws(LayerFault) {
    throw .unsupported("a layer without its activation in a configuration")
  }

  var parameters: [Parameter] { product.parameters }
  var backwardReads: BackwardReads { product.backwardReads }
  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] { try product.infer(call) }
  func scratch(_ call: Invocation, rows: Int) -> Int {
    product.scratch(call, rows: rows, following: following)
  }
  func forward(_ frame: Frame) { product.forward(frame, following: following) }
  func prepare() { product.prepare() }
  func prepareForTraining(wantsInputs: Bool) {
    product.prepareForTraining(wantsInputs: wantsInputs)
  }
  func kept(_ call: Invocation) -> Int { product.kept(call) }
  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    max(scratch(call, rows: rows), product.trainingScratch(call, rows: rows))
  }
  func backward(_ frame: TrainingFrame) { product.backward(frame) }
  func deferredProducts(_ call: Invocation) -> [DeferredProduct] {
    product.deferredProducts(call)
  }
}
