import Documents
import Files
import JSON
import Tensors

@testable import Keras
@testable import Network

/// A whole model of layers written down in a test, one after another. Variable `i` of the model, in
/// the order in which Keras writes them, is `wave` from `i + 1` on.
struct ModelTrial {
  var age = KerasAge.three
  var kerasVersion: String?
  /// The layers behind the input: class and configuration as JSON text.
  var layers: [(className: String, config: String)]

  /// What the model makes of `input`, whose shape begins with the number of rows.
  func outputs(_ input: LayerTrial.Array) throws -> [LayerTrial.Array] {
    let network = try network(shape: Array(input.shape.dropFirst()))
    let rows = input.shape[0]
    let places = network.outputs.map { port in
      let count = rows * port.shape.compactMap(\.self).reduce(1, *)
      return UnsafeMutableBufferPointer<Float>.allocate(capacity: max(1, count))
    }
    defer { for place in places { place.deallocate() } }
    try input.values.withUnsafeBufferPointer { x in
      guard let x = x.baseAddress else { return }
      try network.predict([x], rows: rows, into: places.compactMap(\.baseAddress))
    }
    return zip(network.outputs, places).map { port, place in
      ([rows] + port.shape.compactMap(\.self), Array(place))
    }
  }

  func network(shape: [Int]) throws -> Network {
    let input =
      #"{"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [null, "#
      + shape.map(String.init).joined(separator: ", ") + "]}}"
    let list = [input] + layers.map { #"{"class_name": "\#($0)", "config": \#($1)}"# }
    let text =
      #"{"class_name": "Sequential", "config": {"name": "m", "layers": ["#
      + list.joined(separator: ", ") + "]}}"
    var reader = GraphReader(age: age)
    var model = Model()
    model.graph = reader.graph(of: try JSON.parse(Array(text.utf8)))
    model.age = age
    model.kerasVersion = kerasVersion
    guard let graph = model.graph else { throw LayerFault.bad("no graph") }
    for leaf in Blueprint(of: graph, age: age).leaves {
      for slot in leaf.slots ?? [] {
        let shape = (slot.shape.dimensions ?? []).compactMap(\.self)
        let values = wave(shape, seed: Double(model.tensors.count + 1)).values
        model.variables.append(
          Variable(
            layer: leaf.layer, inside: leaf.inside, owner: leaf.className, name: slot.name,
            role: slot.role, tensor: model.tensors.count, isTrainable: true))
        model.tensors.append(
          ModelTensor(
            name: leaf.name(of: slot), path: leaf.name(of: slot), part: 0, object: 0,
            role: slot.role, shape: shape, type: .float32, typeName: "float32",
            source: MemoryBytes(values.flatMap { Self.bytes($0) }), count: values.count))
      }
    }
    return try Network(model, path: "trial")
  }

  private static func bytes(_ value: Float) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
  }
}
