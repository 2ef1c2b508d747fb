/// A layer of several kinds that is one of them once its configuration is read.
protocol Delegating: Layer {
  var inner: any Layer { get }
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
}
