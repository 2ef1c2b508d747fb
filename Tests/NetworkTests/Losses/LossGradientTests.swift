import JSON
import Testing

@testable import Network

/// Expected numbers: Keras 3.15.1 on TensorFlow 2.21, float32, run eagerly: `GradientTape.gradient` of
/// `reduce_sum(loss(t, y))` with `reduction="none"`, row after row.
struct LossGradientTests {
  typealias Case = (String, [Float], [Float], [Float])
  static let p = LossTests.p
  static let z = LossTests.z
  static let oneHot = LossTests.oneHot
  static let q = LossTests.q
  static let s = LossTests.s
  static let labels = LossTests.labels
  static let r = LossTests.r
  static let goal = LossTests.goal
  /// Two items that do not sum to 1.
  static let u: [Float] = [0.5, 0.2, 0.1, 0.3, 0.3, 0.2]
  static let two = Array(oneHot[..<6])

  @Test(
    arguments: [
      (#""categorical_crossentropy""#, p, oneHot, [-0.42857146, 1, 1, 1, -5.6666665, 1, 0, 0, 0]),
      (#""categorical_crossentropy""#, u, two, [-0.75, 1.25, 1.25, 1.25, -2.0833335, 1.25]),
      (
        #"{"class_name":"CategoricalCrossentropy","config":{"label_smoothing":0.1}}"#, u, two,
        [-0.61666679, 1.0833333, 0.91666651, 1.1388888, -1.8611112, 1.0833334]
      ),
      (
        #"{"class_name":"CategoricalCrossentropy","config":{"from_logits":true,"label_smoothing":0.1}}"#,
        z, oneHot,
        [
          -0.14773631, 0.0057792403, 0.14195706, 0.013790086, 0.013165832, -0.026955875,
          -0.029975673, 0.46498784, -0.43501216,
        ]
      ),
      (#""binary_crossentropy""#, q, labels, [-0.55555558, 0.625, -1.25, 0]),
      (
        #"{"class_name":"BinaryCrossentropy","config":{"label_smoothing":0.2}}"#, q, labels,
        [-3.2782555e-07, 0.3125, -1.0416667, 0]
      ),
      (
        #"{"class_name":"BinaryCrossentropy","config":{"from_logits":true}}"#, s, labels,
        [-0.091212757, 0.21891177, -0.33958936, -0.059601456]
      ),
      (
        #""binary_focal_crossentropy""#, q, labels,
        [-0.016091615, 0.069628701, -0.99977446, -16.118095]
      ),
      (
        #"{"class_name":"BinaryFocalCrossentropy","config":{"apply_class_balancing":true,"alpha":0.3,"gamma":1.5,"from_logits":true}}"#,
        s, labels, [-0.0050189523, 0.093637593, -0.10295704, -0.0017711348]
      ),
      (
        #""categorical_focal_crossentropy""#, u, two,
        [-0.067676097, 0.11279351, 0.11279351, 0.26574647, -0.44291079, 0.26574647]
      ),
      (
        #""categorical_focal_crossentropy""#, p, oneHot,
        [-0.025693234, 0.059950877, 0.059950877, 0.30156642, -1.7088764, 0.30156642, 0, 0, 0]
      ),
      (
        #"{"class_name":"CategoricalFocalCrossentropy","config":{"from_logits":true,"gamma":1.5,"alpha":0.4,"label_smoothing":0.1}}"#,
        z, oneHot,
        [
          0.0055331648, -0.010476119, 0.0049429545, -0.013307783, 0.02689868, -0.013590897,
          -0.012662221, 0.13666789, -0.12400568,
        ]
      ),
      (#""mse""#, r, goal, [-0.33333334, 0, 1.6666667, 0, 2, -0.16666667]),
      (#""mae""#, r, goal, [-0.33333334, 0, 0.33333334, 0, 0.33333334, -0.33333334]),
      (#""mape""#, r, goal, [-22.222221, 0, 33.333332, 0, 13.333333, -133.33333]),
      (#""msle""#, r, goal, [-0.074381195, 0, 0.12013783, 0, 0.18020666, 0]),
      (#""huber""#, r, goal, [-0.16666667, 0, 0.33333334, 0, 0.33333334, -0.083333336]),
      (
        #"{"class_name":"Huber","config":{"delta":2.0}}"#, r, goal,
        [-0.16666667, 0, 0.66666669, 0, 0.66666669, -0.083333336]
      ),
      (#""log_cosh""#, r, goal, [-0.15403906, 0, 0.32887143, 0, 0.33168492, -0.081639558]),
      (
        #""cosine_similarity""#, r, goal,
        [-0.087476447, -0.085532524, 0.073869012, 0.39691114, 0.79382223, -0.082689822]
      ),
      (
        #""poisson""#, r.map { abs($0) + 1 }, goal,
        [0.083333343, 0.1111111, 0.25925928, 0.5, 0.88888884, 0.25]
      ),
      (
        #""kld""#, p, oneHot,
        [-1.4285713, -5e-07, -1e-06, -2e-06, -6.6666665, -1.25e-07, 0, -1e-07, 0]
      ),
      (#""hinge""#, s, labels, [0, 0.5, -0.5, 0]),
      // Just on the corner.
      (#""hinge""#, [1, -1], [1, 0], [-0.5, 0.5]),
      (#""squared_hinge""#, s, labels, [0, 0.75, -1.75, 0]),
      (#""categorical_hinge""#, p, oneHot, [-1, 1, 0, 0, -1, 1, 0, 1, -1]),
      // Two wrong classes alike.
      (#""categorical_hinge""#, [0.2, 0.2, 0.1], [0, 0, 1], [0.5, 0.5, -1]),
    ] as [Case])
  func gradientsAreThoseOfKeras(
    json: String, outputs: [Float], targets: [Float], expected: [Float]
  ) throws {
    let loss = try LossList.make(LossSettings(JSON.parse(json)))
    let width = targets.count.isMultiple(of: 3) ? 3 : 2
    expect(gradient(of: loss, outputs, .values(targets), width: width), expected)
  }

  /// Class numbers: Keras clips before it divides by the sum, and leaves out a class that is ignored,
  /// whatever its number.
  @Test(
    arguments: [
      ("{}", p, [0, 1, 2], [-0.42857146, 1, 1, 1, -5.6666665, 1, 0, 0, 0]),
      ("{}", u, [0, 1], [-0.74999988, 1.25, 1.25, 1.2500001, -2.0833333, 1.25]),
      (#"{"ignore_class":1}"#, u, [1, 0], [0, 0, 0, -2.0833333, 1.2500001, 1.25]),
      (#"{"ignore_class":-1}"#, u, [-1, 0], [0, 0, 0, -2.0833333, 1.2500001, 1.25]),
      (
        #"{"from_logits":true}"#, z, [0, 1, 2],
        [
          -0.21440297, 0.039112575, 0.17529039, 0.047123421, -0.053500831, 0.0063774609,
          0.0033576617, 0.49832118, -0.50167882,
        ]
      ),
    ] as [(String, [Float], [Int32], [Float])])
  func sparseGradientsAreThoseOfKeras(
    config: String, outputs: [Float], classes: [Int32], expected: [Float]
  ) throws {
    let loss = try LossList.make(
      LossSettings(
        JSON.parse(
          #"{"class_name":"SparseCategoricalCrossentropy","config":\#(config)}"#)))
    expect(gradient(of: loss, outputs, .classes(classes), width: 3), expected)
  }

  /// By the logits it is p - t however sure and wrong the model is.
  @Test func logitsGradientsDoNotClip() throws {
    let sure: [Float] = [1, 0, 0, 0.25, 0.25, 0.5]
    let categorical = try #require(
      try LossList.make(LossSettings(name: "sparse_categorical_crossentropy")) as? any LogitsLoss)
    #expect(type(of: categorical).activation == .softmax)
    expect(
      gradient(of: categorical, sure, .classes([2, 2]), width: 3, byLogits: true),
      [1, 0, -1, 0.25, 0.25, -0.5])
    let binary = try #require(
      try LossList.make(LossSettings(name: "bce")) as? any LogitsLoss)
    #expect(type(of: binary).activation == .sigmoid)
    expect(
      gradient(of: binary, [1, 0, 0.25, 0.5], .values([0, 0, 1, 0]), width: 2, byLogits: true),
      [0.5, 0, -0.375, 0.25])
    let smoothed = try #require(
      try LossList.make(
        LossSettings(
          name: "CategoricalCrossentropy", config: JSON.Object([("label_smoothing", 0.3)])))
        as? any LogitsLoss)
    expect(
      gradient(of: smoothed, [1, 0, 0], .values([0, 0, 1]), width: 3, byLogits: true),
      [0.9, -0.1, -0.8])
  }

  /// Every loss is linear in scale and weights, and an item of no weight is not looked at.
  @Test func weightsAndScaleMultiply() throws {
    for kind in LossList.all {
      let loss = try LossList.make(LossSettings(name: kind.names[0]))
      let plain = gradient(of: loss, Self.u, .values(Self.two), width: 3)
      let weighted = gradient(
        of: loss, Array(Self.u[..<3]) + [.nan, .nan, .nan], .values(Self.two), width: 3,
        weights: [3, 0], scale: 0.5)
      expect(weighted, plain[..<3].map { $0 * 1.5 } + [0, 0, 0], "\(kind)")
    }
  }

  /// `SparseCategoricalCrossentropy()(t, y, sample_weight=[2, .5])` of two rows of two items, and with
  /// `ignore_class=1`: the mean is over the items, or over those that count.
  @Test func itemsWeighAsInKeras() throws {
    let outputs = Self.u + Self.u[3...] + Self.u[..<3]
    let classes: [Int32] = [0, 1, 2, 1]
    let samples: [Float] = [2, 0.5]
    let cases: [(Int?, [Float])] = [
      (
        nil,
        [
          -0.37499991, 0.62500006, 0.62500006, 0.15625001 * 4, -0.26041666 * 4, 0.15625 * 4,
          0.15625, 0.15625, -0.46875, 0.15625001, -0.46875, 0.15625,
        ]
      ),
      (1, [-0.74999982, 1.2500001, 1.2500001, 0, 0, 0, 0.3125, 0.3125, -0.9375, 0, 0, 0]),
    ]
    for (ignored, expected) in cases {
      let loss = try LossList.make(
        LossSettings(
          name: "SparseCategoricalCrossentropy",
          config: ignored.map { JSON.Object([("ignore_class", .integer($0))]) } ?? JSON.Object()))
      var weights = [Float](repeating: 0, count: 4)
      let areWeighted = outputs.withUnsafeBufferPointer { outputs in
        classes.withUnsafeBufferPointer { classes in
          weights.withUnsafeMutableBufferPointer {
            ItemWeights().fill(
              $0.baseAddress!,
              for: Items(
                outputs: outputs.baseAddress!, targets: .classes(classes.baseAddress!), count: 4,
                width: 3),
              positions: 2, samples: samples, mask: nil, ignored: loss.ignoredClass)
          }
        }
      }
      #expect(areWeighted)
      let found = gradient(
        of: loss, outputs, .classes(classes), width: 3, weights: weights, scale: 0.25)
      expect(found, expected)
    }
  }

  /// A yes or no by itself is its own class, cut to a whole number as Keras does; a hinge's no is class 0.
  @Test func decisionsWeighByTheirOwnNumber() {
    let outputs = [Float](repeating: 0, count: 5)
    let labels: [Float] = [0, 1, -1, 0.7, 1]
    var weights = [Float](repeating: -1, count: 5)
    let areWeighted = weights.withUnsafeMutableBufferPointer { weights in
      labels.withUnsafeBufferPointer { labels in
        outputs.withUnsafeBufferPointer { outputs in
          ItemWeights(classes: [2, 5]).fill(
            weights.baseAddress!,
            for: Items(
              outputs: outputs.baseAddress!, targets: .values(labels.baseAddress!), count: 5,
              width: 1),
            positions: 1, samples: nil, mask: nil)
        }
      }
    }
    #expect(areWeighted && weights == [2, 5, 2, 2, 5])
  }

  @Test func classesAndMasksWeigh() {
    let outputs = [Float](repeating: 0, count: 8)
    func weights(
      _ classes: [Float], samples: [Float]? = nil, mask: [Float]? = nil
    ) -> [Float]? {
      var weights = [Float](repeating: -1, count: 4)
      let labels: [Int32] = [0, 1, 1, 0]
      let areWeighted = weights.withUnsafeMutableBufferPointer { weights in
        labels.withUnsafeBufferPointer { labels in
          outputs.withUnsafeBufferPointer { outputs in
            ItemWeights(classes: classes).fill(
              weights.baseAddress!,
              for: Items(
                outputs: outputs.baseAddress!, targets: .classes(labels.baseAddress!), count: 4,
                width: 2),
              positions: 1, samples: samples, mask: mask)
          }
        }
      }
      return areWeighted ? weights : nil
    }
    #expect(weights([]) == nil)
    #expect(weights([1, 3]) == [1, 3, 3, 1])
    #expect(weights([1, 3], samples: [1, 0, 2, 5]) == [1, 0, 6, 5])
    #expect(weights([], mask: [1, 0, 0, 1]) == [2, 0, 0, 2])
    #expect(weights([], mask: [0, 0, 0, 0]) == [0, 0, 0, 0])
  }

  private enum Targets {
    case values([Float])
    case classes([Int32])
  }

  private func gradient(
    of loss: any Loss, _ outputs: [Float], _ targets: Targets, width: Int,
    weights: [Float]? = nil, scale: Double = 1, byLogits: Bool = false
  ) -> [Float] {
    var gradient = [Float](repeating: .nan, count: outputs.count)
    func run(_ targets: Items.Targets) {
      outputs.withUnsafeBufferPointer { outputs in
        gradient.withUnsafeMutableBufferPointer { gradient in
          let items = Items(
            outputs: outputs.baseAddress!, targets: targets, count: outputs.count / width,
            width: width)
          func write(_ weights: UnsafePointer<Float>?) {
            if byLogits, let loss = loss as? any LogitsLoss {
              loss.logitsGradient(
                of: items, weights: weights, scale: scale, into: gradient.baseAddress!)
            } else {
              loss.gradient(
                of: items, weights: weights, scale: scale, into: gradient.baseAddress!)
            }
          }
          if let weights {
            weights.withUnsafeBufferPointer { write($0.baseAddress) }
          } else {
            write(nil)
          }
        }
      }
    }
    switch targets {
    case .values(let values):
      values.withUnsafeBufferPointer { run(.values($0.baseAddress!)) }
    case .classes(let classes):
      classes.withUnsafeBufferPointer { run(.classes($0.baseAddress!)) }
    }
    return gradient
  }

  private func expect(
    _ values: [Float], _ expected: [Float], _ comment: Comment? = nil,
    at location: SourceLocation = #_sourceLocation
  ) {
    #expect(values.count == expected.count, comment, sourceLocation: location)
    for (value, wanted) in zip(values, expected) {
      #expect(
        abs(value - wanted) <= 3e-6 * max(0.1, abs(wanted)), comment, sourceLocation: location)
    }
  }
}
