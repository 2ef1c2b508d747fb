import JSON

/// All runs of a sweep, in one order that every shard knows.
public struct SweepPlan: Sendable, Equatable {
  public static let schema = "coppice.sweep-plan/1"

  /// What makes the comparison of schedules a fair one.
  public enum Fairness: Sendable, Equatable {
    /// So many epochs in all for every schedule.
    case equalBudget(Int)
    /// The same number of variants for every schedule, of which validation picks one.
    case bestOfGrid
  }

  /// Names the model, data and options: runs of other sweeps are not merged with these.
  public var study: String
  public var ratios: [Double]
  public var schedules: [String]
  public var criteria: [String]
  /// Seeds are `firstSeed..<firstSeed + seeds`.
  public var seeds: Int
  public var firstSeed: Int
  public var fairness: Fairness
  /// Names of what is tried for each schedule; one empty name for an equal budget.
  public var variants: [String]
  /// What is compared: `accuracy`, or `loss`.
  public var metric: String

  /// Throws `StudyError.emptySweep` where there is nothing to run, and `.sweepRepeats` where a value
  /// comes twice.
  public init(
    study: String, ratios: [Double], schedules: [String], criteria: [String], seeds: Int,
    firstSeed: Int = 0, fairness: Fairness, variants: [String] = [""], metric: String = "accuracy"
  ) throws(StudyError) {
    func check<Value: Hashable>(_ values: [Value], _ option: String) throws(StudyError) {
      guard !values.isEmpty else { throw .emptySweep(option: option) }
      guard Set(values).count == values.count else { throw .sweepRepeats(option: option) }
    }
    try check(ratios, "--ratios")
    try check(schedules, "--schedules")
    try check(criteria, "--criteria")
    try check(variants, "--fair best-of-grid")
    guard seeds >= 1 else { throw .emptySweep(option: "--seeds") }
    self.study = study
    self.ratios = ratios.sorted()
    self.schedules = schedules
    self.criteria = criteria
    self.seeds = seeds
    self.firstSeed = firstSeed
    self.fairness = fairness
    self.variants = variants
    self.metric = metric
  }

  /// The dense model first, then ratio by ratio the control without training and every schedule.
  /// Seeds change fastest, so that a sweep that is cut short has whole comparisons.
  public var coordinates: [SweepCoordinates] {
    let seeds = (0..<seeds).map { firstSeed + $0 }
    var all = [SweepCoordinates(kind: .dense, seed: firstSeed)]
    for ratio in ratios {
      for criterion in criteria {
        all += seeds.map {
          SweepCoordinates(kind: .untrained, ratio: ratio, criterion: criterion, seed: $0)
        }
        for schedule in schedules {
          for variant in variants {
            all += seeds.map {
              SweepCoordinates(
                kind: .pruned, ratio: ratio, schedule: schedule, criterion: criterion, seed: $0,
                variant: variant)
            }
          }
        }
      }
    }
    return all
  }
}

/// Which run of a sweep.
public struct SweepCoordinates: Sendable, Hashable {
  public enum Kind: String, Sendable {
    /// The model as it came.
    case dense
    /// Pruned in one step and not trained: all schedules are the same there.
    case untrained
    case pruned
  }

  public var kind: Kind
  public var ratio: Double
  public var schedule: String
  public var criterion: String
  public var seed: Int
  public var variant: String

  public init(
    kind: Kind, ratio: Double = 0, schedule: String = "", criterion: String = "", seed: Int,
    variant: String = ""
  ) {
    self.kind = kind
    self.ratio = ratio
    self.schedule = schedule
    self.criterion = criterion
    self.seed = seed
    self.variant = variant
  }

  /// Tells the run from the others of its sweep, in characters that a file's name may have:
  /// `pruned-0.9-geometric-magnitude-s0`.
  public var id: String {
    let parts =
      switch kind {
      case .dense: [kind.rawValue]
      case .untrained: [kind.rawValue, "\(ratio)", criterion]
      case .pruned: [kind.rawValue, "\(ratio)", schedule, criterion, variant]
      }
    let words = parts.filter { !$0.isEmpty } + ["s\(seed)"]
    return words.map(Self.plain).joined(separator: "-")
  }

  /// Letters, digits and dots; everything else as its code, so that no two texts become one.
  private static func plain(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
        String(UnicodeScalar(byte))
      default: "_" + String(byte, radix: 16)
      }
    }.joined()
  }
}
