import ArgumentParser
import Pruning

/// What data without labels make up for after pruning, without training.
struct CalibrationOptions: ParsableArguments {
  @Flag(
    help:
      "Fit the kept weights anew, layer after layer, so that outputs are as near as can be to the dense model's on samples of --data."
  )
  var reconstruct = false

  @Flag(
    help:
      "Take the mean and variance of batch normalisations anew from samples of --data, through the pruned model."
  )
  var bnRecalibrate = false

  @Option(
    help: ArgumentHelp(
      "Samples for --reconstruct, --bn-recalibrate and --criterion wanda, drawn by --seed from the training rows where there are any, where training recalibrates too (default: 512).",
      valueName: "n"))
  var calibrationSamples: Int?

  /// Enough for the covariance of some hundred inputs, and little time.
  static let standardSamples = 512
  var samples: Int { calibrationSamples ?? Self.standardSamples }

  /// Whether weights or statistics change after pruning.
  var changesModel: Bool { reconstruct || bnRecalibrate }

  /// Throws where there are no data, or nothing that samples are for.
  func check(criterion: (any Criterion)?, hasData: Bool, trains: Bool) throws {
    let looks = criterion?.needs.contains(.activations) ?? false
    if let calibrationSamples {
      guard calibrationSamples >= 1 else {
        throw ValidationError("--calibration-samples takes a whole number from 1")
      }
      guard changesModel || looks || trains else {
        throw ValidationError(
          "--calibration-samples is about --reconstruct, --bn-recalibrate and --criterion wanda")
      }
    }
    guard !hasData else { return }
    for (given, option) in [
      (reconstruct, "--reconstruct"), (bnRecalibrate, "--bn-recalibrate"),
      (looks, "--criterion \(criterion?.name ?? "")"),
    ] where given {
      throw ValidationError("\(option) looks at data: name them with --data")
    }
  }
}
