import Tensors

/// How much a weight matters: the weights with the lowest scores are pruned first.
///
/// A criterion is one file under `Criteria/` and one line in `Criteria.all`.
public protocol Criterion: Sendable {
  /// As `--criterion` takes it.
  var name: String { get }
  /// What is pruned first, in a few words.
  var summary: String { get }
  /// Where the formula is from.
  var source: String { get }
  var needs: CriterionNeeds { get }
  /// Among which weights the criterion ranks unless told otherwise.
  var ownScope: Scope { get }
  /// What it has to be told of every weight, from ways back through the network.
  var sensitivities: [Sensitivity] { get }
  /// In how many rounds, scored anew each, one pruning event is made.
  var rounds: Int { get }
  /// The same criterion with the settings that are about it.
  func configured(_ settings: CriterionSettings) -> any Criterion

  /// One score for each weight of each candidate: 0 or more, finite; a criterion whose own
  /// number may be negative adds the same to all. The scores of weights that are zero or not finite
  /// are not looked at. 8 bytes a weight.
  func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]]
}

extension Criterion {
  public var needs: CriterionNeeds { [] }
  public var ownScope: Scope { .global }
  public var sensitivities: [Sensitivity] { [] }
  public var rounds: Int { 1 }
  public func configured(_ settings: CriterionSettings) -> any Criterion { self }

  /// Whether the network is to be gone through on labelled data.
  public var looksAtGradients: Bool { sensitivities.contains { $0.rows != .none } }

  /// Whether scores depend on the other weights, so that they are taken anew in every step.
  var rescores: Bool { needs.contains(.neighbours) || !sensitivities.isEmpty }

  /// Whether the order is that of |w|, so that weights are ranked where they lie, without scores.
  public var ranksByMagnitude: Bool { needs.contains(.onlyMagnitude) }
}

/// What a criterion looks at, and what that asks of a run.
public struct CriterionNeeds: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The weight's own magnitude and nothing else.
  public static let onlyMagnitude = CriterionNeeds(rawValue: 1)
  /// The kernels before and after, so that scores change as those are pruned.
  public static let neighbours = CriterionNeeds(rawValue: 2)
  /// All tensors in one ranking.
  public static let globalScope = CriterionNeeds(rawValue: 4)
  /// One weight of every tensor stays.
  public static let oneKeptPerTensor = CriterionNeeds(rawValue: 8)
  /// What the layers are given, on data: `Candidate.inputs`.
  public static let activations = CriterionNeeds(rawValue: 16)
  /// Scores are above each other and above no zero of their own: there is no threshold.
  public static let relativeScores = CriterionNeeds(rawValue: 32)
}

/// What can be set of criteria.
public struct CriterionSettings: Sendable {
  /// `--curvature`, of `obd`.
  public var curvature: OBD.Curvature?
  /// `--synflow-rounds`.
  public var rounds: Int?
  /// `--taylor-form`.
  public var taylorForm: Taylor.Form?
  /// `--grasp-temperature`.
  public var temperature: Double?

  public init(
    curvature: OBD.Curvature? = nil, rounds: Int? = nil, taylorForm: Taylor.Form? = nil,
    temperature: Double? = nil
  ) {
    self.curvature = curvature
    self.rounds = rounds
    self.taylorForm = taylorForm
    self.temperature = temperature
  }
}

/// What a criterion is told about the run.
public struct ScoringContext: Sendable {
  public var seed: UInt64
  public var scope: Scope
  /// For messages.
  public var file: String

  public init(seed: UInt64 = 0, scope: Scope = .global, file: String = "") {
    self.seed = seed
    self.scope = scope
    self.file = file
  }
}

/// Among which weights a weight is ranked.
public enum Scope: String, Sendable, CaseIterable {
  /// All candidates together.
  case global
  /// Each tensor by itself, all to the same sparsity.
  case layer
  /// Each output of each tensor by itself, all to the same sparsity: the weights that one unit or
  /// channel is made with.
  case output
}
