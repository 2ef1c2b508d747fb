import JSON
import Testing

@testable import coppice

/// What `--require` reads from METRICS.
struct RequirementTests {
  @Test func ofSeveralOutputsTheLowestAccuracyCounts() {
    let metrics = JSON.Object([
      ("loss", 0.5), ("kind_accuracy", 0.9), ("age_accuracy", 0.7), ("age_correct", 7),
    ])
    #expect(metrics.requirements == [.loss: 0.5, .accuracy: 0.7])
    #expect(JSON.Object([("mae", 0.1)]).requirements.isEmpty)
  }

  /// A loss that is NaN or infinite is null in a report, and keeps no bound.
  @Test func lossThatIsNoNumberHoldsNothing() throws {
    let loss = try #require(JSON.Object([("loss", .null)]).requirements[.loss])
    for text in ["loss<=1e300", "loss>=0"] {
      let condition = try #require(Requirement(argument: text))
      #expect(!condition.holds(for: loss))
    }
  }
}
