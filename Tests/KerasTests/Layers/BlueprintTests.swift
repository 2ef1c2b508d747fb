import Documents
import Foundation
import JSON
import Synchronization
import Testing

@testable import Keras

struct BlueprintTests {
  func blueprint(_ config: JSON.Value, _ age: KerasAge = .three) throws -> Blueprint {
    var reader = GraphReader(age: age)
    let graph = reader.graph(of: config)
    return Blueprint(of: try #require(graph), age: age)
  }

  /// `groups/group: name shape` of every variable.
  func variables(_ config: JSON.Value, _ age: KerasAge = .three) throws -> [String] {
    try blueprint(config, age).leaves.flatMap { leaf in
      (leaf.slots ?? []).map { slot in
        let groups = leaf.groups + (slot.group.isEmpty ? [] : [slot.group])
        return "\(groups.joined(separator: "/")): \(leaf.name(of: slot)) \(slot.shape)"
      }
    }
  }

  func legacyOrder(_ entry: Blueprint.Entry) -> [String] {
    entry.legacyOrder.map { entry.leaves[$0.leaf].name(of: entry.leaves[$0.leaf].slots![$0.slot]) }
  }

  @Test func shapesFollowTheChain() throws {
    let config = sequential(
      "m", input(28, 28, 1),
      layer(
        "Conv2D", "c",
        ["filters": 4, "kernel_size": [3, 3], "padding": "same", "strides": [2, 2]]),
      layer("BatchNormalization", "bn", ["axis": -1]),
      layer("MaxPooling2D", "p", ["pool_size": [2, 2]]),
      layer("Flatten", "f"), dense("d", 10, ["use_bias": false]))
    #expect(
      try variables(config) == [
        "layers/conv2d: c/kernel (3, 3, 1, 4)", "layers/conv2d: c/bias (4,)",
        "layers/batch_normalization: bn/gamma (4,)", "layers/batch_normalization: bn/beta (4,)",
        "layers/batch_normalization: bn/moving_mean (4,)",
        "layers/batch_normalization: bn/moving_variance (4,)",
        "layers/dense: d/kernel (196, 10)",
      ])
  }

  /// One layer after an input: its variables with their shapes.
  func alone(_ className: String, _ config: JSON.Value, on shape: Int?..., age: KerasAge = .three)
    throws -> [String]
  {
    let whole: JSON.Value = [
      "class_name": "Sequential",
      "config": [
        "layers": [
          layer(
            "InputLayer", "x",
            ["batch_shape": .array(([nil] + shape).map { $0.map { .integer($0) } ?? .null })]),
          layer(className, "l", config),
        ]
      ],
    ]
    return try blueprint(whole, age).leaves.flatMap { leaf in
      (leaf.slots ?? []).map { slot in
        "\(slot.group.isEmpty ? "" : slot.group + " ")\([leaf.inside, slot.name].compactMap(\.self).joined(separator: "/")) \(slot.shape)"
      }
    }
  }

  /// The table of keras-files.md, section 6.
  @Test func everyFamily() throws {
    #expect(
      try alone("Conv1D", ["filters": 6, "kernel_size": [3], "groups": 2], on: 9, 4) == [
        "kernel (3, 2, 6)", "bias (6,)",
      ])
    #expect(
      try alone(
        "Conv2D", ["filters": 4, "kernel_size": 3, "data_format": "channels_first"], on: 3, 7, 8)
        == ["kernel (3, 3, 3, 4)", "bias (4,)"])
    #expect(
      try alone("Conv2DTranspose", ["filters": 2, "kernel_size": [3, 2]], on: 4, 5, 3) == [
        "kernel (3, 2, 2, 3)", "bias (2,)",
      ])
    #expect(
      try alone("DepthwiseConv2D", ["kernel_size": [3, 3], "depth_multiplier": 2], on: 6, 7, 3)
        == ["kernel (3, 3, 3, 2)", "bias (6,)"])
    #expect(
      try alone(
        "DepthwiseConv2D", ["kernel_size": [3, 3], "depth_multiplier": 2], on: 6, 7, 3, age: .two)[
          0]
        == "depthwise_kernel (3, 3, 3, 2)")
    #expect(
      try alone(
        "SeparableConv2D", ["filters": 4, "kernel_size": [3, 3], "depth_multiplier": 2], on: 6, 7, 3
      )
        == ["depthwise_kernel (3, 3, 3, 2)", "pointwise_kernel (1, 1, 6, 4)", "bias (4,)"])
    #expect(
      try alone(
        "EinsumDense", ["equation": "abc,cd->abd", "output_shape": [nil, 6], "bias_axes": "d"],
        on: 4, 5)
        == ["kernel (5, 6)", "bias (6,)"])
    #expect(
      try alone(
        "EinsumDense", ["equation": "abc,bcd->abd", "output_shape": [4, 6], "bias_axes": "bd"],
        on: 4, 5)
        == ["kernel (4, 5, 6)", "bias (4, 6)"])
    #expect(
      try alone("Embedding", ["input_dim": 11, "output_dim": 4], on: 5) == ["embeddings (11, 4)"])
    #expect(
      try alone("LayerNormalization", ["axis": [2, 3]], on: 4, 5, 6) == [
        "gamma (5, 6)", "beta (5, 6)",
      ])
    #expect(
      try alone("BatchNormalization", ["axis": 1, "scale": false], on: 3, 5, 5)
        == ["beta (3,)", "moving_mean (3,)", "moving_variance (3,)"])
    #expect(
      try alone("GroupNormalization", ["axis": -1, "center": false], on: 4, 4, 6) == ["gamma (6,)"])
    #expect(try alone("RMSNormalization", ["axis": -1], on: 4, 6) == ["scale (6,)"])
    #expect(try alone("PReLU", ["shared_axes": [1, 2]], on: 4, 5, 3) == ["alpha (1, 1, 3)"])
    #expect(
      try alone("Normalization", ["axis": [-1]], on: 4) == [
        "mean (4,)", "variance (4,)", "count ()",
      ])
    #expect(try alone("Normalization", ["axis": [-1], "mean": [1], "variance": [1]], on: 4) == [])
    #expect(
      try alone("LSTM", ["units": 3], on: 5, 4) == [
        "cell kernel (4, 12)", "cell recurrent_kernel (3, 12)", "cell bias (12,)",
      ])
    #expect(
      try alone("GRU", ["units": 3, "reset_after": true], on: 5, 4)
        == ["cell kernel (4, 9)", "cell recurrent_kernel (3, 9)", "cell bias (2, 9)"])
    #expect(try alone("GRU", ["units": 3], on: 5, 4, age: .two).last == "cell bias (9,)")
    #expect(
      try alone("SimpleRNN", ["units": 3, "use_bias": false], on: 5, 4) == [
        "cell kernel (4, 3)", "cell recurrent_kernel (3, 3)",
      ])
    #expect(
      try alone("ConvLSTM2D", ["filters": 2, "kernel_size": [3, 3]], on: 3, 5, 5, 2)
        == ["cell kernel (3, 3, 2, 8)", "cell recurrent_kernel (3, 3, 2, 8)", "cell bias (8,)"])
    #expect(try alone("AdditiveAttention", [:], on: 4, 6) == ["scale (6,)"])
    #expect(try alone("Attention", ["use_scale": true], on: 4, 6) == ["scale ()"])
    #expect(try alone("Dropout", ["rate": 0.5], on: 4) == [])
    let rnn: JSON.Value = [
      "class_name": "GRU", "config": ["name": "g", "units": 3, "reset_after": false],
    ]
    #expect(
      try alone("Bidirectional", ["layer": rnn, "merge_mode": "concat"], on: 5, 4)
        == [
          "cell forward/kernel (4, 9)", "cell forward/recurrent_kernel (3, 9)",
          "cell forward/bias (9,)",
          "cell backward/kernel (4, 9)", "cell backward/recurrent_kernel (3, 9)",
          "cell backward/bias (9,)",
        ])
    let inner: JSON.Value = ["class_name": "Dense", "config": ["name": "d", "units": 3]]
    #expect(
      try alone("TimeDistributed", ["layer": inner], on: 4, 5) == ["kernel (5, 3)", "bias (3,)"])
    let cells: JSON.Value = [
      ["class_name": "LSTMCell", "config": ["name": "a", "units": 3]],
      ["class_name": "GRUCell", "config": ["name": "b", "units": 2, "reset_after": true]],
    ]
    #expect(
      try alone("RNN", ["cell": cells], on: 5, 4).map { String($0.prefix { $0 != "(" }) }
        == [
          "cell_0/kernel ", "cell_0/recurrent_kernel ", "cell_0/bias ", "cell_1/kernel ",
          "cell_1/recurrent_kernel ", "cell_1/bias ",
        ])
  }

  @Test func attentionProjections() throws {
    let config = functional(
      "m", inputs: ["q", "v"], outputs: ["a"], node(input(4, 6, name: "q")),
      node(input(5, 7, name: "v")),
      node(
        layer(
          "MultiHeadAttention", "a",
          ["num_heads": 3, "key_dim": 2, "value_dim": 4, "output_shape": [5]]), on: ["q", "v"]))
    #expect(
      try variables(config)
        == [
          "query_dense: a/query/kernel (6, 3, 2)", "query_dense: a/query/bias (3, 2)",
          "key_dense: a/key/kernel (7, 3, 2)", "key_dense: a/key/bias (3, 2)",
          "value_dense: a/value/kernel (7, 3, 4)", "value_dense: a/value/bias (3, 4)",
          "output_dense: a/attention_output/kernel (3, 4, 5)",
          "output_dense: a/attention_output/bias (5,)",
        ].map { "layers/multi_head_attention/" + $0 })
  }

  @Test func recurrentOfKeras1KeepsAMatrixAGate() throws {
    let lstm = try alone("LSTM", ["output_dim": 3, "consume_less": "cpu"], on: 5, 4, age: .one)
    #expect(lstm.count == 12)
    #expect(
      Array(lstm[..<4]) == [
        "kernel_i (4, 3)", "recurrent_kernel_i (3, 3)", "bias_i (3,)", "kernel_c (4, 3)",
      ])
    #expect(try alone("GRU", ["output_dim": 3], on: 5, 4, age: .one).count == 9)
    #expect(
      try alone("LSTM", ["output_dim": 3, "consume_less": "gpu"], on: 5, 4, age: .one).count == 3)
    #expect(
      try alone("Convolution1D", ["nb_filter": 4, "filter_length": 3], on: 9, 2, age: .one) == [
        "kernel (3, 1, 2, 4)", "bias (4,)",
      ])
    #expect(
      try alone(
        "Convolution2D",
        ["nb_filter": 4, "nb_row": 3, "nb_col": 2, "dim_ordering": "th", "bias": false], on: 2, 9,
        9, age: .one)
        == ["kernel (4, 2, 3, 2)"])
  }

  /// BatchNormalization inside a nested model is torn apart (keras-files.md, section 2).
  @Test func legacyOrderOfANestedModel() throws {
    let inner = functional(
      "inner", inputs: ["i"], outputs: ["d2"], node(input(5, name: "i")),
      node(dense("d1", 4), on: ["i"]),
      node(layer("BatchNormalization", "bn", ["axis": -1]), on: ["d1"]),
      node(dense("d2", 3), on: ["bn"]))
    let whole = sequential("m", input(5), inner, dense("top", 2))
    let plan = try blueprint(whole)
    #expect(plan.entries.map(\.name) == ["x", "inner", "top"])
    #expect(
      legacyOrder(plan.entries[1]) == [
        "inner/d1/kernel", "inner/d1/bias", "inner/bn/gamma", "inner/bn/beta", "inner/d2/kernel",
        "inner/d2/bias",
        "inner/bn/moving_mean", "inner/bn/moving_variance",
      ])
    #expect(
      plan.entries[1].leaves.map { $0.groups.joined(separator: "/") }.last
        == "layers/functional/layers/dense_1")
  }

  /// Freezing an inner layer moves its tensors to the end.
  @Test func legacyOrderOfFrozenLayers() throws {
    let inner = sequential("inner", input(5), dense("d1", 4, ["trainable": false]), dense("d2", 3))
    let plan = try blueprint(sequential("m", input(5), inner))
    #expect(
      legacyOrder(plan.entries[1]) == [
        "inner/d2/kernel", "inner/d2/bias", "inner/d1/kernel", "inner/d1/bias",
      ])
    let alone = try blueprint(
      sequential(
        "m", input(5), layer("BatchNormalization", "bn", ["trainable": false, "axis": -1])))
    #expect(
      legacyOrder(alone.entries[1]) == [
        "bn/gamma", "bn/beta", "bn/moving_mean", "bn/moving_variance",
      ])
  }

  /// The wrapped kernel that Keras 3 files hold twice is once in legacy files.
  @Test func spectralNormalization() throws {
    let inner: JSON.Value = ["class_name": "Dense", "config": ["name": "d", "units": 3]]
    let plan = try blueprint(
      sequential("m", input(5), layer("SpectralNormalization", "sn", ["layer": inner])))
    #expect(legacyOrder(plan.entries[1]) == ["sn/kernel", "sn/bias", "sn/vector_u"])
  }

  @Test func sharedLayersTakeTheShapeOfTheirFirstCall() throws {
    let config = functional(
      "m", inputs: ["a", "b"], outputs: ["last"], node(input(5, name: "a")),
      node(input(5, name: "b")),
      node(dense("shared", 4), on: ["a"], ["b"]),
      node(layer("Concatenate", "cat", ["axis": -1]), on: ["shared", "shared"]),
      node(dense("last", 2), on: ["cat"]))
    let kernels = try variables(config).filter { $0.contains("kernel") }
    #expect(
      kernels == ["layers/dense: shared/kernel (5, 4)", "layers/dense_1: last/kernel (8, 2)"])
  }

  @Test(arguments: ["0", "-3", "2.5", "true", "\"six\"", "1e400", "4611686018427387904"])
  func impossibleSettings(value: String) throws {
    let units = try JSON.parse(value)
    let plan = try blueprint(sequential("m", input(8), layer("Dense", "d1", ["units": units])))
    #expect(plan.problems.map(\.kind) == [.badConfiguration])
    #expect(plan.problems.first?.description.contains("units") == true)
  }

  @Test func notesOnWhatCannotRun() throws {
    let plan = try blueprint(
      sequential(
        "m", input(8), layer("MyDense", "a", ["units": 3]), layer("Lambda", "b"),
        dense("c", 3, ["activation": "warp"]),
        dense("d", 3, ["activation": "gelu"])))
    #expect(plan.problems.isEmpty)
    #expect(plan.notes.count == 3)
    for word in ["MyDense", "Lambda", "warp"] { #expect(plan.notes.contains { $0.contains(word) }) }
    #expect(!plan.entries[1].isComplete && plan.entries[3].isComplete)
  }

  /// Models inside one another, as deep as a configuration may be nested, on the stack of a thread
  /// of half a megabyte; each model is planned once.
  @Test func deepNestingFitsAThread() throws {
    var model = sequential("m0", input(4), dense("d", 4))
    for i in 1..<52 { model = sequential("m\(i)", input(4), model) }
    let text = model.bytes()
    #expect(throws: JSONError.self) {
      try JSON.parse(
        sequential("one more", input(4), sequential("m52", input(4), model)).bytes(),
        options: .configuration)
    }
    let file = legacyFile(nil, [("m50", [("k", numbers(4, 4)), ("b", numbers(4))])])
    let done = DispatchSemaphore(value: 0)
    let result = Mutex<Result<Model, any Error>?>(nil)
    let thread = Thread {
      let found = Result {
        try readModel(
          file.document().container, config: JSON.parse(text, options: .configuration),
          version: "3.9.0")
      }
      result.withLock { $0 = found }
      done.signal()
    }
    thread.stackSize = 512 << 10
    thread.start()
    done.wait()
    let found = try #require(try result.withLock { $0 }?.get())
    #expect(found.problems.isEmpty, "\(found.problems)")
    #expect(found.tensors[0].role == .kernel)
    #expect(found.topology?.kernels.count == 1)
  }

  /// Numbers of any size, signs and types anywhere in a configuration do not stop the program.
  @Test func absurdSettingsAreSurvived() throws {
    let absurd: [JSON.Value] = [
      -1, 0, .integer(.max), .integer(.min), 2.5, .double(.infinity), .double(.nan), nil, true, "x",
      [], [1], [.integer(.max), .integer(.max)],
      [-1, -1, -1], [[1, 2], [.integer(.max), 3]], [:],
      ["class_name": "__tuple__", "items": [.integer(.max), 2]],
    ]
    let keys = [
      "axis", "batch_shape", "cropping", "data_format", "depth_multiplier", "dilation_rate", "dims",
      "equation", "filters",
      "groups", "head_dim", "input_dim", "kernel_size", "key_dim", "layer", "layers", "n", "nb_row",
      "num_heads", "output_dim",
      "output_padding", "output_shape", "padding", "pool_size", "shared_axes", "size", "strides",
      "target_shape", "units", "value_dim",
      "use_bias", "merge_mode", "cell", "activation", "dtype", "name", "trainable", "bias_axes",
      "num_query_heads", "concat_axis",
    ]
    let shapes: [JSON.Value] = [
      [nil, 4], [nil, 4, 4, 3], [nil, 5, 4], [], [nil], [nil, .integer(.max), .integer(.max), 2],
      [nil, 2_147_483_647, 2_147_483_647, 2],
    ]
    for className in LayerCatalogue.kinds.keys.sorted() {
      for (i, shape) in shapes.enumerated() {
        for (j, value) in absurd.enumerated() {
          // All at once, and each setting by itself where the shape is an ordinary one.
          var all = JSON.Object(keys.map { ($0, value) })
          all["name"] = "l"
          _ = try blueprint(
            sequential(
              "m", layer("InputLayer", "x", ["batch_shape": shape]), layer(className, "l", all)),
            j % 2 == 0 ? .three : .one)
          guard i == 1, j < 2 else { continue }
          for key in keys where key != "name" {
            _ = try blueprint(
              sequential(
                "m", layer("InputLayer", "x", ["batch_shape": shape]),
                layer(className, "l", [key: value])), .three)
          }
        }
      }
    }
  }
}
