import Documents
import JSON
import Testing

@testable import Keras

struct TreeReaderTests {
  func file(_ variables: [(String, Dataset)]) -> DraftDocument {
    var draft = DraftDocument()
    draft.group("vars")
    for (path, dataset) in variables { draft.add(dataset, at: path) }
    return draft
  }

  let twoLayers: [(String, Dataset)] = [
    ("layers/dense/vars/0", numbers(8, 6)), ("layers/dense/vars/1", numbers(6)),
    ("layers/dense_1/vars/0", numbers(6, 3)), ("layers/dense_1/vars/1", numbers(3)),
  ]

  @Test func groupsAreNamedByClassAndLayersByConfiguration() throws {
    let found = try readModel(file(twoLayers).document().container, config: twoDense)
    #expect(found.tensors.map(\.name) == ["d1/kernel", "d1/bias", "d2/kernel", "d2/bias"])
    #expect(found.tensors.map(\.path) == twoLayers.map(\.0))
    #expect(found.problems.isEmpty && found.notes.isEmpty)
  }

  @Test func withoutConfigurationClassesAreGuessed() throws {
    let found = try readModel(
      file(
        twoLayers + [
          ("layers/batch_normalization/vars/0", numbers(3)),
          ("layers/batch_normalization/vars/1", numbers(3)),
          ("layers/batch_normalization/vars/2", numbers(3)),
          ("layers/batch_normalization/vars/3", numbers(3)),
          ("layers/bidirectional/backward_layer/cell/vars/0", numbers(4, 12)),
          ("layers/bidirectional/backward_layer/cell/vars/1", numbers(3, 12)),
          ("layers/bidirectional/backward_layer/cell/vars/2", numbers(12)),
          ("layers/embedding/vars/0", numbers(11, 4)),
          ("layers/functional/layers/multi_head_attention/query_dense/vars/0", numbers(6, 2, 3)),
          ("layers/functional/layers/multi_head_attention/query_dense/vars/1", numbers(2, 3)),
          ("layers/my_layer/vars/0", numbers(4, 4)), ("optimizer/vars/0", numbers()),
          ("optimizer/vars/1", numbers(8, 6)),
        ]
      ).document().container)
    let byName = Dictionary(uniqueKeysWithValues: found.tensors.map { ($0.name, $0) })
    #expect(byName["dense_1/kernel"]?.isPrunable == true)
    #expect(byName["batch_normalization/moving_variance"]?.role == .movingVariance)
    #expect(byName["bidirectional/backward/recurrent_kernel"]?.isPrunable == true)
    #expect(byName["bidirectional/backward/bias"]?.isPrunable == false)
    #expect(byName["embedding/embeddings"]?.isPrunable == true)
    #expect(byName["functional/multi_head_attention/query/kernel"]?.ownerClass == "EinsumDense")
    #expect(byName["functional/multi_head_attention/query/bias"]?.role == .bias)
    #expect(
      byName["my_layer/kernel"]?.isPrunable == true && byName["my_layer/kernel"]?.layerClass == nil)
    #expect(found.tensors.suffix(2).map(\.name) == ["optimizer/0", "optimizer/1"])
    #expect(found.tensors.suffix(2).allSatisfy { $0.role == .optimizer })
  }

  @Test func numbersOrderAsNumbers() throws {
    let variables = (0..<12).map { ("layers/many_vars/vars/\($0)", numbers(2, first: Float($0))) }
    let config = sequential("m", input(2), layer("ManyVars", "mine"))
    let found = try readModel(file(variables).document().container, config: config)
    #expect(found.tensors.map(\.name) == (0..<12).map { "mine/\($0)" })
    #expect(found.tensors.allSatisfy { $0.layerClass == "ManyVars" && !$0.isPrunable })
  }

  @Test func whatIsMissingIsAProblem() throws {
    func problems(_ variables: [(String, Dataset)]) throws -> [String] {
      try readModel(file(variables).document().container, config: twoDense).problems.map(
        \.description)
    }
    #expect(try problems(Array(twoLayers.dropLast())).first?.contains("missing") == true)
    #expect(try problems(Array(twoLayers.dropLast(2))).first?.contains("missing") == true)
    #expect(
      try problems(twoLayers + [("layers/dense/vars/2", numbers(1))]).first?.contains(
        "expects 2 variables") == true)
    let gap = twoLayers.map { ($0.0 == "layers/dense/vars/1" ? "layers/dense/vars/2" : $0.0, $0.1) }
    #expect(try problems(gap).first?.contains("vars has '2'") == true)
    #expect(
      try problems([("layers/dense/vars/0", numbers(8, 7))] + twoLayers.dropFirst()).first?
        .contains("shape") == true)
  }

  /// A layer that two nested models share is written at the first place alone.
  @Test func sharedLayersAreWrittenOnce() throws {
    func inner(_ name: String) -> JSON.Value { sequential(name, input(4), dense("tied", 4)) }
    let config = sequential("m", input(4), inner("m1"), inner("m2"))
    let variables = [
      ("layers/sequential/layers/dense/vars/0", numbers(4, 4)),
      ("layers/sequential/layers/dense/vars/1", numbers(4)),
    ]
    let found = try readModel(file(variables).document().container, config: config)
    #expect(found.problems.isEmpty)
    #expect(found.tensors.map(\.name) == ["m1/tied/kernel", "m1/tied/bias"])
  }

  @Test func wrappedKernelsThatLieTwiceAreOne() throws {
    let inner: JSON.Value = ["class_name": "Dense", "config": ["name": "d", "units": 3]]
    let config = sequential("m", input(4), layer("SpectralNormalization", "sn", ["layer": inner]))
    let group = "layers/spectral_normalization"
    let variables = [
      ("\(group)/layer/vars/0", numbers(4, 3)), ("\(group)/layer/vars/1", numbers(3)),
      ("\(group)/vars/0", numbers(4, 3)),
      ("\(group)/vars/1", numbers(1, 3)),
    ]
    let found = try readModel(file(variables).document().container, config: config)
    #expect(found.problems.isEmpty)
    #expect(
      found.tensors.map(\.name) == ["sn/kernel_alias", "sn/vector_u", "sn/kernel", "sn/bias"])
    #expect(found.tensors.map(\.copyOf) == [2, nil, nil, nil])
    #expect(found.tensors.map(\.isPrunable) == [false, false, true, false])
  }

  @Test func listsOfKeras213AndPrivateAttributes() throws {
    let config = sequential(
      "m", input(4, 8),
      layer(
        "GroupQueryAttention", "g",
        ["head_dim": 4, "num_query_heads": 2, "num_key_value_heads": 1, "use_bias": false]))
    let group = "_layer_checkpoint_dependencies/grouped_query_attention"
    let variables = [
      ("query", numbers(8, 2, 4)), ("key", numbers(8, 1, 4)), ("value", numbers(8, 1, 4)),
      ("output", numbers(2, 4, 8)),
    ]
    .map { ("\(group)/_\($0.0)_dense/vars/0", $0.1) }
    let found = try readModel(file(variables).document().container, config: config)
    #expect(found.problems.isEmpty)
    #expect(
      found.tensors.map(\.name) == [
        "g/query/kernel", "g/key/kernel", "g/value/kernel", "g/attention_output/kernel",
      ])
  }
}
