import Keras
import Testing

@testable import Network

/// Expected numbers are those of Keras 3.15 for the layer and the same waves.
struct ShapeAndProductTests {
  @Test(
    arguments: [
      ("[6, 4]", [6, 4]), ("[-1]", [24]), ("[2, -1, 3]", [2, 4, 3]), ("[null, 24]", [1, 24]),
    ] as [(String, [Int])])
  func shapesWithOneSizeLeftOpen(target: String, shape: [Int]) throws {
    let trial = LayerTrial(className: "Reshape", config: "{\"target_shape\": \(target)}")
    #expect(try trial.output(wave([2, 2, 3, 4])).shape == [2] + shape)
  }

  @Test(arguments: ["[5]", "[-1, -1]", "[-1, 5]", "[-2, 12]", "[0, -1]", "3", "[\"a\"]", "null"])
  func shapesThatDoNotFit(target: String) throws {
    let trial = LayerTrial(className: "Reshape", config: "{\"target_shape\": \(target)}")
    #expect(throws: LayerFault.self) { try trial.output(wave([1, 2, 3, 4])) }
  }

  @Test func vectorsAreRepeated() throws {
    let trial = LayerTrial(className: "RepeatVector", config: #"{"n": 2}"#)
    let found = try trial.output(([2, 2], [1, 2, 3, 4]))
    #expect(found.shape == [2, 2, 2] && found.values == [1, 2, 1, 2, 3, 4, 3, 4])
    #expect(throws: LayerFault.self) { try trial.output(wave([1, 2, 2])) }
  }

  @Test func softmaxAlongSeveralDimensions() throws {
    let trial = LayerTrial(className: "Softmax", config: #"{"axis": [1, 2]}"#)
    let expected: [Float] = [0.1281002, 0.297164, 0.3180188, 0.1475155, 0.06010005, 0.04910146]
    #expect(agree(try trial.output(wave([1, 2, 3])).values, expected))
    // What the mask leaves out has no part in it.
    let masked = LayerTrial(
      className: "Softmax", config: "{}", masks: [([1, 3], [1, 0, 1])])
    #expect(agree(try masked.outputs([([1, 3], [2, 9, 2])])[0].values, [0.5, 0, 0.5]))
  }

  @Test func slopesAreSharedAlongDimensionsOfOne() throws {
    let trial = LayerTrial(
      className: "PReLU", config: #"{"shared_axes": [1]}"#,
      variables: ["alpha": wave([1, 3], seed: 1)])
    let expected: [Float] = [0, 0.841471, 0.9092974, 0.14112, -0.6881586, -0.1353234]
    #expect(agree(try trial.output(wave([1, 2, 3])).values, expected))
    #expect(throws: LayerFault.self) { try trial.output(wave([1, 2, 2])) }
  }

  @Test func equations() throws {
    let swapped = LayerTrial(
      className: "EinsumDense",
      config: #"{"equation": "abc,cd->adb", "bias_axes": "d", "activation": "relu"}"#,
      variables: ["kernel": wave([3, 2], seed: 1), "bias": wave([2, 1], seed: 2)])
    let found = try swapped.output(wave([1, 2, 3]))
    #expect(found.shape == [1, 2, 2])
    #expect(agree(found.values, [0.1560984, 1.072604, 0.01839828, 1.110128]))
    let dotted = LayerTrial(
      className: "EinsumDense", config: #"{"equation": "...bc,bcd->...bd"}"#,
      variables: ["kernel": wave([2, 3, 2], seed: 1)])
    #expect(
      agree(
        try dotted.output(wave([1, 2, 3])).values, [-0.753199, -0.8908991, 0.7397366, 1.065868]))
  }

  @Test(arguments: [
    "ab,bc->ca", "ab,bc", "ab->ab", "ab,ac->bc", "aab,bc->ac", "ab,bb->ab", "ab,bc->ad",
    "a..b,bc->ac",
    "ab,bc->abc->a", "", "ab,cd->abc", "...b,bc->...c...",
  ])
  func equationsThatAreRefused(equation: String) throws {
    let trial = LayerTrial(
      className: "EinsumDense", config: "{\"equation\": \"\(equation)\"}",
      variables: ["kernel": wave([3, 3])])
    #expect(throws: LayerFault.self) { try trial.output(wave([1, 3])) }
  }
}
