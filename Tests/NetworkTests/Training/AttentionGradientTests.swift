import JSON
import Testing

@testable import Network

/// Gradients of attention beside differences of its outputs.
struct AttentionGradientTests {
  private func multiHead(_ more: String, shared: Int = 2, isGated: Bool = false) -> LayerTrial {
    var variables = [
      "query/kernel": wave([3, 2, 2], seed: 1), "query/bias": wave([2, 2], seed: 2),
      "key/kernel": wave([3, shared, 2], seed: 3), "key/bias": wave([shared, 2], seed: 4),
      "value/kernel": wave([3, shared, 2], seed: 5), "value/bias": wave([shared, 2], seed: 6),
      "attention_output/kernel": wave([2, 2, 3], seed: 7),
      "attention_output/bias": wave([3], seed: 8),
    ]
    if isGated {
      variables["gate/kernel"] = wave([3, 2, 2], seed: 9)
      variables["gate/bias"] = wave([2, 2], seed: 10)
    }
    let isGrouped = shared != 2 || isGated
    let sizes =
      isGrouped
      ? #""num_query_heads": 2, "num_key_value_heads": \#(shared), "head_dim": 2"#
      : #""num_heads": 2, "key_dim": 2"#
    return LayerTrial(
      className: isGrouped ? "GroupQueryAttention" : "MultiHeadAttention",
      config: "{\(sizes)\(more)}", variables: variables)
  }

  /// Frozen: a bias of keys moves all scores of a query alike, so its gradient is nothing but the
  /// last digits of the others.
  private let idle: Set<String> = ["key/bias"]

  @Test func ofSeveralHeads() throws {
    let (query, value) = (wave([3, 2, 3]), wave([3, 4, 3], seed: 0.5))
    var trial = GradientTrial(trial: multiHead(""), frozen: idle)
    #expect(try trial.worst([query, value]).share < 2e-3)
    // Scores that go on have a gradient too; the key is an input of its own.
    trial.trial.keywords = [("return_attention_scores", .constant(true))]
    #expect(try trial.worst([query, value, wave([3, 4, 3], seed: 1.5)]).share < 2e-3)
  }

  @Test func masksAndCausality() throws {
    var trial = GradientTrial(trial: multiHead(""), frozen: idle)
    trial.trial.keywords = [("use_causal_mask", .constant(true))]
    trial.trial.masks = [([2, 3], [1, 1, 0, 1, 1, 1]), ([2, 3], [1, 1, 0, 0, 1, 1])]
    #expect(try trial.worst([wave([2, 3, 3]), wave([2, 3, 3], seed: 0.5)]).share < 2e-3)
  }

  @Test func whatIsDroppedIsDroppedOnTheWayBack() throws {
    let trial = GradientTrial(trial: multiHead(#", "dropout": 0.4"#), frozen: idle)
    let inputs = [wave([3, 2, 3]), wave([3, 4, 3], seed: 0.5)]
    #expect(try trial.worst(inputs).share < 2e-3)
    // Something is dropped.
    let plain = try GradientTrial(trial: multiHead(""), frozen: idle).gradients(inputs).outputs
    #expect(try trial.gradients(inputs).outputs != plain)
    var predicts = trial
    predicts.trains = false
    #expect(try predicts.gradients(inputs).outputs == plain)
    #expect(try predicts.worst(inputs).share < 2e-3)
  }

  @Test func sharedHeadsAndGates() throws {
    let inputs = [wave([2, 2, 3]), wave([2, 3, 3], seed: 0.5)]
    #expect(
      try GradientTrial(trial: multiHead("", shared: 1), frozen: idle).worst(inputs).share < 2e-3)
    let gated = multiHead(#", "use_gate": true"#, shared: 1, isGated: true)
    #expect(try GradientTrial(trial: gated, frozen: idle).worst(inputs).share < 2e-3)
  }

  @Test func someAxes() throws {
    let trial = GradientTrial(trial: multiHead(#", "attention_axes": [1]"#), frozen: idle)
    let inputs = [wave([2, 2, 2, 3]), wave([2, 3, 2, 3], seed: 0.5)]
    #expect(try trial.worst(inputs).share < 2e-3)
  }

  @Test(arguments: [
    ("Attention", #"{"use_scale": true}"#, ["scale": wave([], seed: 1)]),
    (
      "Attention", #"{"use_scale": true, "score_mode": "concat", "dropout": 0.3}"#,
      ["scale": wave([], seed: 1), "concat_score_weight": wave([], seed: 2)]
    ),
    ("AdditiveAttention", #"{"use_scale": true}"#, ["scale": wave([3], seed: 1)]),
  ])
  func withoutProjections(
    className: String, config: String, variables: [String: LayerTrial.Array]
  ) throws {
    var trial = GradientTrial(
      trial: LayerTrial(className: className, config: config, variables: variables))
    trial.trial.keywords = [("return_attention_scores", .constant(true))]
    trial.trial.arguments = [.list([.value(0), .value(1)])]
    trial.trial.masks = [([2, 2], [1, 0, 1, 1]), ([2, 4], [1, 1, 0, 1, 0, 1, 1, 1])]
    #expect(try trial.worst([wave([2, 2, 3]), wave([2, 4, 3], seed: 0.5)]).share < 2e-3)
    trial.trial.masks = []
    trial.trial.arguments = [.list([.value(0), .value(1), .value(2)])]
    let inputs = [wave([2, 2, 3]), wave([2, 4, 3], seed: 0.5), wave([2, 4, 3], seed: 1.5)]
    #expect(try trial.worst(inputs).share < 2e-3)
  }
}
