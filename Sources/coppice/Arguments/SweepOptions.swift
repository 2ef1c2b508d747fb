import ArgumentParser
import Pruning
import Studies

/// What a sweep goes through, and which part of it is done here.
struct SweepOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Sparsities (default: 0.7,0.8,0.88,0.92,0.96,0.99).", valueName: "list"))
  var ratios: SparsityList?

  @Option(
    help: ArgumentHelp(
      "Schedules (default: one-shot,constant,geometric,hybrid).", valueName: "list"))
  var schedules = "one-shot,constant,geometric,hybrid"

  @Option(help: ArgumentHelp("Criteria, between commas.", valueName: "list"))
  var criteria = "magnitude"

  @Option(
    help: ArgumentHelp(
      "How often each run is repeated, with --seed and the next ones.", valueName: "n"))
  var seeds = 3

  @Option(
    help: ArgumentHelp(
      "What makes it fair: equal-budget:E gives every schedule E epochs in all; best-of-grid gives each the same variants, and validation picks one.",
      valueName: "mode"))
  var fair: FairMode = .standard

  @Option(
    help: ArgumentHelp("The folder of the results, one file a run.", valueName: "folder"),
    completion: .directory)
  var out: String?

  @Flag(help: "Leave out the runs that are in --out already.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "Do the I-th of N parts only (default: that of SLURM_ARRAY_TASK_ID).", valueName: "i/n"))
  var shard: String?

  func validate() throws {
    if !(1...Self.mostSeeds ~= seeds) {
      throw ValidationError("--seeds takes a whole number from 1 to \(Self.mostSeeds)")
    }
    if let shard, Shard(shard) == nil {
      throw ValidationError("--shard \(shard): write I/N, with I from 1 to N")
    }
    if resume && out == nil { throw ValidationError("--resume needs the folder: give --out") }
    for name in names(schedules) where !Schedules.names.contains(name) || name == "manual" {
      throw ValidationError(
        "--schedules: \(name) is none of one-shot, constant, geometric, hybrid, polynomial")
    }
    for name in names(criteria) {
      do { _ = try Criteria.parse(name) } catch { throw ValidationError("\(error)") }
    }
  }

  private static let mostSeeds = 100_000

  var criterionNames: [String] { names(criteria) }

  private func names(_ list: String) -> [String] {
    list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  /// All runs. `study` tells the model, data and options from others. Throws where a budget
  /// has not one epoch for each step of a schedule.
  func plan(
    study: String, seed: UInt64, metric: String, variants: [String], maxEpochs: Int?
  ) throws -> SweepPlan {
    let ratios = ratios?.fractions ?? [0.7, 0.8, 0.88, 0.92, 0.96, 0.99]
    let most: (epochs: Int, option: String)? =
      switch fair.fairness {
      case .equalBudget(let epochs): (epochs, "--fair \(fair.argumentText)")
      case .bestOfGrid: maxEpochs.map { ($0, "--max-epochs \($0)") }
      }
    for ratio in ratios {
      for name in names(schedules) {
        let steps = try Self.schedule(name, to: ratio).cumulative(to: ratio).count
        if let most, most.epochs < steps {
          throw UsageFault(
            "\(most.option): \(name) takes \(steps) steps to \(ratio), which need an epoch each. Give more epochs"
          )
        }
      }
    }
    guard seed <= UInt64(Int.max - seeds) else {
      throw UsageFault("--seed \(seed): there are no \(seeds) seeds from there on")
    }
    return try SweepPlan(
      study: study, ratios: ratios, schedules: names(schedules), criteria: names(criteria),
      seeds: seeds, firstSeed: Int(clamping: seed), fairness: fair.fairness,
      variants: fair.fairness == .bestOfGrid ? variants : [""], metric: metric)
  }

  /// A schedule by its name, with its defaults.
  static func schedule(_ name: String, to p: Double) -> any Schedule {
    let steps = Schedules.defaultSteps(to: p)
    switch name {
    case "constant": return Constant(steps: steps)
    case "geometric": return Geometric(steps: steps)
    case "hybrid": return Hybrid()
    case "polynomial": return Polynomial(steps: steps)
    default: return OneShot()
    }
  }

  /// The part to do: of `--shard`, else of a job array; all of it where there is neither.
  func part(environment: (String) -> String?) throws -> Shard? {
    if let shard { return Shard(shard) }
    return try Shard(environment: environment)
  }
}

/// Sparsities over 0 and below 1, typed as `0.7,80%`.
struct SparsityList: ExpressibleByArgument, ArgumentText {
  let fractions: [Double]
  let argumentText: String

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let known = parts.compactMap { Sparsity(argument: String($0))?.fraction }
    guard known.count == parts.count, known.allSatisfy({ $0 > 0 && $0 < 1 }) else { return nil }
    fractions = known
    argumentText = argument
  }
}

/// Typed as `equal-budget:40` or `best-of-grid`.
struct FairMode: ExpressibleByArgument, ArgumentText {
  let fairness: SweepPlan.Fairness
  let argumentText: String

  static let standard = FairMode(.equalBudget(100), "equal-budget:100")

  private init(_ fairness: SweepPlan.Fairness, _ text: String) {
    self.fairness = fairness
    argumentText = text
  }

  init?(argument: String) {
    if argument == "best-of-grid" {
      self.init(.bestOfGrid, argument)
      return
    }
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "equal-budget", let epochs = Int(parts[1]),
      1...EpochCount.most ~= epochs
    else { return nil }
    self.init(.equalBudget(epochs), argument)
  }

  var defaultValueDescription: String { argumentText }
}
