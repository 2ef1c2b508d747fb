import JSON
import Testing

@testable import Keras
@testable import Network

/// Calls as Keras 2.15 writes them for functions of TensorFlow.
struct TensorFlowOperationTests {
  func trial(
    _ function: String, _ arguments: [Invocation.Bound] = [.value(0)], _ keywords: String = "{}"
  ) throws -> LayerTrial {
    let given = try JSON.parse(keywords).objectValue ?? JSON.Object()
    return LayerTrial(
      className: function.contains("getitem") ? "SlicingOpLambda" : "TFOpLambda",
      config: "{\"name\": \"op\", \"trainable\": true, \"function\": \"\(function)\"}", age: .two,
      module: nil, arguments: arguments, keywords: given.members.map { ($0, .constant($1)) })
  }

  let matrix: LayerTrial.Array = ([1, 2, 3], [1, 2, 3, 4, 5, 6])

  @Test(
    arguments: [
      ("__operators__.add", #"{"y": 1, "name": null}"#, [2, 3, 4, 5, 6, 7]),
      ("math.reduce_sum", #"{"axis": [1, 2], "keepdims": true}"#, [21]),
      (
        "compat.v1.transpose", #"{"perm": [0, 2, 1], "name": "t", "conjugate": false}"#,
        [1, 4, 2, 5, 3, 6]
      ),
      (
        "__operators__.getitem",
        #"{"slice_spec": [{"start": null, "stop": null, "step": null}, 1]}"#, [4, 5, 6]
      ),
      ("nn.gelu", "{}", [0.8413447, 1.9545, 2.99595, 3.999873, 4.999999, 6]),
      (
        "math.l2_normalize", #"{"axis": -1}"#,
        [0.2672612, 0.5345225, 0.8017837, 0.4558423, 0.5698029, 0.6837635]
      ),
      ("split", #"{"num_or_size_splits": [1, 2], "axis": -1}"#, [1, 4]),
      (
        "compat.v1.pad",
        #"{"paddings": [[0, 0], [1, 0], [0, 0]], "mode": "CONSTANT", "constant_values": 0}"#,
        [0, 0, 0, 1, 2, 3, 4, 5, 6]
      ),
      ("math.argmax", #"{"axis": 1}"#, [1, 1, 1]),
      ("one_hot", #"{"depth": 2}"#, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ] as [(String, String, [Float])])
  func functions(name: String, keywords: String, expected: [Float]) throws {
    let found = try trial(name, [.value(0)], keywords).outputs([matrix])[0]
    #expect(agree(found.values, expected))
  }

  @Test func constantsComeFirstToo() throws {
    let one = JSON.Value.array(["_CONSTANT_VALUE", -1, 1.0, [:]])
    var trial = try trial("math.subtract", [.constant(one)])
    trial.keywords = [("y", .value(0))]
    #expect(try trial.outputs([matrix])[0].values == [0, -1, -2, -3, -4, -5])
  }

  @Test func listsStandOneBesideAnother() throws {
    let trial = try trial("concat", [.value(0), .value(0)], #"{"axis": 1}"#)
    #expect(
      try trial.outputs([matrix])[0].values == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6])
  }

  @Test(
    arguments: [
      ("math.nothing", "{}"), ("reshape", #"{"shape": [6]}"#), ("math.reduce_sum", "{}"),
      ("math.cumsum", #"{"axis": 1, "reverse": true}"#), ("math.argmax", "{}"),
      ("nn.relu", #"{"more": 1}"#),
    ])
  func whatIsNotSupported(name: String, keywords: String) throws {
    let trial = try trial(name, [.value(0)], keywords)
    #expect { try trial.outputs([matrix]) } throws: { ($0 as? LayerFault)?.kind == .unsupported }
  }

  /// `tf.reshape(x, [tf.shape(x)[0], tf.shape(x)[2], 2])`: sizes are known before anything runs.
  @Test func shapesAreSizes() throws {
    var plan = Plan()
    func add(
      _ function: String, _ arguments: [Invocation.Bound], _ keywords: String, _ inputs: [Int]
    ) throws -> Int {
      let trial = try trial(function, arguments, keywords)
      let layer = LayerGraph.Layer(
        name: "op", isNamed: true, className: trial.className, module: nil, registeredName: nil,
        config: try JSON.parse(trial.config).objectValue ?? JSON.Object(), calls: [],
        content: .plain)
      let made = try TensorFlowOperation(
        Definition(
          layer: layer, settings: LayerReading(layer, age: .two), variables: [:], held: []))
      return try plan.add(
        made, name: "op", className: "TFOpLambda",
        Invocation(arguments: trial.arguments ?? [], keywords: trial.keywords), inputs: inputs,
        rowsPerSample: 1)[0]
    }
    let x = plan.add([2, 3], rowsPerSample: 1, kind: .input(0))
    let shape = try add("compat.v1.shape", [.value(0)], #"{"out_type": "int32"}"#, [x])
    #expect(plan.values[shape].sizes == .list([nil, 2, 3]))
    let key = "__operators__.getitem"
    let batch = try add(key, [.value(0)], #"{"slice_spec": 0}"#, [shape])
    let last = try add(key, [.value(0)], #"{"slice_spec": -1}"#, [shape])
    let rest = try add(key, [.value(0)], #"{"slice_spec": [{"start": 1}]}"#, [shape])
    #expect(plan.values[batch].sizes == .one(nil))
    #expect(plan.values[last].sizes == .one(3))
    #expect(plan.values[rest].sizes == .list([2, 3]))
    let reshaped = try add(
      "reshape", [.value(0), .list([.value(1), .value(2), .constant(2)])], "{}", [x, batch, last])
    #expect(plan.values[reshaped].shape == [3, 2])
    // What is computed with sizes is not followed.
    #expect(throws: LayerFault.self) {
      try add("math.multiply", [.value(0), .constant(2)], "{}", [last])
    }
    #expect(throws: LayerFault.self) { try add(key, [.value(0)], #"{"slice_spec": 3}"#, [shape]) }
  }
}
