import ArgumentParser
import Studies

/// Whether the model is trained on after each pruning step, and for how long.
struct StoppingOptions: ParsableArguments {
  @Flag(help: "Train after every step, with the defaults of all that is not said.")
  var fineTune = false

  @Option(help: ArgumentHelp("Epochs after every step.", valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp("Epochs after every step but the last, with --final-epochs.", valueName: "n")
  )
  var epochsPerStep: Int?

  @Option(help: ArgumentHelp("Epochs after the last step.", valueName: "n"))
  var finalEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "Epochs in all: in equal parts, for hybrid half of them after the first step.",
      valueName: "n"))
  var totalEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "End a step after so many epochs without improvement: one number, or one a step, of which the last stands for the rest. 0 never does (default: 20 for one shot and the first step of hybrid, else 2).",
      valueName: "n,…"))
  var patience: WholeNumbers?

  @Option(help: ArgumentHelp("What counts as an improvement (default: 0).", valueName: "d"))
  var minDelta: Double?

  @Option(
    help: ArgumentHelp(
      "The metric that stopping and selection go by (default: accuracy, else loss).",
      valueName: "metric"))
  var monitor: String?

  @Option(
    help: ArgumentHelp(
      "With --patience: at most so many epochs in all (default: 100).", valueName: "n"))
  var maxEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "The share of the training rows that is set aside to steer by, drawn by --seed (default: 0.1).",
      valueName: "share"))
  var validation: Sparsity?

  /// Whether anything asks for training.
  var trains: Bool {
    fineTune || epochs != nil || epochsPerStep != nil || finalEpochs != nil || totalEpochs != nil
      || patience != nil
  }

  /// The share of the training rows to measure on.
  var validationShare: Double { validation?.fraction ?? 0.1 }

  func validate() throws {
    for (value, option) in [
      (epochs, "--epochs"), (totalEpochs, "--total-epochs"), (maxEpochs, "--max-epochs"),
    ] {
      try EpochCount.check(value, option)
    }
    for (value, option) in [(epochsPerStep, "--epochs-per-step"), (finalEpochs, "--final-epochs")] {
      try EpochCount.check(value, option, from: 0)
    }
    if let minDelta, !(minDelta >= 0 && minDelta.isFinite) {
      throw ValidationError("--min-delta takes a number from 0")
    }
    try checkLengths()
    let stops = patience != nil || (fineTune && !hasEpochs)
    if minDelta != nil && !stops {
      throw ValidationError("--min-delta is about --patience: give it, or --fine-tune alone")
    }
    if maxEpochs != nil && !stops {
      throw ValidationError("--max-epochs bounds --patience: give it, or --fine-tune alone")
    }
    for (given, option) in [(monitor != nil, "--monitor"), (validation != nil, "--validation")]
    where given && !trains {
      throw ValidationError("\(option) is about training: give --fine-tune, --epochs or --patience")
    }
    if let validation, validation.fraction >= 1 {
      throw ValidationError("--validation \(validation.argumentText) leaves no rows to train on")
    }
    if monitor != nil && validation?.fraction == 0 {
      throw ValidationError("--monitor has nothing to go by with --validation 0: leave one out")
    }
    let waits = patience.map { $0.values.contains { $0 > 0 } } ?? stops
    if waits && validation?.fraction == 0 {
      throw ValidationError(
        "--patience has nothing to monitor with --validation 0: give a share, or --epochs")
    }
  }

  /// Throws where something is about training and there is none, and where training cannot be.
  ///
  /// - Parameter others: what does not go together with training, and whether it is given.
  func check(
    _ optimizing: OptimizerOptions, _ keeping: CheckpointOptions, hasData: Bool,
    against others: [(given: Bool, option: String)] = []
  ) throws {
    guard trains else {
      if let option = optimizing.firstGiven ?? (keeping.checkpoint == nil ? nil : "--checkpoint") {
        throw ValidationError(
          "\(option) is about training: give --fine-tune, --epochs or --patience")
      }
      return
    }
    guard hasData else { throw ValidationError("training needs data: name them with --data") }
    if let other = others.first(where: \.given) {
      throw ValidationError(
        "\(other.option) does not go together with training. Give a --sparsity or a --keep, and train; or leave training out"
      )
    }
  }

  private var hasEpochs: Bool {
    epochs != nil || epochsPerStep != nil || finalEpochs != nil || totalEpochs != nil
  }

  private func checkLengths() throws {
    if epochs != nil && epochsPerStep != nil {
      throw ValidationError("--epochs and --epochs-per-step say the same: give one")
    }
    for (given, option) in [
      (epochs != nil, "--epochs"), (epochsPerStep != nil, "--epochs-per-step"),
      (finalEpochs != nil, "--final-epochs"), (maxEpochs != nil, "--max-epochs"),
    ] where given && totalEpochs != nil {
      throw ValidationError("--total-epochs and \(option) contradict each other: give one")
    }
    if maxEpochs != nil && hasEpochs {
      throw ValidationError("--max-epochs and a number of epochs contradict each other: give one")
    }
  }

  /// The options for a schedule of so many steps. Throws `StudyError.fewEpochs`.
  func plan(of kind: ScheduleKind, steps: Int, recalibrates: Bool) throws -> FineTuningPlan {
    let form: EpochBudget.Form
    if let totalEpochs {
      form = .total(totalEpochs)
    } else if hasEpochs {
      // Only the last step is trained where only its epochs are said.
      form = .perStep(epochs ?? epochsPerStep ?? 0, last: finalEpochs)
    } else {
      form = .total(maxEpochs ?? max(Self.standardEpochs, steps))
    }
    if let patience, patience.values.count > steps {
      throw UsageFault(
        "--patience \(patience.argumentText): has \(patience.values.count) numbers, and there \(steps == 1 ? "is 1 step" : "are \(steps) steps")"
      )
    }
    let list = try patience.map { try PatienceList($0.values) }
    return FineTuningPlan(
      epochs: try EpochBudget(form).epochs(of: kind, steps: steps),
      patience: list ?? (hasEpochs ? nil : PatienceList.standard(for: kind)),
      minDelta: minDelta ?? 0, monitor: monitor.map { Monitor($0) }, recalibrates: recalibrates)
  }

  private static let standardEpochs = 100
}

/// Whole numbers from 0, typed as `20` or `20,2`.
struct WholeNumbers: ExpressibleByArgument, ArgumentText {
  let values: [Int]
  let argumentText: String

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == parts.count, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
    values = numbers
    argumentText = argument
  }
}
