/// `Flatten`: a row's dimensions as one.
final class Flatten: Layer {
  static let classNames = ["Flatten"]
  static let hasChannels = true

  init(_ definition: Definition) throws(LayerFault) {}

  var isView: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    [Signal([try call.only().count])]
  }

  func forward(_ frame: Frame) {}
}
