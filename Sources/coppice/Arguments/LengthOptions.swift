import ArgumentParser
import Studies

/// How long a model is trained that is not pruned on the way, and by what it is judged.
struct LengthOptions: ParsableArguments {
  @Option(help: ArgumentHelp("So many epochs.", valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "End after so many epochs without improvement; 0 never does (default: 20, where --epochs is not given).",
      valueName: "n"))
  var patience: Int?

  @Option(help: ArgumentHelp("What counts as an improvement (default: 0).", valueName: "d"))
  var minDelta: Double?

  @Option(
    help: ArgumentHelp("With --patience: at most so many epochs (default: 100).", valueName: "n"))
  var maxEpochs: Int?

  @OptionGroup var steering: SteeringOptions

  func validate() throws {
    for (value, option) in [(epochs, "--epochs"), (maxEpochs, "--max-epochs")] {
      try EpochCount.check(value, option)
    }
    if let patience, patience < 0 {
      throw ValidationError("--patience takes a whole number from 0")
    }
    if let minDelta, !(minDelta >= 0 && minDelta.isFinite) {
      throw ValidationError("--min-delta takes a number from 0")
    }
    if epochs != nil && maxEpochs != nil {
      throw ValidationError("--max-epochs and --epochs contradict each other: give one")
    }
    if minDelta != nil && !waits {
      throw ValidationError("--min-delta is about --patience: give it")
    }
    if steering.monitor != nil && steering.validation?.fraction == 0 {
      throw ValidationError("--monitor has nothing to go by with --validation 0: leave one out")
    }
    if waits && steering.validation?.fraction == 0 {
      throw ValidationError(
        "--patience has nothing to monitor with --validation 0: give a share, or --epochs")
    }
  }

  /// Whether training can end for want of improvement.
  private var waits: Bool { patience.map { $0 > 0 } ?? (epochs == nil) }

  private static let standardEpochs = 100

  var plan: FineTuningPlan {
    get throws {
      FineTuningPlan(
        epochs: [epochs ?? maxEpochs ?? Self.standardEpochs],
        patience: try patience.map { try PatienceList([$0]) }
          ?? (epochs == nil ? .standard(for: .oneShot) : nil),
        minDelta: minDelta ?? 0, monitor: steering.monitor.map { Monitor($0) })
    }
  }
}

/// What training and choosing go by.
struct SteeringOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The metric to go by (default: accuracy, else loss).", valueName: "metric"))
  var monitor: String?

  @Option(
    help: ArgumentHelp(
      "The share of the training rows that is set aside to measure on, drawn by --seed (default: 0.1).",
      valueName: "share"))
  var validation: Sparsity?

  func validate() throws {
    if let validation, validation.fraction >= 1 {
      throw ValidationError("--validation \(validation.argumentText) leaves no rows to train on")
    }
  }

  var validationShare: Double { validation?.fraction ?? 0.1 }
}

/// What the samples of classes weigh, typed as `0=1,3=2.5`; the others weigh 1.
struct ClassWeights: ExpressibleByArgument, ArgumentText {
  /// By class number.
  let weights: [Float]
  let argumentText: String
  private static let mostClasses = 1 << 20

  init?(argument: String) {
    var weights: [Float] = []
    var given: Set<Int> = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, let number = Int(sides[0]), 0..<Self.mostClasses ~= number,
        let weight = Float(sides[1]), weight >= 0, weight.isFinite, given.insert(number).inserted
      else { return nil }
      if number >= weights.count {
        weights += [Float](repeating: 1, count: number + 1 - weights.count)
      }
      weights[number] = weight
    }
    self.weights = weights
    argumentText = argument
  }
}
