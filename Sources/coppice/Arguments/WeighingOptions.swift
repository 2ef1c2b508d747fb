import ArgumentParser

/// On what it is found out what an error of each weight is worth, where nothing is pruned.
struct WeighingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Samples that --values rd and auto take gradients on, drawn by --seed from the training rows where there are any (default: 2,048).",
      valueName: "n"))
  var scoreSamples: Int?

  @Option(help: ArgumentHelp("Seed of the samples that are drawn.", valueName: "n"))
  var seed: UInt64 = 0

  /// Throws where samples are given for nothing.
  func check(_ choice: ValuesChoice, hasData: Bool) throws {
    guard let scoreSamples else { return }
    guard scoreSamples >= 1 else {
      throw ValidationError("--score-samples takes a whole number from 1")
    }
    guard hasData, choice.weighs else {
      throw ValidationError("--score-samples is about --values rd and auto with --data")
    }
  }
}
