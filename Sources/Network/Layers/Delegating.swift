/// A layer of several kinds that is one of them once its configuration is read.
protocol Delegating: Trainable {
  var inner: any Trainable { get }
}

extension Delegating {
  var parameters: [Parameter] { inner.parameters }
  var isView: Bool { inner.isView }
  var passes: Bool { inner.passes }
  var worksInPlace: Bool { inner.worksInPlace }
  func prepare() { inner.prepare() }
  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] { try inner.infer(call) }
  func scratch(_ call: Invocation, rows: Int) -> Int { inner.scratch(call, rows: rows) }
  func forward(_ frame: Frame) { inner.forward(frame) }

  func kept(_ call: Invocation) -> Int { inner.kept(call) }
  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    inner.trainingScratch(call, rows: rows)
  }
  var backwardReads: BackwardReads { inner.backwardReads }
  var trainsInPlace: Bool { inner.trainsInPlace }
  func prepareForTraining(wantsInputs: Bool) {
    inner.prepareForTraining(wantsInputs: wantsInputs)
  }
  func train(_ frame: TrainingFrame) { inner.train(frame) }
  func backward(_ frame: TrainingFrame) { inner.backward(frame) }
  func deferredProducts(_ call: Invocation) -> [DeferredProduct] {
    inner.deferredProducts(call)
  }
}
