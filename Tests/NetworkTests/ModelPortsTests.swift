import JSON
import Testing

@testable import Keras
@testable import Network

struct ModelPortsTests {
  @Test func outputsOfOneLayerHaveNamesOfTheirOwn() throws {
    let names = ["lstm_1", "lstm", "lstm", "lstm"].enumerated().map { place, name in
      LayerGraph.Argument.tensor(.init(layer: .init(name), call: 0, output: place))
    }
    let input = LayerGraph.Layer(
      name: "x", isNamed: true, className: "InputLayer", module: nil, registeredName: nil,
      config: JSON.Object([("batch_shape", .array([.null, 4]))]), calls: [], content: .plain)
    let graph = LayerGraph(
      className: "Functional", name: "m", layers: [input],
      inputs: .tensor(.init(layer: "x", call: 0, output: 0)), outputs: .list(names),
      isSequential: false, isTrainable: true)
    let ports = try ModelPorts(graph, age: .three, path: "m.keras")
    #expect(ports.outputs(count: 4) == ["lstm_1", "lstm", "lstm_2", "lstm_3"])
    #expect(ports.outputs(count: 1) == ["output_0"])
  }
}
