import Testing

@testable import Keras
@testable import Network

/// Penalties on what layers give, as Keras 3 has them: divided by the rows of the batch.
struct ActivityPenaltyTests {
  @Test func gradientsHaveThePenalty() throws {
    let input: LayerTrial.Array = ([2, 3], [1, -2, 0, 0.5, -1, 3])
    var trial = GradientTrial(made: ActivityPenalty(Regularizer(l1: 0.4, l2: 0.1)))
    let weights = GradientTrial.weights([2, 3], output: 0)
    let found = try trial.gradients([input])
    #expect(found.outputs[0] == input.values)
    let expected = zip(weights, input.values).map { weight, x in
      weight + (0.4 * (x > 0 ? 1 : x < 0 ? -1 : 0) + 0.2 * x) / 2
    }
    for (a, b) in zip(try #require(found.inputs[0]), expected) { #expect(abs(a - b) < 1e-6) }
    // In prediction there is none.
    trial.trains = false
    #expect(try trial.gradients([input]).inputs[0] == weights)
  }

  @Test func outputsThatNothingReadsArePenalizedToo() throws {
    let input: LayerTrial.Array = ([2, 2], [1, -2, 4, 0.5])
    var trial = GradientTrial(made: ActivityPenalty(Regularizer(l2: 0.5)))
    trial.unjudged = [0]
    let found = try #require(try trial.gradients([input]).inputs[0])
    #expect(found == input.values.map { $0 / 2 })
  }

  private func network(_ layers: [(String, String)]) throws -> Network {
    try ModelTrial(layers: layers.map { (className: $0.0, config: $0.1) }).network(shape: [4, 2])
  }

  /// By hand: l1·Σ|y| + l2·Σy² of every output, over the rows.
  @Test func theLossIsLargerByIt() throws {
    let network = try network([
      (
        "Dense",
        #"{"name": "a", "units": 2, "activity_regularizer": {"class_name": "L1L2", "config": {"l1": 0.5, "l2": 0.25}}}"#
      ),
      ("ActivityRegularization", #"{"name": "b", "l1": 1, "l2": 0}"#),
    ])
    #expect(network.unknownPenalties.isEmpty)
    let rows = 3
    let numbers = wave([rows, 4, 2], seed: 3).values
    let (x, y) = (
      UnsafeMutablePointer<Float>.allocate(capacity: rows * 8),
      UnsafeMutablePointer<Float>.allocate(capacity: rows * 8)
    )
    defer {
      x.deallocate()
      y.deallocate()
    }
    x.initialize(from: numbers, count: rows * 8)
    y.initialize(repeating: 0, count: rows * 8)
    try network.predict([UnsafePointer(x)], rows: rows, into: [y])
    var options = Training.Options()
    options.loss = "mse"
    let training = try Training(
      network, of: Model(), targets: [.values], batch: 5, options: options)
    let result = try training.run(
      [UnsafePointer(x)], targets: [.values(UnsafePointer(y))], rows: rows, step: 0)
    let given = (0..<rows * 8).map { Double(y[$0]) }
    let sizes = given.reduce(0) { $0 + abs($1) }
    let squares = given.reduce(0) { $0 + $1 * $1 }
    #expect(abs(result.loss) < 1e-12)
    #expect(abs(result.penalty - (1.5 * sizes + 0.25 * squares) / Double(rows)) < 1e-5)
  }

  @Test func heldLayersAreNotCalled() throws {
    // Keras has TimeDistributed compute its layer without calling it, so that its penalty is none.
    let held = #"{"class_name": "Dense", "config": {"name": "d", "units": 1, "activity_regularizer": "l2"}}"#
    let network = try network([("TimeDistributed", #"{"name": "t", "layer": \#(held)}"#)])
    #expect(network.unknownPenalties.isEmpty)
    #expect(!network.unfused.nodes.contains { $0.layer is ActivityPenalty })
  }

  @Test func unknownOnesAreRefused() throws {
    let network = try network([
      (
        "Dense",
        #"{"name": "d", "units": 2, "activity_regularizer": {"class_name": "Mine", "config": {}}}"#
      )
    ])
    #expect(network.unknownPenalties == ["d"])
    var options = Training.Options()
    options.loss = "mse"
    #expect {
      _ = try Training(network, of: Model(), targets: [.values], batch: 2, options: options)
    } throws: { error in
      (error as? NetworkError)?.fault == .unsupported
        && "\(error)".contains("penalty on activations (layer 'd')")
    }
    // Scores are taken as in prediction.
    options.trains = false
    _ = try Training(network, of: Model(), targets: [.values], batch: 2, options: options)
  }
}
