import Keras
import Testing

@testable import Network

/// Expected numbers are Keras 3.15.1's on TensorFlow, on inputs `sin(arange(n))` (the value from 5 on)
/// with variable `i` set to the same from `i + 1` on.
struct AttentionTests {
  private let query = wave([1, 3, 4])
  private let value = wave([1, 2, 4], seed: 5)

  private func multiHead() -> LayerTrial {
    let shapes: [(String, [Int])] = [
      ("query/kernel", [4, 2, 3]), ("query/bias", [2, 3]), ("key/kernel", [4, 2, 3]),
      ("key/bias", [2, 3]), ("value/kernel", [4, 2, 3]), ("value/bias", [2, 3]),
      ("attention_output/kernel", [2, 3, 4]), ("attention_output/bias", [4]),
    ]
    var variables: [String: LayerTrial.Array] = [:]
    for (i, (name, shape)) in shapes.enumerated() {
      variables[name] = wave(shape, seed: Double(i + 1))
    }
    return LayerTrial(
      className: "MultiHeadAttention", config: #"{"num_heads": 2, "key_dim": 3}"#,
      variables: variables)
  }

  private func check(_ y: LayerTrial.Array, _ first: [Float], sum: Float) {
    #expect(y.shape == [1, 3, 4])
    #expect(agree(Array(y.values.prefix(6)), first))
    #expect(abs(y.values.reduce(0) { $0 + abs($1) } - sum) < 2e-5 * sum)
  }

  @Test func severalHeads() throws {
    check(
      try multiHead().outputs([query, value])[0],
      [0.717736, 0.148499, -0.557268, -0.750685, 0.774857, 0.467201], sum: 6.62128)
  }

  @Test func products() throws {
    check(
      try LayerTrial(className: "Attention", config: "{}").outputs([query, value])[0],
      [-0.78736, -0.312527, 0.449642, 0.798412, -0.670659, -0.33505], sum: 6.70432)
  }

  @Test func sumsOfTangents() throws {
    let trial = LayerTrial(
      className: "AdditiveAttention", config: "{}", variables: ["scale": wave([4], seed: 1)])
    check(
      try trial.outputs([query, value])[0],
      [0.164079, -0.496151, -0.700222, -0.260512, 0.0143056, -0.467245], sum: 3.92892)
  }

  @Test func whatDoesNotFitIsRefused() {
    #expect(throws: LayerFault.self) { try multiHead().outputs([query, wave([1, 2, 5])]) }
    #expect(throws: LayerFault.self) { try multiHead().outputs([query]) }
    #expect(throws: LayerFault.self) {
      try LayerTrial(className: "Attention", config: "{}").outputs([query, wave([1, 2, 3])])
    }
  }
}
