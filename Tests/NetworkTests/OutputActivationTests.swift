import JSON
import Testing

@testable import Keras
@testable import Network

/// What the last computation before an output is, through everything that only moves numbers.
struct OutputActivationTests {
  private func layer(
    _ className: String, _ config: JSON.Object = .init(), content: LayerGraph.Content = .plain,
    after: String? = nil, name: String? = nil
  ) -> LayerGraph.Layer {
    LayerGraph.Layer(
      name: name ?? className, isNamed: true, className: className, module: nil,
      registeredName: nil, config: config,
      calls: after.map { [.init([.tensor(.init(layer: .init($0), call: 0, output: 0))])] } ?? [],
      content: content)
  }

  private func graph(_ layers: [LayerGraph.Layer], outputs: [String]) -> LayerGraph {
    LayerGraph(
      className: "Functional", name: nil, layers: layers,
      inputs: .list([]),
      outputs: .list(outputs.map { .tensor(.init(layer: .init($0), call: 0, output: 0)) }),
      isSequential: false, isTrainable: true)
  }

  private func activation(of value: JSON.Value) -> [OutputActivation] {
    OutputActivation.all(
      of: graph(
        [layer("Dense", JSON.Object([("activation", value)]))], outputs: ["Dense"]))
  }

  @Test func activationsAreNamedInManyWays() {
    #expect(activation(of: "softmax") == [.softmax])
    #expect(activation(of: "sigmoid") == [.sigmoid])
    #expect(activation(of: "hard_sigmoid") == [.sigmoid])
    #expect(activation(of: "linear") == [.linear])
    #expect(activation(of: .null) == [.linear])
    #expect(activation(of: "tanh") == [.other])
    #expect(activation(of: ["class_name": "function", "config": "softmax"]) == [.softmax])
    #expect(activation(of: ["class_name": "Softmax", "config": ["axis": -1]]) == [.softmax])
  }

  @Test func layersThatMoveNumbersAreLookedThrough() {
    let dense = layer("Dense", JSON.Object([("activation", "softmax")]))
    let moved = graph(
      [dense, layer("Dropout", after: "Dense"), layer("Reshape", after: "Dropout")],
      outputs: ["Reshape", "Dense"])
    #expect(OutputActivation.all(of: moved) == [.softmax, .softmax])
    // A pooling layer is a computation of its own.
    let pooled = graph(
      [dense, layer("GlobalAveragePooling2D", after: "Dense")],
      outputs: ["GlobalAveragePooling2D"])
    #expect(OutputActivation.all(of: pooled) == [.other])
    #expect(OutputActivation.all(of: graph([layer("Softmax")], outputs: ["Softmax"])) == [.softmax])
  }

  @Test func modelsAndWrappersAreLookedInto() {
    let dense = layer("Dense", JSON.Object([("activation", "sigmoid")]))
    let inner = layer("Functional", content: .model(graph([dense], outputs: ["Dense"])))
    #expect(OutputActivation.all(of: graph([inner], outputs: ["Functional"])) == [.sigmoid])
    let spread = layer(
      "TimeDistributed",
      content: .wrapper([.init(attribute: "layer", isList: false, layers: [dense])]))
    #expect(OutputActivation.all(of: graph([spread], outputs: ["TimeDistributed"])) == [.sigmoid])
    // A Sequential that does not say what its outputs are gives what its last layer does.
    #expect(OutputActivation.all(of: graph([dense], outputs: [])) == [.sigmoid])
    // An output of no layer, and a circle of layers, are found out by whoever builds the network.
    #expect(OutputActivation.all(of: graph([dense], outputs: ["Flatten"])) == [.other])
    let circle = graph(
      [layer("Flatten", after: "Reshape"), layer("Reshape", after: "Flatten")],
      outputs: ["Flatten"])
    #expect(OutputActivation.all(of: circle) == [.other])
  }
}
