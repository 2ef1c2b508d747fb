import ArgumentParser
import Datasets
import Network

/// How the weights are moved in training. What is not said comes from the file's own training
/// configuration, but for the rate.
struct OptimizerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Instead of the file's own, or where it has none of SGD with momentum 0.9: sgd (Keras's, so without momentum), adam, adamw, rmsprop, or JSON as Keras writes it.",
      valueName: "name"))
  var optimizer: String?

  @Option(help: ArgumentHelp("The loss, instead of the file's own.", valueName: "name"))
  var loss: String?

  @Option(
    help: ArgumentHelp(
      "The learning rate: about a tenth of the one that the model was trained with (default: 0.01 for SGD, 0.001 for the others).",
      valueName: "rate"))
  var lr: Double?

  @Option(
    help: ArgumentHelp(
      "How the rate goes within a step: constant, cosine, step:N or milestones:N,N (epochs), each after warmup:N+ (default: constant).",
      valueName: "schedule"))
  var lrSchedule: String?

  @Option(help: ArgumentHelp("Weight decay, instead of the file's own.", valueName: "decay"))
  var weightDecay: Double?

  @Option(
    help: ArgumentHelp(
      "Give the other classes this much of each label, 0 to 1.", valueName: "share")
  )
  var labelSmoothing: Double?

  @Option(
    help: ArgumentHelp(
      "Vary the training images: crop (moved by up to 4 pixels; crop:N for others), flip (left and right).",
      valueName: "list"))
  var augment: String?

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
    _ = try rates()
    _ = try augmentation()
    _ = try settings()
    _ = try rate()
  }

  /// The optimizer of `--optimizer`; nil where the file's own is taken.
  func settings() throws -> OptimizerSettings? {
    guard let optimizer else { return nil }
    do {
      return try OptimizerSettings(option: optimizer)
    } catch {
      throw ValidationError("--optimizer: \(error.what) cannot be. \(Self.optimizerAdvice)")
    }
  }

  private static let optimizerAdvice = "Give a name as sgd, adam, adamw or rmsprop"

  /// The rate that was asked for: `--lr`, else what JSON of `--optimizer` has; nil for the standard one.
  func rate() throws -> Double? {
    if let lr { return lr }
    guard let config = try settings()?.config,
      let value = config["learning_rate"] ?? config["lr"], !value.isNull
    else { return nil }
    guard let rate = value.doubleValue, rate > 0, rate.isFinite else {
      throw ValidationError(
        "--optimizer: its learning rate is \(value.text(.compact)), not a number over 0. Give --lr and --lr-schedule"
      )
    }
    return rate
  }

  /// How the rate goes. Throws where the words say no schedule.
  func rates() throws -> LearningRatePlan {
    guard let lrSchedule else { return .constant }
    do {
      return try LearningRatePlan(lrSchedule)
    } catch {
      throw ValidationError(
        "--lr-schedule \(lrSchedule): give constant, cosine, step:30 or milestones:60,80, or one of them after warmup:5+"
      )
    }
  }

  /// How images are varied; nil where they are not.
  func augmentation() throws -> Augmentation? {
    guard let augment else { return nil }
    guard let augmentation = Augmentation(augment) else {
      throw ValidationError("--augment \(augment): give crop, crop:N, flip, or crop,flip")
    }
    return augmentation
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
