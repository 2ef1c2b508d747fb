import CSRM
import Documents
import Files
import Keras
import Reports
import Tensors

/// `--values` on one model: which tensors are rounded, how, and what that does to their values.
struct ModelRounding {
  let opened: OpenedModel
  let choice: ValuesChoice
  let saturates: Bool
  let packing: PackOptions
  /// As `--values` had it.
  let name: String
  let file: String
  private let isPacked: Bool

  init(
    _ options: PackingOptions, _ packing: PackOptions, of opened: OpenedModel, as kind: ContainerKind,
    file: String
  ) throws {
    choice = try options.choice
    guard choice.isExact || kind == .csrm else {
      throw UsageFault(
        "--values \(options.values) is how weights are packed: \(kind.rawValue) stores them as they are. Name a .csrm file"
      )
    }
    self.opened = opened
    self.packing = packing
    saturates = options.saturate
    name = options.values
    self.file = file
    isPacked = kind == .csrm
  }

  /// `way` on every tensor of weights, for a packed file; values that are too large for it are refused.
  init(_ way: any ValueRounding, _ packing: PackOptions, of opened: OpenedModel, file: String) {
    (choice, name, saturates) = (.rounded(way), way.name, false)
    (self.opened, self.packing, self.file) = (opened, packing, file)
    isPacked = true
  }

  /// Nothing but what was rounded already, for a packed file.
  init(keepingLevelsOf opened: OpenedModel) {
    (choice, name, saturates) = (.exact, "exact", false)
    (self.opened, packing, file) = (opened, PackOptions(), opened.path)
    isPacked = true
  }

  /// Whether what was rounded in the input stays rounded as it was.
  var keepsLevels: Bool { choice.isExact && isPacked }

  /// A tensor that was rounded.
  struct Rounded {
    let place: Int
    let values: RoundedValues
  }

  /// Rounds the weights that `container` has as asked; `worth` says what an error of each is worth, by
  /// place in the model.
  ///
  /// A tensor stays as it is where rounding would not make it smaller. What was rounded in the input
  /// and has still those values keeps its levels, unless another precision is asked for.
  func round(
    _ container: Container, worth: [Int: [Float]] = [:]
  ) throws -> [Rounded] {
    guard isPacked else { return [] }
    return try opened.model.tensors.indices.compactMap { place -> Rounded? in
      guard var input = input(place, of: container) else { return nil }
      let tensor = opened.model.tensors[place]
      let kept = try kept(place, input.values)
      guard case .rounded(let way) = choice, tensor.holdsWeights else { return kept }
      input.importance = worth[tensor.copyOf ?? place]
      guard let found = try way.rounded(input),
        try bytes(of: found.values, input.shape)
          < bytes(of: kept?.values.values ?? input.values, input.shape)
      else { return kept }
      return Rounded(place: place, values: found)
    }
  }

  /// A float tensor as it is in `container`.
  func input(_ place: Int, of container: Container) -> RoundingInput? {
    let tensor = opened.model.tensors[place]
    guard let type = tensor.type, type.isFloat,
      let source = container.values(part: tensor.part, object: tensor.object)
    else { return nil }
    var input = RoundingInput(
      file: file, name: tensor.name, values: TensorValues(source, type: type), shape: tensor.shape)
    input.saturates = saturates
    return input
  }

  /// The levels that a tensor had in the input, where it has the values of levels still.
  func kept(_ place: Int, _ values: TensorValues) throws -> Rounded? {
    try opened.packed?.levelled(opened.model.tensors[place].path, values).map {
      Rounded(place: place, values: $0)
    }
  }

  /// Bytes that a tensor would take.
  func bytes(of values: TensorValues, _ shape: [Int]) throws -> Int {
    try Packer.storedBytes(of: values, shape: shape, options: packing)
  }

  /// What became of the weights, and what was looked at to find it.
  struct Outcome {
    var rounded: [Rounded]
    var samples: Int?
    var search: ValuesReport.Search?
    /// What a person should know of the data that were looked at.
    var notes: [String] = []
  }

  /// Rounds the weights that `container` has, by the data of `pair` where these say what an error is
  /// worth, and what `conditions` ask for where the precision is to be found.
  ///
  /// - Parameters:
  ///   - values: those that are not the model's own, by place in the model.
  ///   - exact: what the weights before rounding give on the rows that are reported.
  func outcome(
    _ container: Container, on pair: ModelOnData?,
    values: [(place: Int, values: TensorValues)], conditions: [Requirement],
    exact: [Requirement.Metric: Double], samples: Int? = nil, seed: UInt64, loss: String? = nil
  ) throws -> Outcome {
    guard isPacked, choice.weighs, let pair, !pair.data.evaluation.targets.isEmpty else {
      return Outcome(rounded: try round(container))
    }
    let worth = try WeightWorth(pair, values: values, samples: samples, seed: seed, loss: loss)
    var outcome = Outcome(rounded: [], samples: worth.samples)
    if pair.data.train == nil || pair.data.evaluation.name != "test" {
      outcome.notes.append(
        "The data have no test part to measure on by itself: accuracy was measured on rows that --values \(name) looked at. Name others with --test-data."
      )
    }
    guard case .automatic = choice else {
      outcome.rounded = try round(container, worth: worth.importance)
      return outcome
    }
    let search = try AutomaticPrecision(self, pair, conditions, worth, seed: seed, loss: loss)
    let found = try search.rounded(container, exact: exact)
    outcome.rounded = found.tensors
    outcome.search = found.facts
    return outcome
  }

  /// What the report says of them; nil where nothing was asked for.
  func report(_ outcome: Outcome, _ summary: PackSummary?) -> ValuesReport? {
    guard !choice.isExact, let summary else { return nil }
    let entries = Dictionary(
      summary.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let found = Dictionary(
      outcome.rounded.map { ($0.place, $0.values) }, uniquingKeysWith: { first, _ in first })
    var report = ValuesReport(asked: name)
    report.samples = outcome.samples
    report.search = outcome.search
    for (place, tensor) in opened.model.tensors.enumerated() where tensor.holdsWeights {
      guard let entry = entries[tensor.path], entry.type.isFloat else { continue }
      let loss = found[place]?.loss ?? RoundingLoss()
      report.tensors.append(
        .init(
          name: tensor.name, count: entry.count, precision: entry.precision,
          largestError: loss.largest, meanError: loss.mean, zeroed: loss.zeroed,
          saturated: loss.saturated, maskBytes: entry.split.mask, valueBytes: entry.split.values,
          sideBytes: entry.split.side))
    }
    return report
  }
}

extension [ModelRounding.Rounded] {
  /// The container with the rounded values in place of those that it had.
  func applied(to container: Container, of model: Model) -> Container {
    container.replacing(map { ($0.place, $0.values.values) }, of: model)
  }
}

extension ModelTensor {
  /// Whether `--values` is about it: what pruning takes, and embeddings. Biases, statistics and
  /// optimizer state are few or delicate, and stay exact.
  var holdsWeights: Bool {
    (isPrunable || role.isKernel || role == .embeddings) && role != .optimizer
      && type?.isFloat == true
  }
}
