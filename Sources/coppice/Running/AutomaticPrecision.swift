import CSRM
import Datasets
import Documents
import Files
import JSON
import Keras
import Network
import Reports
import Studies
import Tensors

/// `--values auto`: for each tensor the precision with which the whole takes the fewest bytes and the
/// metrics of `--require` still hold.
///
/// Precisions are chosen on rows that are kept for validation, and on others of the training part where
/// these are few. What may be lost there is what may be lost on the rows that are reported.
final class AutomaticPrecision {
  private let rounding: ModelRounding
  private let pair: ModelOnData
  private let conditions: [Requirement]
  private let worth: WeightWorth
  private let importance: [Int: [Float]]
  private let held: HeldRows
  private let rows: [Int]
  private var evaluation = Evaluation.Options()
  private var trials = 0

  /// Rows that a metric is measured on, where there are as many.
  private static let wantedRows = 5000
  /// Of the rows of the training part that `finetune` keeps for validation.
  private static let validation = 0.1
  /// The share of what may be lost that may be lost where precisions are chosen: the other rows are
  /// not the same.
  private static let prudence = 0.75

  /// What there is to choose from, beside what is exact; from the least harmful on.
  private static let ways: [any ValueRounding] = {
    var ways: [any ValueRounding] = [Bfloat16Values(), HalfValues(), Int8Values()]
    for size in [64, 32, 16, 8, 4] { ways.append(Codebook(size: size)) }
    for step in [0.5, 1] {
      for lambda in [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45] {
        ways.append(RateDistortion(lambda: lambda, step: step))
      }
    }
    return ways
  }()

  init(
    _ rounding: ModelRounding, _ pair: ModelOnData, _ conditions: [Requirement],
    _ worth: WeightWorth,
    seed: UInt64, loss: String?
  ) throws {
    self.rounding = rounding
    self.pair = pair
    self.conditions = conditions.filter { [.accuracy, .loss].contains($0.metric) }
    self.worth = worth
    importance = worth.importance
    evaluation.loss = loss
    let all = try TrainingRows(pair.data.train ?? pair.data.all, memory: HeldRows.memory)
    let share = max(Self.validation, Double(Self.wantedRows) / Double(max(1, all.count)))
    rows =
      share < 1 && all.count > 1
      ? try all.split(validation: share, seed: seed).validation : Array(0..<all.count)
    held = HeldRows(all, batch: min(256, max(1, rows.count)), outputs: pair.network.outputs.count)
  }

  /// A tensor, and what can be made of it.
  private struct Tensor {
    var place: Int
    var input: RoundingInput
    var ways: [any ValueRounding]
    var options: [PrecisionSearch.Option]
  }

  /// The roundings of the weights that `container` has, which the network of the pair has too;
  /// `exact` is what they give on the rows that are reported.
  ///
  /// Throws `AnswerIsNo` where the exact weights do not hold what is required.
  func rounded(
    _ container: Container, exact: [Requirement.Metric: Double]
  ) throws -> (tensors: [ModelRounding.Rounded], facts: ValuesReport.Search) {
    for condition in conditions {
      guard let value = exact[condition.metric] else { continue }
      guard condition.holds(for: value) else {
        throw AnswerIsNo(
          "\(rounding.file): \(condition.argumentText) cannot be held by any --values: the weights as they are have \(condition.metric) \(value)"
        )
      }
    }
    let tensors = try rounding.opened.model.tensors.indices.compactMap { place -> Tensor? in
      let tensor = rounding.opened.model.tensors[place]
      guard tensor.holdsWeights, tensor.copyOf == nil,
        let input = rounding.input(place, of: container)
      else { return nil }
      return try options(of: place, input)
    }
    let before = pair.network.snapshot
    defer {
      pair.network.restore(before)
      pair.network.refresh()
    }
    let start = try metrics()
    var current = [Int](repeating: 0, count: tensors.count)
    var chosen: [Int: ModelRounding.Rounded] = [:]
    func set(_ choice: [Int]) throws {
      for (index, tensor) in tensors.enumerated() where current[index] != choice[index] {
        current[index] = choice[index]
        chosen[index] = nil
        var values = tensor.input.values
        if choice[index] > 0,
          let rounded = try tensor.ways[choice[index] - 1].rounded(tensor.input)
        {
          chosen[index] = ModelRounding.Rounded(place: tensor.place, values: rounded)
          values = rounded.values
        }
        try pair.network.setValues(ofTensor: tensor.place, to: values)
      }
      pair.network.refresh()
    }
    let search = PrecisionSearch(tensors.map(\.options))
    let best = try search.best(trying: uniform(tensors)) { choice in
      try set(choice)
      return try holds(metrics(), from: start, exact: exact)
    }
    guard let best else {
      throw AnswerIsNo(
        "\(rounding.file): --values auto: what --require asks for cannot be measured on these data")
    }
    try set(best)
    let facts = ValuesReport.Search(
      rows: rows.count, part: pair.data.train == nil ? "all" : "train", trials: trials,
      exact: start.jsonObject, chosen: try metrics().jsonObject)
    var found = tensors.indices.compactMap { chosen[$0] }
    // What stays as it is, and the second copies of shared tensors.
    let exactly = Set(tensors.indices.filter { best[$0] == 0 }.map { tensors[$0].place })
    for (place, tensor) in rounding.opened.model.tensors.enumerated()
    where !tensor.holdsWeights || exactly.contains(tensor.copyOf ?? place) {
      guard let input = rounding.input(place, of: container) else { continue }
      if let kept = try rounding.kept(place, input.values) { found.append(kept) }
    }
    for (index, tensor) in tensors.enumerated() where best[index] > 0 {
      for copy in rounding.opened.model.copies(of: tensor.place) where copy != tensor.place {
        guard let input = rounding.input(copy, of: container) else { continue }
        var weighed = input
        weighed.importance = tensor.input.importance
        if let rounded = try tensor.ways[best[index] - 1].rounded(weighed) {
          found.append(ModelRounding.Rounded(place: copy, values: rounded))
        }
      }
    }
    return (found.sorted { $0.place < $1.place }, facts)
  }

  /// For each way, the choice of it for every tensor that it makes smaller: what `--values` would do
  /// with that way named.
  private func uniform(_ tensors: [Tensor]) -> [PrecisionSearch.Choice] {
    Self.ways.map { way in
      tensors.map { tensor in
        tensor.ways.firstIndex { $0.name == way.name }.map { $0 + 1 } ?? 0
      }
    }
  }

  private func options(of place: Int, _ plain: RoundingInput) throws -> Tensor {
    var input = plain
    input.importance = importance[place]
    let kept = try rounding.kept(place, input.values)?.values.values
    let exact = try rounding.bytes(of: kept ?? input.values, input.shape)
    var tensor = Tensor(
      place: place, input: input, ways: [], options: [.init(bytes: exact, harm: 0)])
    for way in Self.ways {
      guard let rounded = try self.rounded(input, way) else { continue }
      let bytes = try rounding.bytes(of: rounded.values, input.shape)
      guard bytes < exact else { continue }
      tensor.ways.append(way)
      tensor.options.append(
        .init(bytes: bytes, harm: try worth.harm(of: rounded, from: input.values, place: place)))
    }
    return tensor
  }

  /// Nil of a way that cannot hold the values.
  private func rounded(_ input: RoundingInput, _ way: any ValueRounding) throws -> RoundedValues? {
    do { return try way.rounded(input) } catch CSRMError.cannotRound { return nil }
  }

  private func metrics() throws -> [Requirement.Metric: Double] {
    trials += 1
    return try held.metrics(rows, of: pair, evaluation).requirements
  }

  /// Whether no more is lost than may be.
  private func holds(
    _ now: [Requirement.Metric: Double], from start: [Requirement.Metric: Double],
    exact: [Requirement.Metric: Double]
  ) -> Bool {
    conditions.allSatisfy { condition in
      guard let value = now[condition.metric], let before = start[condition.metric],
        let reported = exact[condition.metric], value.isFinite
      else { return false }
      let allowed = (reported - condition.bound).magnitude * Self.prudence
      return condition.atLeast ? before - value <= allowed : value - before <= allowed
    }
  }
}

extension [Requirement.Metric: Double] {
  /// By name, in the order of the metrics.
  fileprivate var jsonObject: JSON.Object {
    JSON.Object(
      Requirement.Metric.allCases.compactMap { metric in
        self[metric].map { (metric.rawValue, JSON.Value.double($0)) }
      })
  }
}
