import JSON
import Testing

@testable import Network

/// Expected numbers: Keras 3.15.1, float64, `loss(t, y)` with `reduction=None`, each in the order of
/// the items.
struct LossTests {
  /// Probabilities of three classes, and logits; the right classes are 0, 1, 2.
  static let p: [Float] = [0.7, 0.2, 0.1, 0.05, 0.15, 0.8, 0, 1, 0]
  static let z: [Float] = [2, -1, 0.5, 0, 3, -2, -4, 1, 1]
  static let oneHot: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1]
  /// Two yes or no each: probabilities, logits or margins, and labels.
  static let q: [Float] = [0.9, 0.2, 0.4, 0]
  static let s: [Float] = [1.5, -0.25, -0.75, 2]
  static let labels: [Float] = [1, 0, 1, 1]
  static let r: [Float] = [1, 2, 3.5, -1, 0.5, 0]
  static let goal: [Float] = [1.5, 2, 1, -1, -2.5, 0.25]

  @Test(
    arguments: [
      // SparseCategoricalCrossentropy(), CategoricalCrossentropy()
      ("categorical_crossentropy", p, oneHot, [0.356674943939, 1.89711998489, 16.118095651]),
      ("binary_crossentropy", q, labels, [0.164252033486, 8.51719319142]),
      ("BinaryFocalCrossentropy", q, labels, [0.00498967360457, 8.22398015722]),
      (
        "CategoricalFocalCrossentropy", p, oneHot, [0.00802518623862, 0.34266729727, 4.02952310683]
      ),
      ("mse", r, goal, [2.16666666667, 3.02083333333]),
      ("MAE", r, goal, [1, 1.08333333333]),
      ("mean_absolute_percentage_error", r, goal, [94.4444444444, 73.3333333333]),
      ("msle", r, goal, [0.235800286689, 0.0713982908882]),
      ("huber", r, goal, [0.708333333333, 0.84375]),
      ("log_cosh", r, goal, [0.644560889724, 0.780086100828]),
      ("poisson", r.map(abs), goal, [1.28698079727, 1.26555218711]),
      ("cosine_similarity", r, goal, [-0.804783301218, 0.0826898230595]),
      ("kld", p, oneHot, [0.356672111522, 1.89711708315, 16.1180940391]),
      ("hinge", s, labels, [0.375, 0.875]),
      ("hinge", s, labels.map { 2 * $0 - 1 }, [0.375, 0.875]),
      ("squared_hinge", s, labels, [0.28125, 1.53125]),
      ("categorical_hinge", p, oneHot, [0.5, 1.65, 2]),
    ] as [(String, [Float], [Float], [Double])])
  func lossesAreThoseOfKeras(
    name: String, outputs: [Float], targets: [Float], expected: [Double]
  ) throws {
    let loss = try LossList.make(LossSettings(name: name))
    expect(values(of: loss, outputs, targets, items: expected.count), expected)
  }

  @Test(
    arguments: [
      (
        #"{"class_name":"CategoricalCrossentropy","config":{"label_smoothing":0.1}}"#, p, oneHot,
        [0.46329738119, 1.87794118006, 15.5808257993]
      ),
      (
        #"{"class_name":"CategoricalCrossentropy","config":{"from_logits":true,"label_smoothing":0.1}}"#,
        z, oneHot, [0.391311296657, 0.321651902044, 0.863177158449]
      ),
      (
        #"{"class_name":"BinaryCrossentropy","config":{"label_smoothing":0.2}}"#, q, labels,
        [0.343427980409, 7.69101515846]
      ),
      (
        #"{"class_name":"BinaryCrossentropy","config":{"from_logits":true}}"#, s, labels,
        [0.388676348931, 0.631899508579]
      ),
      (
        #"{"class_name":"BinaryFocalCrossentropy","config":{"apply_class_balancing":true,"alpha":0.3,"gamma":1.5,"from_logits":true}}"#,
        s, labels, [0.0607513988025, 0.0962341442578]
      ),
      (
        #"{"class_name":"CategoricalFocalCrossentropy","config":{"from_logits":true,"gamma":1.5,"alpha":0.4,"label_smoothing":0.1}}"#,
        z, oneHot, [0.0670393745666, 0.104898202948, 0.171269299306]
      ),
      (#"{"class_name":"Huber","config":{"delta":2.0}}"#, r, goal, [1.04166666667, 1.34375]),
      (
        #"{"module":"builtins","class_name":"function","config":"mse","registered_name":"function"}"#,
        r, goal, [2.16666666667, 3.02083333333]
      ),
    ] as [(String, [Float], [Float], [Double])])
  func settingsCount(
    json: String, outputs: [Float], targets: [Float], expected: [Double]
  ) throws {
    let loss = try LossList.make(LossSettings(JSON.parse(json)))
    expect(values(of: loss, outputs, targets, items: expected.count), expected)
  }

  /// Every loss gives the same for class numbers as for the one-hot vectors that they stand for.
  @Test func classNumbersAreOneHotVectors() throws {
    let numbers: [Int32] = [0, 1, 2]
    for type in LossList.all {
      let loss = try LossList.make(LossSettings(name: type.names[0]))
      let dense = values(of: loss, Self.p, Self.oneHot, items: 3)
      let sparse = numbers.withUnsafeBufferPointer {
        values(of: loss, Self.p, .classes($0.baseAddress!), items: 3)
      }
      expect(sparse, dense, "\(type)")
    }
    // SparseCategoricalCrossentropy(from_logits=True)(C, Z)
    let logits = try LossList.make(
      LossSettings(
        name: "SparseCategoricalCrossentropy", config: JSON.Object([("from_logits", true)])))
    numbers.withUnsafeBufferPointer {
      expect(
        values(of: logits, Self.z, .classes($0.baseAddress!), items: 3),
        [0.241311296657, 0.0549852353771, 0.696510491782])
    }
  }

  /// The spellings are those of `keras.losses.get`, the list has each once, and what is not Keras's is
  /// refused by name.
  @Test func namesAreKerasNames() throws {
    let all = LossList.all.flatMap { $0.names }
    #expect(Set(all).count == all.count)
    for name in ["mse", "MeanSquaredError", "logcosh", "huber_loss", "cosine_proximity", "BCE"] {
      #expect(LossList.isKnown(name))
    }
    #expect(refusal(#""my_loss""#) == "the loss 'my_loss'")
    #expect(
      refusal(#"{"class_name":"BinaryCrossentropy","config":{"axis":1}}"#)
        == "the loss BinaryCrossentropy along axis 1")
    #expect(
      refusal(#"{"class_name":"Huber","config":{"delta":"x"}}"#)
        == #"delta of the loss Huber is "x", not a number"#)
    #expect(refusal(#"{"config":{}}"#)?.hasPrefix("the loss {") == true)
  }

  /// What is said against a loss; nil where nothing is.
  private func refusal(_ json: String) -> String? {
    do {
      _ = try LossList.make(LossSettings(JSON.parse(json)))
      return nil
    } catch {
      return (error as? LossFault)?.what
    }
  }

  /// A NaN among the outputs is a NaN of the loss, wherever it stands.
  @Test func nanIsNotHidden() throws {
    for type in LossList.all {
      let loss = try LossList.make(LossSettings(name: type.names[0]))
      for place in 0..<3 {
        var outputs: [Float] = [0.2, 0.3, 0.5]
        outputs[place] = .nan
        let value = values(of: loss, outputs, [0, 1, 0], items: 1)[0]
        #expect(value.isNaN, "\(type), output \(place)")
      }
    }
  }

  private func values(
    of loss: any Loss, _ outputs: [Float], _ targets: [Float], items: Int
  ) -> [Double] {
    targets.withUnsafeBufferPointer {
      values(of: loss, outputs, .values($0.baseAddress!), items: items)
    }
  }

  private func values(
    of loss: any Loss, _ outputs: [Float], _ targets: Items.Targets, items count: Int
  ) -> [Double] {
    var values = [Double](repeating: 0, count: count)
    outputs.withUnsafeBufferPointer { outputs in
      let items = Items(
        outputs: outputs.baseAddress!, targets: targets, count: count,
        width: outputs.count / count)
      values.withUnsafeMutableBufferPointer { loss.values(of: items, into: $0.baseAddress!) }
    }
    return values
  }

  /// Outputs and targets are floats, so that seven digits are there.
  private func expect(
    _ values: [Double], _ expected: [Double], _ comment: Comment? = nil,
    at location: SourceLocation = #_sourceLocation
  ) {
    for (value, wanted) in zip(values, expected) {
      #expect(abs(value - wanted) <= 1e-6 * max(1, abs(wanted)), comment, sourceLocation: location)
    }
  }
}
