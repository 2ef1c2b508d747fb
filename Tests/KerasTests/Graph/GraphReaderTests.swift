import Documents
import JSON
import Testing

@testable import Keras

struct GraphReaderTests {
  func read(_ text: String, _ age: KerasAge) throws -> (LayerGraph?, GraphReader) {
    var reader = GraphReader(age: age)
    let graph = reader.graph(of: try JSON.parse(text, options: .python))
    return (graph, reader)
  }

  /// `layer call output` of every tensor that a layer's calls take.
  func taken(_ graph: LayerGraph, _ layer: String) -> [[String]] {
    (graph.layer(named: Name(layer))?.calls ?? []).map { call in
      call.tensors.map { "\($0.layer) \($0.call) \($0.output)" }
    }
  }

  @Test func sequentialOfKeras1IsABareList() throws {
    let (graph, reader) = try read(
      """
      {"class_name": "Sequential", "config": [
        {"class_name": "Dense", "config": {"name": "dense_1", "output_dim": 4, "batch_input_shape": [null, 7]}},
        {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"name": "dense_2", "output_dim": 3}}]}]}
      """, .one)
    let found = try #require(graph)
    #expect(found.isSequential && reader.problems.isEmpty)
    #expect(found.layers.map(\.name) == ["dense_1", "sequential_1"])
    #expect(found.layers.map(\.isNamed) == [true, false])
    guard case .model(let inner) = found.layers[1].content else {
      Issue.record("the nested Sequential is a model")
      return
    }
    #expect(inner.layers.map(\.name) == ["dense_2"])
    #expect(taken(found, "sequential_1") == [["dense_1 0 0"]])
  }

  @Test func functionalOfKeras2() throws {
    let (graph, _) = try read(
      """
      {"class_name": "Model", "config": {"name": "m", "layers": [
        {"name": "a", "class_name": "InputLayer", "config": {"name": "a"}, "inbound_nodes": []},
        {"name": "inner", "class_name": "Model", "config": {"name": "inner", "layers": [
           {"name": "i", "class_name": "InputLayer", "config": {"name": "i"}, "inbound_nodes": []}],
           "input_layers": [["i", 0, 0]], "output_layers": [["i", 0, 0]]},
         "inbound_nodes": [[["a", 0, 0, {}]], [["shared", 0, 0, {}]]]},
        {"name": "shared", "class_name": "Dense", "config": {"name": "shared"},
         "inbound_nodes": [[["inner", 1, 0, {}]], [["inner", 2, 0, {}]]]},
        {"name": "op", "class_name": "TFOpLambda", "config": {"name": "op", "function": "math.multiply"},
         "inbound_nodes": [["shared", 1, 0, {"y": 2.0, "name": null}]]},
        {"name": "rnn", "class_name": "LSTM", "config": {"name": "rnn"},
         "inbound_nodes": [[["op", 0, 0, {"initial_state": [["a", 0, 0], ["shared", 0, 0]], "training": true}]]]},
        {"name": "add", "class_name": "Add", "config": {"name": "add"},
         "inbound_nodes": [[["rnn", 0, 0, {}], ["inner", 2, 0, {}]]]}],
        "input_layers": [["a", 0, 0]], "output_layers": [["add", 0, 0]]}}
      """, .two)
    let found = try #require(graph)
    // The nested model's own making counts as its call 0: outside, 1 is the first.
    #expect(taken(found, "shared") == [["inner 0 0"], ["inner 1 0"]])
    #expect(taken(found, "op") == [["shared 1 0"]])
    #expect(taken(found, "rnn") == [["op 0 0", "a 0 0", "shared 0 0"]])
    #expect(taken(found, "add") == [["rnn 0 0", "inner 1 0"]])
    #expect(
      found.layer(named: "rnn")?.calls[0].keywords.map(\.name) == ["initial_state", "training"])
    #expect(found.inputs.tensors.map(\.layer) == ["a"])
    #expect(found.outputs.tensors.map(\.layer) == ["add"])
    #expect(!found.isSequential)
  }

  @Test func functionalOfKeras3() throws {
    let tensor = { (name: String, output: Int) in
      #"{"class_name": "__keras_tensor__", "config": {"shape": [null, 2], "keras_history": ["\#(name)", 0, \#(output)]}}"#
    }
    let (graph, _) = try read(
      """
      {"module": "keras.src.models.functional", "class_name": "Functional", "config": {"name": "m", "layers": [
        {"name": "a", "class_name": "InputLayer", "config": {"name": "a", "dtype": "float32"}, "inbound_nodes": []},
        {"name": "b", "class_name": "InputLayer", "config": {"name": "b", "dtype": "float32"}, "inbound_nodes": []},
        {"name": "cat", "class_name": "Concatenate", "config": {"name": "cat", "dtype": "float32"},
         "inbound_nodes": [{"args": [[\(tensor("a", 0)), \(tensor("b", 0))]], "kwargs": {}}]},
        {"name": "att", "class_name": "MultiHeadAttention", "config": {"name": "att", "dtype": "float32"},
         "inbound_nodes": [{"args": [\(tensor("cat", 0))], "kwargs": {"value": \(tensor("a", 0)), "use_causal_mask": true}}]},
        {"name": "add", "module": "keras.src.ops.numpy", "class_name": "Add", "config": {"name": "add"},
         "inbound_nodes": [{"args": [\(tensor("att", 1)), 2.0], "kwargs": {}}]},
        {"name": "get_item", "class_name": "GetItem", "config": {"name": "get_item"}, "inbound_nodes": [{"args": [\(tensor("add", 0)),
          [{"class_name": "__slice__", "config": {"start": null, "stop": null, "step": null}}]], "kwargs": {}}]}],
        "input_layers": {"left": ["a", 0, 0], "right": ["b", 0, 0]}, "output_layers": ["get_item", 0, 0]}}
      """, .three)
    let found = try #require(graph)
    #expect(taken(found, "cat") == [["a 0 0", "b 0 0"]])
    #expect(taken(found, "att") == [["cat 0 0", "a 0 0"]])
    #expect(taken(found, "add") == [["att 0 1"]])
    #expect(found.layers.map(\.isOperation) == [false, false, false, false, true, true])
    #expect(found.inputs.tensors.map(\.layer) == ["a", "b"])
    guard case .dictionary(let inputs) = found.inputs else {
      Issue.record("inputs of a dictionary keep their keys")
      return
    }
    #expect(inputs.map(\.key) == ["left", "right"])
  }

  /// Keras 3 counts the calls of a nested functional model from 1 in the outputs, from 0 elsewhere.
  @Test(arguments: [("[\"inner\", 1, 0]", 0), ("[\"inner\", 2, 1]", 1), ("[\"inner\", 0, 0]", 1)])
  func outputsThatAreCallsOfNestedModels(output: String, call: Int) throws {
    let given = #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}}"#
    let inner = #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["inner", 0, 0]}}"#
    let (graph, _) = try read(
      """
      {"class_name": "Functional", "config": {"name": "m", "layers": [
        {"name": "a", "class_name": "InputLayer", "config": {"name": "a"}, "inbound_nodes": []},
        {"name": "inner", "class_name": "Functional", "config": {"name": "inner", "layers": [
           {"name": "i", "class_name": "InputLayer", "config": {"name": "i"}, "inbound_nodes": []}],
           "input_layers": ["i", 0, 0], "output_layers": ["i", 0, 0]},
         "inbound_nodes": [{"args": [\(given)], "kwargs": {}}, {"args": [\(inner)], "kwargs": {}}]}],
        "input_layers": ["a", 0, 0], "output_layers": [\(output), ["a", 0, 0]]}}
      """, .three)
    let found = try #require(graph)
    #expect(found.outputs.tensors.map(\.call) == [call, 0])
    #expect(taken(found, "inner") == [["a 0 0"], ["inner 0 0"]])
  }

  @Test func masksDoNotShapeVariables() {
    let tensor = { (name: String) in
      LayerGraph.Argument.tensor(.init(layer: Name(name), call: 0, output: 0))
    }
    let call = LayerGraph.Call(
      [tensor("q")],
      keywords: [
        ("attention_mask", tensor("m")), ("key", tensor("k")), ("value", tensor("v")),
        ("query_mask", tensor("n")),
      ])
    #expect(call.shaping.map(\.layer) == ["q", "v", "k"])
    #expect(call.tensors.count == 5)
  }

  @Test func mergeOfKeras1IsALayer() throws {
    let (graph, _) = try read(
      """
      {"class_name": "Model", "config": {"name": "m", "layers": [
        {"name": "a", "class_name": "InputLayer", "config": {"name": "a"}, "inbound_nodes": []},
        {"name": "merge_1", "class_name": "Merge", "config": {"name": "merge_1", "mode": "sum"},
         "inbound_nodes": [[["a", 0, 0], ["a", 0, 0]]]}],
        "input_layers": [["a", 0, 0]], "output_layers": [["merge_1", 0, 0]]}}
      """, .one)
    #expect(try #require(graph).layers.map(\.isOperation) == [false, false])
  }

  /// Written by hand or by other programs, without `trainable` and `dtype`: operations are in graphs of Keras 3
  /// alone.
  @Test func layersWithNothingButNamesAreLayers() throws {
    let (chain, _) = try read(
      """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "Flatten", "config": {"name": "f", "batch_input_shape": [null, 2, 2]}},
        {"class_name": "Reshape", "config": {"name": "r", "target_shape": [2, 2]}}]}}
      """, .three)
    #expect(try #require(chain).layers.map(\.isOperation) == [false, false])
    let (graph, _) = try read(
      """
      {"class_name": "Model", "config": {"name": "m", "layers": [
        {"name": "a", "class_name": "InputLayer", "config": {"name": "a"}, "inbound_nodes": []},
        {"name": "f", "class_name": "Flatten", "config": {"name": "f"}, "inbound_nodes": [[["a", 0, 0, {}]]]},
        {"name": "s", "class_name": "Add", "config": {"name": "s"}, "inbound_nodes": [[["f", 0, 0, {}], ["f", 0, 0, {}]]]}],
        "input_layers": [["a", 0, 0]], "output_layers": [["s", 0, 0]]}}
      """, .two)
    #expect(try #require(graph).layers.map(\.isOperation) == [false, false, false])
  }

  @Test func wrappersHoldLayers() throws {
    let inner = #"{"class_name": "LSTM", "config": {"name": "l", "units": 3}}"#
    let other = #"{"class_name": "GRU", "config": {"name": "g", "units": 2}}"#
    let (graph, _) = try read(
      """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "Bidirectional", "config": {"name": "one", "layer": \(inner)}},
        {"class_name": "Bidirectional", "config": {"name": "two", "layer": \(inner), "backward_layer": \(other)}},
        {"class_name": "TimeDistributed", "config": {"name": "td", "layer": \(inner)}},
        {"class_name": "RNN", "config": {"name": "rnn", "cell": [\(inner), \(other)]}}]}}
      """, .three)
    let held = try #require(graph).layers.map { layer -> [String] in
      guard case .wrapper(let held) = layer.content else { return [] }
      return held.map { "\($0.attribute): \($0.layers.map(\.name).joined(separator: " "))" }
    }
    #expect(held[0] == ["forward_layer: l", "backward_layer: backward_l"])
    #expect(held[1] == ["forward_layer: l", "backward_layer: g"])
    #expect(held[2] == ["layer: l"])
    #expect(held[3] == ["cells: l g"])
  }

  @Test func twinsAreNoticedByBytes() throws {
    let (_, twins) = try read(sequential("m", dense("d", 1), dense("d", 2)).text(), .three)
    #expect(twins.hasTwins)
    #expect(twins.problems.first?.description.contains("duplicate") == true)
    let (graph, spellings) = try read(
      sequential("m", dense("\u{e9}", 1), dense("e\u{301}", 2)).text(), .three)
    #expect(!spellings.hasTwins)
    #expect(graph?.layer(named: Name("e\u{301}"))?.config["units"] == 2)
  }

  @Test(arguments: ["null", "[1, 2]", "3", "{}", #"{"class_name": 3}"#])
  func whatIsNoConfiguration(text: String) throws {
    let (graph, reader) = try read(text, .two)
    #expect(graph == nil)
    #expect(reader.problems.first?.kind == .badConfiguration)
  }

  @Test func unknownClasses() throws {
    let (system, reader) = try read(
      #"{"class_name": "system", "module": "os", "config": {"layers": []}}"#, .three)
    #expect(system != nil)
    #expect(reader.notes.contains { $0.contains("system") && $0.contains("unknown") })
    let (none, other) = try read(#"{"class_name": "MyModel", "config": {"width": 3}}"#, .three)
    #expect(none == nil && other.problems.isEmpty)
    #expect(other.notes.contains { $0.contains("MyModel") })
  }

  /// `keras.Model({"zeta": a, "alpha": b}, …)`: its inputs are in the order of the keys.
  @Test func dictionariesComeInTheOrderOfTheirKeys() throws {
    let (graph, _) = try read(
      """
      {"class_name": "Functional", "config": {"name": "m", "layers": [
        {"name": "zeta", "class_name": "InputLayer", "config": {"name": "zeta"}, "inbound_nodes": []},
        {"name": "alpha", "class_name": "InputLayer", "config": {"name": "alpha"}, "inbound_nodes": []}],
        "input_layers": {"zeta": ["zeta", 0, 0], "alpha": ["alpha", 0, 0]},
        "output_layers": {"b": ["zeta", 0, 0], "a": ["alpha", 0, 0]}}}
      """, .three)
    let found = try #require(graph)
    #expect(found.inputs.tensors.map(\.layer) == ["alpha", "zeta"])
    #expect(found.outputs.tensors.map(\.layer) == ["alpha", "zeta"])
  }

  @Test(
    arguments: [
      (#""module": "keras.layers", "registered_name": null"#, false),
      (#""module": "keras.src.ops.numpy", "registered_name": "Dense""#, false),
      (#""name": "x""#, false), (#""module": null, "registered_name": "Dense""#, true),
      (#""module": null, "registered_name": "me>Dense""#, true),
      (#""module": "mine.layers", "registered_name": "Dense""#, true),
    ])
  func classesThatAreNotKerassOwn(fields: String, isForeign: Bool) throws {
    let (graph, _) = try read(
      """
      {"class_name": "Sequential", "config": {"name": "s", "layers": [
        {"class_name": "Dense", "config": {"name": "d"}, \(fields)}]}}
      """, .three)
    #expect(graph?.layers.first?.isForeign == isForeign)
  }

  @Test func sequentialOfKeras1ThatBeginsWithAMerge() throws {
    let (graph, reader) = try read(
      """
      {"class_name": "Sequential", "config": [
        {"class_name": "Merge", "config": {"name": "merge_1", "mode": "sum", "layers": [
          {"class_name": "Sequential", "config": [
            {"class_name": "Dense", "config": {"name": "dense_1", "batch_input_shape": [null, 3]}}]},
          {"class_name": "Dense", "config": {"name": "dense_2", "batch_input_shape": [null, 5]}}]}},
        {"class_name": "Dense", "config": {"name": "dense_3", "output_dim": 2}}]}
      """, .one)
    let found = try #require(graph)
    #expect(reader.problems.isEmpty && !found.isSequential)
    #expect(found.inputs.tensors.map(\.layer) == ["dense_1_input", "dense_2_input"])
    #expect(
      found.layer(named: "dense_2_input")?.config["batch_input_shape"] == .array([nil, 5]))
    #expect(taken(found, "merge_1") == [["dense_1 0 0", "dense_2 0 0"]])
    #expect(taken(found, "dense_3") == [["merge_1 0 0"]])
    #expect(found.outputs.tensors.map(\.layer) == ["dense_3"])
  }
}
