import ArgumentParser
import Pruning

/// How much to prune: one of the first five, and what bounds it.
struct TargetOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Zeros among the prunable weights: 0.9 or 90%.", valueName: "share"))
  var sparsity: Sparsity?

  @Option(help: ArgumentHelp("Prune every weight below this magnitude (or score).", valueName: "t"))
  var threshold: Double?

  @Option(help: ArgumentHelp("Keep so many weights.", valueName: "n"))
  var keep: Int?

  @Option(
    help: ArgumentHelp(
      "Keep at most N of every M weights along the inputs, as 2:4.", valueName: "n:m"))
  var nm: PatternArgument?

  @Option(help: ArgumentHelp("Prune until the output is no larger than this.", valueName: "size"))
  var targetSize: ByteSize?

  @Option(
    help: ArgumentHelp(
      "The sparsity of tensors that match, as 'conv*=0.5'. Repeatable; later ones win.",
      valueName: "glob=share"))
  var set: [TensorTarget] = []

  @Option(help: ArgumentHelp("No tensor becomes sparser than this.", valueName: "share"))
  var maxLayerSparsity: Sparsity?

  @Option(help: ArgumentHelp("Every tensor keeps at least so many weights.", valueName: "n"))
  var minKeep: Int?

  func validate() throws {
    let given = [
      sparsity != nil ? "--sparsity" : nil, threshold != nil ? "--threshold" : nil,
      keep != nil ? "--keep" : nil, nm != nil ? "--nm" : nil,
      targetSize != nil ? "--target-size" : nil,
    ].compactMap { $0 }
    if given.count > 1 {
      throw ValidationError(
        "\(given.joined(separator: " and ")) contradict each other: give one target")
    }
    if let threshold, !(threshold >= 0 && threshold.isFinite) {
      throw ValidationError("--threshold takes a number from 0")
    }
    if let keep, keep < 0 { throw ValidationError("--keep takes a whole number from 0") }
    if let minKeep, minKeep < 0 { throw ValidationError("--min-keep takes a whole number from 0") }
    if nm != nil, !set.isEmpty || maxLayerSparsity != nil || minKeep != nil {
      throw ValidationError(
        "--nm fixes every tensor's sparsity: it takes no --set, --max-layer-sparsity or --min-keep")
    }
  }

  /// Whether anything says how much to prune.
  var isGiven: Bool {
    sparsity != nil || threshold != nil || keep != nil || nm != nil || targetSize != nil
      || !set.isEmpty
  }
}

/// In which order weights go.
struct CriterionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which weights go first: magnitude, l2, lamp, lookahead, wanda (with --data), taylor, fisher (or hessian), obd, snip, grasp (these with --data and labels), synflow, bn-scale, random, or a weighted sum as 'taylor*0.5+magnitude*0.5'.",
      valueName: "criterion"))
  var criterion = "magnitude"

  @Option(
    help: ArgumentHelp(
      "Rank the weights of all tensors together (global), of each tensor apart (layer), or of each output of each tensor (output). Default: global; for wanda output.",
      valueName: "scope"))
  var scope: RankingScope?

  @Option(
    help: ArgumentHelp(
      "Samples that gradients are taken on, drawn by --seed from the training rows where there are any (default: 512; for snip and grasp 10 of each class).",
      valueName: "n"))
  var scoreSamples: Int?

  @Option(
    help: ArgumentHelp(
      "The curvature of obd: the Gauss-Newton matrix's own, or the Hessian's, estimated with random signs.",
      valueName: "form"))
  var curvature: CurvatureForm?

  @Option(
    help: ArgumentHelp(
      "Rounds of synflow in one pruning event, scored anew each (default: 100).", valueName: "n"))
  var synflowRounds: Int?

  @Option(
    help: ArgumentHelp(
      "How taylor makes a score of weights times gradients: the size of each (abs), of their sum (multi; the same for single weights), or the mean of its square over mini-batches (square). Default: abs.",
      valueName: "form"))
  var taylorForm: TaylorForm?

  @Option(
    help: ArgumentHelp(
      "What grasp divides logits by before it takes the loss (default: 200, as its authors).",
      valueName: "number"))
  var graspTemperature: Double?

  @Option(help: ArgumentHelp("What is pruned as one: weight, or N:M as 2:4.", valueName: "unit"))
  var granularity = "weight"

  @Option(
    help: ArgumentHelp(
      "Seed of all that is drawn: the random criterion, calibration samples, samples that gradients are taken on.",
      valueName: "n"))
  var seed: UInt64 = 0

  @Flag(help: "Prune around NaN and infinity instead of refusing them; they are kept.")
  var allowNonfinite = false

  private static let mostRounds = 10_000

  func validate() throws {
    if let synflowRounds, !(1...Self.mostRounds ~= synflowRounds) {
      throw ValidationError("--synflow-rounds takes a whole number from 1 to \(Self.mostRounds)")
    }
  }
}

enum TaylorForm: String, ExpressibleByArgument, CaseIterable {
  case abs, multi, square

  var form: Taylor.Form {
    switch self {
    case .abs: .abs
    case .multi: .multi
    case .square: .square
    }
  }
}

enum CurvatureForm: String, ExpressibleByArgument, CaseIterable { case ggn, hutchinson }

enum RankingScope: String, ExpressibleByArgument, CaseIterable {
  case global, layer, output

  var scope: Scope {
    switch self {
    case .global: .global
    case .layer: .layer
    case .output: .output
    }
  }
}

/// How the removal is divided over time. Without fine-tuning every schedule with the magnitude
/// criterion gives the mask of one-shot; criteria that look at neighbours or gradients are scored anew
/// each step.
struct ScheduleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How the removal is divided into steps.", valueName: "schedule"))
  var schedule: ScheduleName = .auto

  @Option(help: ArgumentHelp("Steps of the schedule.", valueName: "n"))
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "Share a step removes: of all weights (constant), of what is left (geometric and the tail of hybrid). Re-solved so that the target is met.",
      valueName: "share"))
  var stepRate: Sparsity?

  @Option(help: ArgumentHelp("The first, large step of hybrid.", valueName: "share"))
  var hybridFirst: Sparsity?

  @Option(help: ArgumentHelp("Steps of hybrid's tail.", valueName: "n"))
  var hybridSteps: Int?

  @Option(
    help: ArgumentHelp(
      "Hybrid's tail: geometric in what remains, or as the paper's authors ran it.",
      valueName: "form"))
  var hybridTail: HybridTail?

  @Option(
    help: ArgumentHelp("The sparsities of a manual schedule, as 0.5,0.8,0.9.", valueName: "list"))
  var at: String?

  private static let mostSteps = 10_000
  /// What takes about so many.
  private static let leastRate = 0.001

  func validate() throws {
    for (value, option) in [(steps, "--steps"), (hybridSteps, "--hybrid-steps")] {
      if let value, !(1...Self.mostSteps ~= value) {
        throw ValidationError("\(option) takes a whole number from 1 to \(Self.mostSteps)")
      }
    }
    for (given, option) in [(steps != nil, "--steps"), (hybridSteps != nil, "--hybrid-steps")]
    where given && stepRate != nil {
      throw ValidationError("\(option) and --step-rate contradict each other")
    }
    if let rate = stepRate?.fraction, !(rate >= Self.leastRate && rate < 1) {
      throw ValidationError("--step-rate takes a share from \(Self.leastRate), below 1")
    }
    func belongs(_ given: Bool, _ option: String, to names: [ScheduleName]) throws {
      if given && !names.contains(schedule) {
        throw ValidationError(
          "\(option) belongs to --schedule \(names.map(\.rawValue).joined(separator: " or "))")
      }
    }
    try belongs(steps != nil, "--steps", to: [.constant, .geometric, .polynomial])
    try belongs(stepRate != nil, "--step-rate", to: [.constant, .geometric, .hybrid])
    try belongs(hybridFirst != nil, "--hybrid-first", to: [.hybrid])
    try belongs(hybridSteps != nil, "--hybrid-steps", to: [.hybrid])
    try belongs(hybridTail != nil, "--hybrid-tail", to: [.hybrid])
    try belongs(at != nil, "--at", to: [.manual])
    if schedule == .manual && at == nil { throw ValidationError("--schedule manual needs --at") }
    if at != nil && milestones == nil {
      throw ValidationError("--at takes rising sparsities, as 0.5,0.8,0.9")
    }
  }

  /// The list of `--at`; nil where it is not one of rising shares.
  var milestones: [Double]? {
    guard let at else { return nil }
    let shares = at.split(separator: ",", omittingEmptySubsequences: false).map {
      Sparsity(argument: String($0))?.fraction
    }
    let known = shares.compactMap { $0 }
    guard !known.isEmpty, known.count == shares.count,
      zip(known, known.dropFirst()).allSatisfy({ $0 <= $1 })
    else { return nil }
    return known
  }
}

enum ScheduleName: String, ExpressibleByArgument, CaseIterable {
  case auto
  case oneShot = "one-shot"
  case constant, geometric, hybrid, polynomial, manual
}

enum HybridTail: String, ExpressibleByArgument, CaseIterable { case remaining, paper }
