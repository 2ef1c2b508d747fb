import JSON
import Keras

/// `Reshape`: a row's elements under another shape.
final class Reshape: Layer {
  static let classNames = ["Reshape"]

  private let target: [Int]

  init(_ definition: Definition) throws(LayerFault) {
    guard let value = definition.settings.value("target_shape", "dims"),
      let list = LayerReading.list(value)
    else { throw .bad("'target_shape' is not a list of sizes") }
    var sizes: [Int] = []
    for entry in list {
      guard entry.isNull || LayerReading.size(entry) != nil else {
        throw .bad("target_shape is \(value.shown)")
      }
      sizes.append(LayerReading.size(entry) ?? -1)
    }
    target = sizes
  }

  var isView: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    [Signal(try Self.shape(target, of: try call.only()))]
  }

  func forward(_ frame: Frame) {}

  /// `sizes` with the one that is -1 worked out. Throws where they do not make as many elements as
  /// `input` has.
  static func shape(_ sizes: [Int], of input: Signal) throws(LayerFault) -> [Int] {
    let known = sizes.filter { $0 != -1 }
    let bad = LayerFault.bad("makes the shape \(Signal.text(sizes)) of \(input.text)")
    guard sizes.count - known.count <= 1, known.allSatisfy({ $0 >= 0 }),
      let product = Plan.floats(of: known, 1)
    else { throw bad }
    if known.count == sizes.count {
      guard product == input.count else { throw bad }
      return sizes
    }
    guard product > 0, input.count % product == 0 else { throw bad }
    return sizes.map { $0 == -1 ? input.count / product : $0 }
  }
}
