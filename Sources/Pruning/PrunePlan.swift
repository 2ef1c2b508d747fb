import Tensors

/// What a run is to reach, and how.
public struct PrunePlan: Sendable {
  public enum Target: Sendable, Equatable {
    /// This share of all candidates' weights is zero at the end: floor(S·of + 1/2) of them, in all.
    case sparsity(Double)
    /// So many weights stay.
    case keep(Int)
    /// All weights whose score (for magnitude, |w|) is below this go, compared by value without
    /// rounding; a weight that equals it stays.
    case threshold(Double)
    /// N of each M consecutive inputs stay, the highest of each group (`NMPattern`).
    case pattern(NMPattern)
    /// As few weights go as make the model pack to this many bytes or fewer.
    case size(Int)
  }

  public var target: Target
  public var criterion: any Criterion
  public var scope: Scope
  /// How the way to a sparsity or a number kept is cut into steps. For the other targets, one-shot.
  public var schedule: any Schedule
  /// Sparsities of single candidates, by index (`--set`). They stand, limits or not, and the others
  /// are pruned so that the target holds for all together; in the other scopes the others have the
  /// target's sparsity each.
  public var overrides: [Int: Double]
  /// No tensor gets sparser than this, but for zeros that it has already and for `overrides`.
  public var maxLayerSparsity: Double?
  /// No tensor is left with fewer weights, with the same exceptions.
  public var minKeep: Int
  /// Keep weights that are NaN or infinite instead of refusing them.
  public var allowsNonfinite: Bool
  /// For criteria that draw.
  public var seed: UInt64

  public init(
    target: Target, criterion: any Criterion = Magnitude(), scope: Scope = .global,
    schedule: any Schedule = OneShot(), overrides: [Int: Double] = [:],
    maxLayerSparsity: Double? = nil, minKeep: Int = 0, allowsNonfinite: Bool = false,
    seed: UInt64 = 0
  ) {
    self.target = target
    self.criterion = criterion
    self.scope = scope
    self.schedule = schedule
    self.overrides = overrides
    self.maxLayerSparsity = maxLayerSparsity
    self.minKeep = minKeep
    self.allowsNonfinite = allowsNonfinite
    self.seed = seed
  }

  /// How many of `count` weights a share is: to the nearest one, halves up.
  static func weights(_ share: Double, of count: Int) -> Int {
    Int((share * Double(count) + 0.5).rounded(.down))
  }

  /// Throws what is wrong with the plan by itself, or contradicts itself, before any file is read.
  public func check() throws(PruningError) {
    func ratio(_ value: Double, _ option: String) throws(PruningError) {
      guard value >= 0, value <= 1 else { throw .ratio(option: option, value: value) }
    }
    if let maxLayerSparsity { try ratio(maxLayerSparsity, "--max-layer-sparsity") }
    for share in overrides.values { try ratio(share, "--set") }
    guard minKeep >= 0 else { throw .contradiction("--min-keep: \(minKeep) is below 0.") }
    if scope != .global, criterion.needs.contains(.globalScope) {
      throw .contradiction(
        "--scope \(scope.rawValue): \(criterion.name) compares tensors with each other. Use --scope global."
      )
    }
    if case .threshold(let value) = target, value > 0, criterion.needs.contains(.relativeScores) {
      throw .contradiction(
        "--threshold: scores of \(criterion.name) have no zero to count from. Give --sparsity or --keep."
      )
    }
    switch target {
    case .sparsity(let share): try ratio(share, "--sparsity")
    case .keep(let count):
      guard count >= 0 else { throw .contradiction("--keep: \(count) is below 0.") }
    case .threshold(let value): guard value >= 0 else { throw .threshold(value) }
    case .pattern:
      guard overrides.isEmpty, maxLayerSparsity == nil, minKeep == 0 else {
        throw .contradiction(
          "--nm: the pattern says how many weights of each tensor stay. "
            + "Leave out --set, --max-layer-sparsity and --min-keep.")
      }
    case .size(let bytes):
      guard bytes >= 0 else { throw .contradiction("--target-size: \(bytes) is below 0.") }
    }
    switch target {
    case .sparsity, .keep: break
    case .threshold, .pattern, .size:
      guard schedule is OneShot else {
        throw .contradiction(
          "--schedule \(schedule.name): steps lead to a --sparsity or a --keep. Give one of them.")
      }
    }
  }
}
