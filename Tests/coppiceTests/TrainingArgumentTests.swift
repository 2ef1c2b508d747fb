import Pruning
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
    ["--optimizer", "descent"], ["--lr-schedule", "linear"], ["--lr-schedule", "warmup:0+cosine"],
  ])
  func optimizersThatCannotBe(arguments: [String]) {
    #expect(throws: (any Error).self) { try OptimizerOptions.parse(arguments) }
  }

  @Test func optimizers() throws {
    #expect(try OptimizerOptions.parse([]).firstGiven == nil)
    let options = try OptimizerOptions.parse(["--augment", "crop,flip", "--clip-norm", "1"])
    #expect(options.firstGiven == "--augment")
    #expect(try options.augmentation()?.flips == true && options.rates() == .constant)
    #expect(try OptimizerOptions.parse(["--optimizer", "AdamW"]).settings()?.name == "AdamW")
    #expect(throws: (any Error).self) { try CheckpointOptions.parse(["--resume"]) }
    #expect(try CheckpointOptions.parse(["--resume", "--checkpoint", "c"]).resume)
  }

  @Test func schedulesFromTheirOptions() throws {
    func steps(_ arguments: [String], to p: Double, trains: Bool = false) throws -> Int {
      try ScheduleOptions.parse(arguments).schedule(to: p, in: .init(trains: trains))
        .cumulative(to: p).count
    }
    #expect(try steps([], to: 0.9) == 1 && steps([], to: 0.9, trains: true) == 11)
    #expect(try steps([], to: 0.8, trains: true) == 1)
    #expect(try steps(["--schedule", "geometric", "--step-rate", "0.1"], to: 0.9) == 22)
    // 0.63 to 0.9 with a fifth of the rest at most: 0.37·0.8⁶ < 0.1.
    #expect(try steps(["--schedule", "hybrid", "--step-rate", "0.2"], to: 0.9) == 7)
    for bad in [
      ["--schedule", "geometric", "--step-rate", "0"],
      ["--schedule", "constant", "--step-rate", "1"],
      ["--schedule", "hybrid", "--step-rate", "0.1", "--hybrid-steps", "3"],
      ["--schedule", "polynomial", "--step-rate", "0.1"],
    ] {
      #expect(throws: (any Error).self) { try ScheduleOptions.parse(bad) }
    }
  }

  @Test(arguments: [
    ["--seeds", "0"], ["--shard", "3/2"], ["--resume"], ["--schedules", "manual"],
    ["--schedules", "one-shot,"], ["--criteria", "best"], ["--ratios", "0.5,1"],
    ["--fair", "equal-budget"], ["--fair", "equal-budget:0"], ["--fair", "luck"],
  ])
  func sweepsThatCannotBe(arguments: [String]) {
    #expect(throws: (any Error).self) { try SweepOptions.parse(arguments) }
  }

  @Test func sweeps() throws {
    func plan(_ arguments: [String], maxEpochs: Int? = nil) throws -> SweepPlan {
      try SweepOptions.parse(arguments).plan(
        study: "s", seed: 7, metric: "accuracy", variants: ["a", "b"], maxEpochs: maxEpochs)
    }
    let standard = try plan([])
    #expect(standard.ratios.count == 6 && standard.schedules.count == 4)
    #expect(standard.fairness == .equalBudget(100) && standard.variants == [""])
    #expect(standard.coordinates.last?.seed == 9)
    #expect(throws: UsageFault.self) { try plan(["--fair", "best-of-grid"], maxEpochs: 20) }
    #expect(try plan(["--fair", "best-of-grid"], maxEpochs: 21).variants == ["a", "b"])
    // 21 steps lead to 0.99.
    #expect(throws: UsageFault.self) {
      try plan(["--fair", "equal-budget:20"])
    }
    #expect(try plan(["--fair", "best-of-grid"]).variants == ["a", "b"])
    let parallel = try SweepOptions.parse(["--shard", "2/3"])
    #expect(try parallel.part(environment: { _ in "5" }) == Shard(index: 2, count: 3))
    #expect(try SweepOptions.parse([]).part(environment: { _ in nil }) == nil)
  }
}
