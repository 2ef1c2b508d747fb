import JSON
import Testing

@testable import Studies

/// The traces of the reference, section 3.5, and what must never win.
struct StoppingTests {
  /// The epoch after which it stops (nil: not within the trace), and the best by then. The trace
  /// begins with the metric of epoch 1; nothing was measured before.
  private func run(
    _ trace: [Double], patience: Int, minDelta: Double = 0, first: Double = -.infinity,
    _ direction: Monitor.Direction = .rises
  ) -> (stop: Int?, best: Double, epoch: Int) {
    var watch = StoppingRule.Watch(
      StoppingRule(patience: patience, minDelta: minDelta), Monitor("m", direction), first: first)
    for (index, value) in trace.enumerated() {
      _ = watch.see(value)
      if watch.isOver { return (index + 1, watch.best, watch.bestEpoch) }
    }
    return (nil, watch.best, watch.bestEpoch)
  }

  private let trace = [90, 91, 90.5, 91.0, 91.0005, 90.9, 90.8, 92]

  @Test func tracesOfTheReference() {
    #expect(run(trace, patience: 3) == (nil, 92, 8))
    #expect(run(trace, patience: 3, minDelta: 0.001) == (5, 91, 2))
    #expect(run(trace, patience: 3, minDelta: 0.2) == (5, 91, 2))
    #expect(run([90, 91, 91, 91, 91, 91], patience: 3) == (5, 91, 2))
  }

  @Test func tracesOfALossMirrorThose() {
    let falling = trace.map { -$0 }
    #expect(run(falling, patience: 3, first: .infinity, .falls) == (nil, -92, 8))
    #expect(run(falling, patience: 3, minDelta: 0.2, first: .infinity, .falls) == (5, -91, 2))
  }

  @Test func theStateBeforeTrainingIsACandidate() {
    #expect(run([80, 81, 82], patience: 2, first: 90) == (2, 90, 0))
    #expect(run([80, 81, 90], patience: 5, first: 90) == (nil, 90, 0))
  }

  @Test func patienceZeroNeverStops() {
    #expect(run([5, 4, 3, 2, 1, 1, 1, 1], patience: 0, first: 9) == (nil, 9, 0))
  }

  @Test func notANumberNeverWins() {
    for direction in [Monitor.Direction.rises, .falls] {
      #expect(run([.nan, .nan], patience: 2, first: 1, direction) == (2, 1, 0))
      #expect(run([.nan, 3], patience: 3, first: .nan, direction) == (nil, 3, 2))
    }
  }

  @Test func theLastPatienceStandsForAllAfterIt() throws {
    let list = try PatienceList([200, 10])
    #expect([1, 2, 3, 50].map { list[$0] } == [200, 10, 10, 10])
    #expect(throws: StudyError.patience) { try PatienceList([]) }
    #expect(throws: StudyError.patience) { try PatienceList([3, -1]) }
    #expect(PatienceList.standard(for: .oneShot)[1] == 20)
    #expect([1, 2, 3].map { PatienceList.standard(for: .hybrid)[$0] } == [20, 2, 2])
    #expect(PatienceList.standard(for: .even)[1] == 2)
  }

  @Test func monitorsKnowTheirDirection() throws {
    #expect(Monitor("val_loss").direction == .falls && Monitor("mae").direction == .falls)
    #expect(Monitor("accuracy").direction == .rises && Monitor("top5").direction == .rises)
    let both = Metrics(JSON.Object([("loss", 1.5), ("accuracy", 0.5), ("total", 8)]))
    #expect(Monitor.standard(among: both) == Monitor("accuracy", .rises))
    #expect(Monitor.standard(among: Metrics(JSON.Object([("loss", 1)]))).metric == "loss")
    #expect(try Monitor("loss").value(in: both) == 1.5)
    #expect(try Monitor("loss").value(in: Metrics(JSON.Object([("loss", nil)]))).isNaN)
    #expect(throws: StudyError.unknownMetric("auc", known: ["loss", "accuracy"])) {
      try Monitor("auc").value(in: both)
    }
  }
}
