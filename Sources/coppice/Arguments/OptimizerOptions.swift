import ArgumentParser

/// How the weights are moved in training. What is not said comes from the file's own training
/// configuration, but for the rate.
struct OptimizerOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Instead of the file's own (default: sgd).", valueName: "name"))
  var optimizer: OptimizerName?

  @Option(help: ArgumentHelp("The loss, instead of the file's own.", valueName: "name"))
  var loss: String?

  @Option(
    help: ArgumentHelp(
      "The learning rate: about a tenth of the one that the model was trained with (default: 0.01 for SGD, 0.001 for the others).",
      valueName: "rate"))
  var lr: Double?

  @Option(
    help: ArgumentHelp(
      "How the rate goes within a step (default: constant).", valueName: "schedule")
  )
  var lrSchedule: RateScheduleName?

  @Option(help: ArgumentHelp("Weight decay, instead of the file's own.", valueName: "decay"))
  var weightDecay: Double?

  @Option(
    help: ArgumentHelp(
      "Give the other classes this much of each label, 0 to 1.", valueName: "share")
  )
  var labelSmoothing: Double?

  @Option(
    help: ArgumentHelp(
      "Vary the training images: crop (shifted by up to an eighth), flip (left and right).",
      valueName: "list"))
  var augment: AugmentationList?

  @Option(help: ArgumentHelp("Bound the norm of the whole gradient.", valueName: "norm"))
  var clipNorm: Double?

  func validate() throws {
    func check(_ value: Double?, _ option: String, _ words: String, _ holds: (Double) -> Bool)
      throws
    {
      if let value, !(value.isFinite && holds(value)) {
        throw ValidationError("\(option) takes \(words)")
      }
    }
    try check(lr, "--lr", "a number over 0") { $0 > 0 }
    try check(weightDecay, "--weight-decay", "a number from 0") { $0 >= 0 }
    try check(labelSmoothing, "--label-smoothing", "a number from 0, below 1") { $0 >= 0 && $0 < 1 }
    try check(clipNorm, "--clip-norm", "a number over 0") { $0 > 0 }
  }

  /// The first of these options that is given: they all are about training.
  var firstGiven: String? {
    let all: [(Bool, String)] = [
      (optimizer != nil, "--optimizer"), (loss != nil, "--loss"), (lr != nil, "--lr"),
      (lrSchedule != nil, "--lr-schedule"), (weightDecay != nil, "--weight-decay"),
      (labelSmoothing != nil, "--label-smoothing"), (augment != nil, "--augment"),
      (clipNorm != nil, "--clip-norm"),
    ]
    return all.first(where: \.0)?.1
  }
}

enum OptimizerName: String, ExpressibleByArgument, CaseIterable { case sgd, adam, adamw, rmsprop }

enum RateScheduleName: String, ExpressibleByArgument, CaseIterable { case constant, step, cosine }

/// Kinds of augmentation, typed as `crop,flip`.
struct AugmentationList: ExpressibleByArgument, ArgumentText {
  enum Kind: String, CaseIterable { case crop, flip }

  let kinds: [Kind]
  let argumentText: String

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let kinds = parts.compactMap { Kind(rawValue: String($0)) }
    guard kinds.count == parts.count, Set(kinds).count == kinds.count else { return nil }
    self.kinds = kinds
    argumentText = argument
  }
}
