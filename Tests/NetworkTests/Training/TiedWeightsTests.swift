import JSON
import Testing

@testable import Keras
@testable import Network

/// Weights that share a value, beside steps worked out by hand.
struct TiedWeightsTests {
  /// Two inputs, two classes: logits 1.5 and 0.2 of x = (1, 2), so p = 0.7858350, 0.2141650.
  private let weights: [Float] = [0.5, 0, 0.5, 0.1]
  private let groups: [Int16] = [1, 0, 1, -2]

  private func stepped(
    _ optimizer: OptimizerSettings, rate: Double, steps: Int, clipping: GradientClipping? = nil
  ) throws -> [Float] {
    let network = try ModelTrial(layers: [
      (className: "Dense", config: #"{"name": "d", "units": 2, "activation": "softmax", "use_bias": false}"#)
    ]).network(shape: [2])
    for (i, value) in weights.enumerated() { network.parameters[0].values[i] = value }
    network.refresh()
    let training = try Training(network, of: Model(), targets: [.classes], batch: 1)
    var options = WeightUpdates.Options()
    options.optimizer = optimizer
    options.clipping = clipping
    let updates = try WeightUpdates(training, options)
    updates.tie(ofTensor: network.parameters[0].tensor, groups: groups)
    let rows = LabelledRows(count: 1, widths: [2], targets: [.init(.classes, width: 1)])
    (rows.inputs[0][0], rows.inputs[0][1]) = (1, 2)
    rows.classes[0]?[0] = 0
    for step in 0..<steps {
      _ = try training.run(
        rows.samples(from: 0), targets: rows.targets(from: 0), weights: nil, rows: 1, step: step)
      updates.step(rate: rate)
    }
    return (0..<4).map { network.parameters[0].values[$0] }
  }

  @Test func aGroupMovesByTheSumOfItsGradients() throws {
    let after = try stepped(
      OptimizerSettings(name: "SGD", config: JSON.Object([("momentum", 0.0)])), rate: 0.1, steps: 1)
    // p − y is −0.2141650 and 0.2141650; times the inputs 1 and 2.
    #expect(abs(after[0] - (0.5 + 0.1 * 3 * 0.214_165_02)) < 1e-6)
    #expect(abs(after[3] - (0.1 - 0.1 * 2 * 0.214_165_02)) < 1e-6)
    #expect(after[0] == after[2] && after[1] == 0)
  }

  /// The norm is of 3 · 0.2141650 and 2 · 0.2141650, 0.772, however many weights share a value.
  @Test func aGroupIsOneVariableToANorm() throws {
    let plain = OptimizerSettings(name: "SGD", config: JSON.Object([("momentum", 0.0)]))
    let free = try stepped(plain, rate: 0.1, steps: 1)
    #expect(try stepped(plain, rate: 0.1, steps: 1, clipping: .globalNorm(0.8)) == free)
    let clipped = try stepped(plain, rate: 0.1, steps: 1, clipping: .globalNorm(0.386_085))
    #expect(abs((clipped[0] - 0.5) * 2 - (free[0] - 0.5)) < 4e-6)
  }

  @Test(arguments: ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Nadam"])
  func groupsStayAlikeWithEveryOptimizer(name: String) throws {
    let after = try stepped(
      OptimizerSettings(name: name, config: JSON.Object([])), rate: 0.01, steps: 20)
    #expect(after[0] == after[2] && after[0] != 0.5)
    #expect(after[1] == 0 && after[1].sign == .plus)
    #expect(after[3] != 0.1)
  }
}
