import JSON
import Studies
import Testing

@testable import Reports

struct RunEventTests {
  private func record(_ step: Int) -> StepRecord {
    func metrics(_ value: Double) -> Metrics {
      Metrics(JSON.Object([("accuracy", .double(value))]))
    }
    var record = StepRecord(step: step, target: 0.5, zeros: 1500, of: 3000, epochsMax: 10)
    record.trace = [
      .init(epoch: 1, loss: 0.5, validation: metrics(0.75), seconds: 1.5),
      .init(epoch: 2, loss: 0.25, validation: metrics(0.5), seconds: 1.5),
    ]
    record.bestEpoch = 1
    record.before = metrics(0.25)
    record.after = metrics(0.75)
    return record
  }

  @Test func linesOfARun() {
    func line(_ event: RunEvent) -> String? { event.line(steps: 3, metric: "accuracy") }
    var pruned = record(2)
    #expect(
      line(.stepBegan(pruned))
        == "step 2 of 3, 50.00 % pruned: 1,500 of 3,000, validation accuracy 25.00 %")
    #expect(
      line(.epochEnded(pruned, improved: false))
        == "step 2 of 3, epoch 2 of 10: loss 0.25, validation accuracy 50.00 %")
    #expect(line(.epochEnded(pruned, improved: true))?.hasSuffix(", the best so far") == true)
    pruned.ending = .patience
    #expect(
      line(.stepEnded(pruned))
        == "step 2 of 3, kept epoch 1 after 1 epoch without better, validation accuracy 75.00 %")
    pruned.ending = .notFinite(epoch: 3, batch: 0)
    pruned.bestEpoch = 0
    #expect(
      line(.stepEnded(pruned))?.hasPrefix(
        "step 2 of 3, kept the weights before training, since the loss was not finite in epoch 3,"
      ) == true)
    #expect(line(.stepBegan(record(0))) == nil)
    #expect(line(.epochEnded(record(0), improved: false))?.hasPrefix("epoch 2 of 10: ") == true)
  }

  @Test func recordsBecomeStepsOfTheReport() {
    let step = PruneReport.Step(record(2))
    #expect(step.step == 2 && step.epochs == 2 && step.seconds == 3 && step.achieved == 0.5)
    #expect(step.after?["accuracy"] == .double(0.75) && step.before?["accuracy"] == .double(0.25))
  }
}
