import Testing

@testable import Network

/// What gradients pass in prediction and training does not go through.
struct UntrainableTests {
  /// Keras divides the kernel anew before every step, by a vector that this file has not.
  @Test func spectralNormalization() throws {
    let held = #"{"class_name": "Dense", "config": {"name": "d", "units": 2}}"#
    let network = try ModelTrial(layers: [
      ("SpectralNormalization", #"{"name": "s", "layer": \#(held)}"#)
    ]).network(shape: [3])
    func plan(trains: Bool) throws -> TrainingPlan {
      try TrainingPlan(
        network.unfused, judged: [(true, nil)], trains: trains, isTrained: { _ in true }, path: "m")
    }
    #expect(try plan(trains: false).steps.contains { $0.goesBack })
    #expect {
      _ = try plan(trains: true)
    } throws: { error in
      "\(error)".contains("training through layer 's' (class SpectralNormalization)")
    }
  }
}
