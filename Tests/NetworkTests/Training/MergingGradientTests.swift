import JSON
import Testing

@testable import Network

/// Gradients of layers of several inputs, beside differences of what they give.
struct MergingGradientTests {
  @Test(arguments: [
    (#"{"axes": 1}"#, [3], [3]), (#"{"axes": [1, 2], "normalize": true}"#, [3, 2], [4, 3]),
    (#"{"axes": -1}"#, [2, 3], [4, 3]), (#"{"axes": [2, 1], "normalize": true}"#, [2, 3], [3]),
  ])
  func dot(config: String, left: [Int], right: [Int]) throws {
    let trial = GradientTrial(trial: LayerTrial(className: "Dot", config: config))
    #expect(try trial.worst([wave([2] + left), wave([2] + right, seed: 0.5)]).share < 2e-3)
  }

  @Test(arguments: ["sum", "mul", "ave", "max", "concat", "cos", "dot"])
  func modesOfKerasOne(mode: String) throws {
    let trial = GradientTrial(
      trial: LayerTrial(className: "Merge", config: #"{"mode": "\#(mode)"}"#, age: .one))
    #expect(try trial.worst([wave([2, 3]), wave([2, 3], seed: 0.5)]).share < 2e-3)
  }

  @Test(arguments: ["Multiply", "Maximum", "Minimum"])
  func whatIsMaskedHasNoPart(className: String) throws {
    var trial = GradientTrial(trial: LayerTrial(className: className, config: "{}"))
    trial.trial.masks = [([2, 3], [1, 0, 1, 0, 1, 0]), ([2, 3], [1, 1, 0, 0, 1, 0]), nil]
    let inputs = [wave([2, 3, 2]), wave([2, 3, 2], seed: 0.5)]
    #expect(try trial.worst(inputs).share < 2e-3)
    #expect(try trial.worst(inputs + [wave([2, 3, 2], seed: 1.5)]).share < 2e-3)
  }
}
