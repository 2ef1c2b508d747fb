import Studies
import Testing

@testable import coppice

/// Options of training: what contradicts what, and what they come to.
struct TrainingArgumentTests {
  @Test(arguments: [
    ["--epochs", "0"], ["--epochs", "3", "--epochs-per-step", "3"],
    ["--epochs", "3", "--total-epochs", "30"], ["--total-epochs", "30", "--final-epochs", "3"],
    ["--epochs", "3", "--max-epochs", "30"], ["--max-epochs", "30"],
    ["--patience", "-1"], ["--patience", "3,"], ["--patience", "x"],
    ["--epochs", "3", "--min-delta", "0.1"], ["--min-delta", "0.1"],
    ["--patience", "3", "--min-delta", "-1"], ["--monitor", "loss"], ["--validation", "0.2"],
    ["--patience", "3", "--validation", "0"], ["--fine-tune", "--validation", "0"],
    ["--fine-tune", "--validation", "1"], ["--final-epochs", "-1"],
  ])
  func contradictions(arguments: [String]) {
    #expect(throws: (any Error).self) { try StoppingOptions.parse(arguments) }
  }

  private func plan(_ arguments: [String], _ kind: ScheduleKind, _ steps: Int) throws
    -> FineTuningPlan
  {
    try StoppingOptions.parse(arguments).plan(of: kind, steps: steps, recalibrates: false)
  }

  @Test func lengths() throws {
    #expect(try !StoppingOptions.parse([]).trains)
    let standard = try plan(["--fine-tune"], .oneShot, 1)
    #expect(standard.epochs == [100] && standard.patience?[1] == 20 && standard.minDelta == 0)
    let hybrid = try plan(["--fine-tune", "--max-epochs", "20"], .hybrid, 5)
    #expect(hybrid.epochs == [10, 2, 2, 2, 4] && hybrid.patience?[2] == 2)
    let fixed = try plan(["--epochs", "3"], .even, 3)
    #expect(fixed.epochs == [3, 3, 3] && fixed.patience == nil)
    #expect(try plan(["--epochs", "3", "--final-epochs", "9"], .even, 3).epochs == [3, 3, 9])
    #expect(try plan(["--final-epochs", "9"], .even, 3).epochs == [0, 0, 9])
    #expect(try plan(["--total-epochs", "10"], .even, 3).epochs == [3, 3, 4])
    #expect(try plan(["--fine-tune"], .even, 120).epochs.count == 120)
    #expect(throws: StudyError.fewEpochs(2, steps: 3)) {
      try plan(["--total-epochs", "2"], .even, 3)
    }
    let both = try plan(
      ["--epochs", "5", "--patience", "3,1", "--min-delta", "0.01", "--monitor", "loss"], .even, 2)
    #expect(both.epochs == [5, 5] && both.patience?.values == [3, 1] && both.minDelta == 0.01)
    #expect(both.monitor == Monitor("loss", .falls))
    #expect(try StoppingOptions.parse(["--patience", "0", "--validation", "0"]).trains)
  }

  @Test(arguments: [
    ["--lr", "0"], ["--lr", "nan"], ["--weight-decay", "-1"], ["--label-smoothing", "1"],
    ["--clip-norm", "0"], ["--augment", "crop,blur"], ["--augment", "crop,crop"],
    ["--optimizer", "lion"], ["--lr-schedule", "linear"],
  ])
  func optimizersThatCannotBe(arguments: [String]) {
    #expect(throws: (any Error).self) { try OptimizerOptions.parse(arguments) }
  }

  @Test func optimizers() throws {
    #expect(try OptimizerOptions.parse([]).firstGiven == nil)
    let options = try OptimizerOptions.parse(["--augment", "crop,flip", "--clip-norm", "1"])
    #expect(options.augment?.kinds == [.crop, .flip] && options.firstGiven == "--augment")
    #expect(throws: (any Error).self) { try CheckpointOptions.parse(["--resume"]) }
    #expect(try CheckpointOptions.parse(["--resume", "--checkpoint", "c"]).resume)
  }
}
