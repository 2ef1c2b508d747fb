import Documents
import JSON
import Testing

@testable import Keras

struct TopologyTests {
  /// The model of a Functional whose kernels and normalisations have the given shapes.
  func model(_ config: JSON.Value, _ shapes: [(layer: String, shapes: [[Int]])]) throws -> Model {
    let file = legacyFile(
      config,
      shapes.map { layer, shapes in
        (
          layer,
          shapes.enumerated().map { i, shape in
            var dataset = numbers(1)
            dataset.space = .simple(shape)
            dataset.value = .unwritten
            return ("\(layer)/\(i)", dataset)
          }
        )
      })
    let model = try readModel(file.document().container)
    #expect(model.problems.isEmpty, "\(model.problems)")
    return model
  }

  func words(_ model: Model, _ kernel: String) -> String? {
    guard let place = model.tensors.firstIndex(where: { $0.name == kernel }),
      let found = model.topology?.kernels[place]
    else { return nil }
    func list(_ neighbours: [Topology.Neighbour]) -> String {
      neighbours.map { n in
        let norms = n.normalisations.map {
          "*\(model.tensors[$0.variance].layer ?? "")+\($0.offset)"
        }.joined()
        return
          "\(model.tensors[n.tensor].layer ?? "")@\(n.offset)/\(n.stride)x\(n.positions)\(norms)"
      }.joined(separator: " ")
    }
    return
      "\(list(found.before))\(found.hasIdentityBefore ? " +id" : "") > \(list(found.after))\(found.hasIdentityAfter ? " +id" : "")"
  }

  func conv(_ name: String, _ filters: Int, _ size: Int = 3, _ more: JSON.Value = [:]) -> JSON.Value
  {
    var config = more.objectValue ?? JSON.Object()
    config["filters"] = .integer(filters)
    config["kernel_size"] = [.integer(size), .integer(size)]
    config["padding"] = "same"
    config["use_bias"] = false
    return layer("Conv2D", name, config)
  }

  let norm: JSON.Value = ["axis": -1, "scale": false, "center": false, "epsilon": 0.001]

  @Test func chainWithNormalisationPoolingAndFlatten() throws {
    let config = sequential(
      "m", input(8, 8, 1), conv("c1", 4), layer("BatchNormalization", "bn", norm),
      layer("ReLU", "r"),
      layer("MaxPooling2D", "p", ["pool_size": [2, 2]]), conv("c2", 5), layer("Flatten", "f"),
      layer("Dropout", "dr"), dense("d", 3, ["use_bias": false]))
    let found = try model(
      config,
      [("c1", [[3, 3, 1, 4]]), ("bn", [[4], [4]]), ("c2", [[3, 3, 4, 5]]), ("d", [[80, 3]])])
    #expect(words(found, "c1/kernel") == " > c2@0/0x1*bn+0")
    #expect(words(found, "c2/kernel") == "c1@0/0x1*bn+0 > d@0/5x16")
    #expect(words(found, "d/kernel") == "c2@0/5x16 > ")
    let kernel = try #require(found.topology?.kernels[0])
    #expect(kernel.inputs.axes == [2] && kernel.outputs.axes == [3] && kernel.groups == 1)
    let norm = try #require(kernel.after.first?.normalisations.first)
    #expect(
      norm.gamma == nil && found.tensors[norm.variance].role == .movingVariance
        && norm.epsilon == 0.001)
  }

  /// The skip connection of a residual block counts as an identity, a projection as a neighbour.
  @Test func residualBlocks() throws {
    let config = functional(
      "m", inputs: ["x"], outputs: ["d"], node(input(8, 8, 3)), node(conv("stem", 4), on: ["x"]),
      node(layer("ReLU", "r0"), on: ["stem"]), node(conv("a1", 4), on: ["r0"]),
      node(conv("a2", 4), on: ["a1"]),
      node(layer("Add", "add1"), on: ["r0", "a2"]), node(layer("ReLU", "r1"), on: ["add1"]),
      node(conv("b1", 6), on: ["r1"]), node(conv("b2", 6), on: ["b1"]),
      node(conv("proj", 6, 1), on: ["r1"]),
      node(layer("Add", "add2"), on: ["proj", "b2"]),
      node(layer("GlobalAveragePooling2D", "gap"), on: ["add2"]),
      node(dense("d", 3, ["use_bias": false]), on: ["gap"]))
    let found = try model(
      config,
      [
        ("stem", [[3, 3, 3, 4]]), ("a1", [[3, 3, 4, 4]]), ("a2", [[3, 3, 4, 4]]),
        ("b1", [[3, 3, 4, 6]]),
        ("b2", [[3, 3, 6, 6]]), ("proj", [[1, 1, 4, 6]]), ("d", [[6, 3]]),
      ])
    #expect(words(found, "stem/kernel") == " > a1@0/0x1 +id")
    #expect(words(found, "a1/kernel") == "stem@0/0x1 > a2@0/0x1")
    #expect(words(found, "a2/kernel") == "a1@0/0x1 > b1@0/0x1 proj@0/0x1")
    #expect(words(found, "b1/kernel") == "a2@0/0x1 +id > b2@0/0x1")
    #expect(words(found, "proj/kernel") == "a2@0/0x1 +id > d@0/0x1")
    #expect(words(found, "d/kernel")?.hasPrefix("b2@0/0x1 proj@0/0x1 >") == true)
  }

  @Test func concatenationShiftsChannels() throws {
    let config = functional(
      "m", inputs: ["x"], outputs: ["d"], node(input(4, 4, 2)), node(conv("a", 3), on: ["x"]),
      node(conv("b", 5), on: ["x"]),
      node(layer("Concatenate", "cat", ["axis": -1]), on: ["x", "a", "b"]),
      node(layer("BatchNormalization", "bn", norm), on: ["cat"]),
      node(layer("Flatten", "f"), on: ["bn"]),
      node(dense("d", 2, ["use_bias": false]), on: ["f"]))
    let found = try model(
      config,
      [("a", [[3, 3, 2, 3]]), ("b", [[3, 3, 2, 5]]), ("bn", [[10], [10]]), ("d", [[160, 2]])])
    #expect(words(found, "d/kernel") == "b@5/10x16*bn+5 a@2/10x16*bn+2 > ")
    #expect(words(found, "a/kernel") == " > d@2/10x16*bn+2")
  }

  @Test func separableTransposedDepthwiseAndGrouped() throws {
    let config = sequential(
      "m", input(6, 6, 2),
      layer(
        "SeparableConv2D", "s",
        [
          "filters": 4, "kernel_size": [3, 3], "padding": "same", "use_bias": false,
          "depth_multiplier": 2,
        ]),
      layer(
        "DepthwiseConv2D", "w", ["kernel_size": [3, 3], "padding": "same", "use_bias": false]),
      layer(
        "Conv2DTranspose", "t",
        ["filters": 6, "kernel_size": [2, 2], "strides": [2, 2], "use_bias": false]),
      conv("g", 8, 3, ["groups": 2]))
    let found = try model(
      config,
      [
        ("s", [[3, 3, 2, 2], [1, 1, 4, 4]]), ("w", [[3, 3, 4, 1]]), ("t", [[2, 2, 6, 4]]),
        ("g", [[3, 3, 3, 8]]),
      ])
    #expect(words(found, "s/depthwise_kernel") == " > s@0/0x1")
    #expect(words(found, "s/pointwise_kernel") == "s@0/0x1 > w@0/0x1")
    #expect(words(found, "w/kernel") == "s@0/0x1 > t@0/0x1")
    #expect(words(found, "t/kernel") == "w@0/0x1 > g@0/0x1")
    let kernels = try #require(found.topology).kernels
    #expect(kernels[2]?.outputs.axes == [2, 3] && kernels[2]?.inputs.axes == [2])
    #expect(kernels[3]?.inputs.axes == [3] && kernels[3]?.outputs.axes == [2])
    #expect(kernels[4]?.groups == 2)
  }

  @Test func nestedSharedAndRecurrent() throws {
    let inner = sequential(
      "inner", input(4), dense("d1", 5, ["use_bias": false]), layer("ReLU", "r"))
    let config = functional(
      "m", inputs: ["x", "y"], outputs: ["d2"], node(input(3, 4)), node(input(3, 4, name: "y")),
      node(inner, on: ["x"], ["y"]),
      node(layer("LSTM", "rnn", ["units": 2, "use_bias": false]), on: ["inner"]),
      node(dense("d2", 3, ["use_bias": false]), on: ["rnn"]))
    let found = try model(
      config, [("inner", [[4, 5]]), ("rnn", [[5, 8], [2, 8]]), ("d2", [[2, 3]])])
    #expect(words(found, "inner/d1/kernel") == " > rnn@0/0x1")
    #expect(words(found, "rnn/kernel") == "inner/d1@0/0x1 > d2@0/0x1")
    #expect(words(found, "rnn/recurrent_kernel") == nil)
    #expect(found.topology?.kernels[1]?.outputs.blocks == 4)
  }

  @Test func whatIsNotUnderstoodHasNoNeighbours() throws {
    let config = sequential(
      "m", input(4, 4), dense("a", 4, ["use_bias": false]),
      layer("Permute", "p", ["dims": [2, 1]]),
      dense("b", 4, ["use_bias": false]), layer("Reshape", "s", ["target_shape": [4, 4]]),
      dense("c", 4, ["use_bias": false]))
    let found = try model(config, [("a", [[4, 4]]), ("b", [[4, 4]]), ("c", [[4, 4]])])
    for kernel in ["a", "b", "c"] { #expect(words(found, "\(kernel)/kernel") == " > ") }
  }
}
