import Keras
import Testing

@testable import Network

/// Expected numbers are those of Keras 3.15 for the layer and the same waves.
struct MergingTests {
  @Test(
    arguments: [
      ("Add", [-0.9589243, 0.5620555, -0.04962689, -0.1382955, -1.715727, -1.23834]),
      ("Multiply", [0, -0.23512, -0.8719473, -0.03943111, 0.7257163, 0.2679383]),
      ("Average", [-0.4794621, 0.2810277, -0.02481344, -0.06914774, -0.8578634, -0.6191699]),
      ("Maximum", [0, 0.841471, 0.9092974, 0.14112, -0.7568025, -0.2794155]),
      ("Minimum", [-0.9589243, -0.2794155, -0.9589243, -0.2794155, -0.9589243, -0.9589243]),
    ] as [(String, [Float])])
  func dimensionsOfOneStandForMore(name: String, expected: [Float]) throws {
    let trial = LayerTrial(className: name, config: "{}")
    let found = try trial.outputs([wave([1, 3, 2]), wave([1, 1, 2], seed: 5)])[0]
    #expect(found.shape == [1, 3, 2])
    #expect(agree(found.values, expected))
  }

  @Test func ranksAreSetAgainstEachOtherFromTheRight() throws {
    let trial = LayerTrial(className: "Add", config: "{}")
    let expected: [Float] = [-0.9589243, 0.5620555, 0.6569866, 1.830829, 0.4121185, 0.2974498]
    let found = try trial.outputs([wave([1, 2]), wave([1, 3, 2], seed: 5)])[0]
    #expect(agree(found.values, expected))
    // Neither of the first two is as large as what comes out.
    let spread = try trial.outputs([([1, 1, 2], [1, 2]), ([1, 2, 1], [10, 20])])[0]
    #expect(spread.values == [11, 12, 21, 22])
    #expect(throws: LayerFault.self) { try trial.outputs([wave([1, 3]), wave([1, 2])]) }
    #expect(throws: LayerFault.self) {
      try LayerTrial(className: "Subtract", config: "{}")
        .outputs([wave([1, 3]), wave([1, 3]), wave([1, 3])])
    }
  }

  struct Masked: CustomTestStringConvertible {
    var name: String
    var masks: [[Float]?]
    var values: [Float]
    var mask: [Float]?
    var age = KerasAge.three
    var testDescription: String { name }
  }

  static let sum: [Float] = [0.08466846, -0.04962689, -0.1382955, -0.09981591]
  static let both: [[Float]?] = [[1, 1, 0, 0], [1, 0, 1, 0]]
  static let maskedMerges = [
    Masked(name: "Add", masks: both, values: sum, mask: [1, 1, 1, 0]),
    Masked(name: "Add", masks: [[1, 1, 0, 0], nil], values: sum, mask: nil),
    Masked(name: "Add", masks: both, values: sum, mask: [1, 0, 0, 0], age: .two),
    Masked(
      name: "Add", masks: [[1, 1, 0, 0], nil], values: sum, mask: [1, 1, 0, 0], age: .two),
    Masked(
      name: "Multiply", masks: both, values: [-0.6368273, 0.9092974, -0.2794155, 0],
      mask: [1, 1, 1, 0]),
    Masked(
      name: "Multiply", masks: [[1, 1, 0, 0], nil],
      values: [-0.6368273, -0.8719473, -0.2794155, 0.6569866], mask: nil),
    Masked(
      name: "Maximum", masks: both, values: [0.841471, 0.9092974, -0.2794155, -0.7568025],
      mask: [1, 1, 1, 0]),
    Masked(
      name: "Maximum", masks: [nil, [1, 0, 1, 0]],
      values: [0.841471, 0.9092974, 0.14112, -0.7568025], mask: nil),
    Masked(
      name: "Minimum", masks: [[1, 1, 0, 0], nil],
      values: [-0.7568025, -0.9589243, -0.2794155, 0.6569866], mask: nil),
  ]

  @Test(arguments: maskedMerges)
  func masksOfEveryAge(merge: Masked) throws {
    let trial = LayerTrial(
      className: merge.name, config: "{}", age: merge.age,
      masks: merge.masks.map { $0.map { ([1, 4], $0) } })
    let found = try trial.outputs([wave([1, 4, 1], seed: 1), wave([1, 4, 1], seed: 4)])
    #expect(agree(found[0].values, merge.values))
    #expect((found.count > 1 ? found[1].values : nil) == merge.mask)
  }

  @Test(
    arguments: [
      (1, false, .three, [1, 1, 0, 0, 1, 1, 1, 1]), (1, true, .three, [1, 1, 0, 0, 1, 0, 1, 0]),
      (-1, false, .three, [1, 1, 1, 1]), (-1, true, .three, [1, 1, 1, 0]),
      (-1, false, .two, [1, 1, 0, 0]), (-1, true, .two, [1, 0, 0, 0]),
    ] as [(Int, Bool, KerasAge, [Float])])
  func masksOfJoinedValues(axis: Int, both: Bool, age: KerasAge, mask: [Float]) throws {
    let trial = LayerTrial(
      className: "Concatenate", config: "{\"axis\": \(axis)}", age: age,
      masks: [([1, 4], [1, 1, 0, 0]), both ? ([1, 4], [1, 0, 1, 0]) : nil])
    let found = try trial.outputs([wave([1, 4, 1]), wave([1, 4, 1])])
    #expect(found[1].values == mask)
  }

  @Test func joinsAlongAnyDimension() throws {
    let inputs: [LayerTrial.Array] = [([1, 2, 2], [1, 2, 3, 4]), ([1, 2, 1], [5, 6])]
    let last = LayerTrial(className: "Concatenate", config: "{}")
    let found = try last.outputs(inputs)[0]
    #expect(found.shape == [1, 2, 3] && found.values == [1, 2, 5, 3, 4, 6])
    for axis in ["1", "0", "3", "-4"] {
      let trial = LayerTrial(className: "Concatenate", config: "{\"axis\": \(axis)}")
      #expect(throws: LayerFault.self) { try trial.outputs(inputs) }
    }
  }

  @Test func productsOfVectorsAndMatrices() throws {
    let cosines = LayerTrial(className: "Dot", config: #"{"axes": [1, 2], "normalize": true}"#)
    let expected: [Float] = [
      -0.7849795, 0.9202319, 0.06429502, -0.9063636, 0.143327, -0.9370481,
    ]
    let found = try cosines.outputs([wave([1, 2, 3]), wave([1, 2, 2], seed: 4)])[0]
    #expect(found.shape == [1, 3, 2] && agree(found.values, expected))
    let vectors = LayerTrial(className: "Dot", config: #"{"axes": 1}"#)
    let numbers = try vectors.outputs([wave([2, 3]), wave([2, 3], seed: 4)])[0]
    #expect(numbers.shape == [2, 1] && agree(numbers.values, [-1.060979, -1.051225]))
    #expect(throws: LayerFault.self) { try vectors.outputs([wave([1, 2]), wave([1, 3])]) }
  }

  /// Keras 1: `merge([x, z], mode='cos')` and its like.
  @Test func modesOfKeras1() throws {
    let inputs: [LayerTrial.Array] = [([1, 2], [3, 4]), ([1, 2], [4, 3])]
    for (mode, expected) in [
      ("sum", [7, 7]), ("mul", [12, 12]), ("ave", [3.5, 3.5]), ("max", [4, 4]),
      ("concat", [3, 4, 4, 3]), ("dot", [24]), ("cos", [0.96]),
    ] as [(String, [Float])] {
      let trial = LayerTrial(
        className: "Merge", config: "{\"mode\": \"\(mode)\", \"mode_type\": \"raw\"}", age: .one,
        module: nil)
      #expect(agree(try trial.outputs(inputs)[0].values, expected), "\(mode)")
    }
    let code = LayerTrial(
      className: "Merge", config: #"{"mode": "f", "mode_type": "function"}"#, age: .one,
      module: nil)
    #expect(throws: LayerFault.self) { try code.outputs(inputs) }
  }
}
