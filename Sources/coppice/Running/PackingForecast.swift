import CSRM
import Documents
import Keras
import Pruning
import Reports

/// What packing a file would give at each level, as it is or after pruning it to a share by
/// magnitude, worked out without writing anything.
struct PackingForecast {
  let estimate: PackingEstimate
  private let entries: [String: PackSummary.Tensor]
  private let limits: [String: Double]

  init(_ estimation: Estimation, _ opened: OpenedModel, _ selection: SelectedTensors) throws {
    var container = opened.container
    var sparsity: Double?
    if case .pruned(let share) = estimation {
      let set = PrunableSet(opened.model, selection, criterion: Magnitude())
      let result = try PrunePlan(target: .sparsity(share.fraction), allowsNonfinite: true)
        .prune(set.candidates, file: opened.path)
      container = set.applying(result, to: container)
      sparsity = result.achieved
    }
    // What was rounded, and has those values still, keeps its levels.
    container = try ModelRounding(keepingLevelsOf: opened).round(container).applied(
      to: container, of: opened.model)
    let summary = try Packer.measure(container, named: opened.path)
    var estimate = PackingEstimate(sparsity: sparsity, bytes: summary.totalBytes)
    for level in [PackingLevel.fast, .max] {
      var options = PackOptions()
      options.level = level.packing
      let bytes = try Packer.measure(container, named: opened.path, options: options).totalBytes
      estimate.levels.append(.init(name: level.rawValue, bytes: bytes))
    }
    self.estimate = estimate
    entries = Dictionary(
      summary.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var limits: [String: Double] = [:]
    for tensor in opened.model.tensors {
      guard
        let source = container.values(part: tensor.part, object: tensor.object),
        let type = tensor.type
      else { continue }
      limits[tensor.path] = try ZerothOrderLimit(of: source, type: type)?.bytes
    }
    self.limits = limits
  }

  func encoding(of tensor: ModelTensor) throws -> EncodingFacts? {
    guard let entry = entries[tensor.path] else { return nil }
    return EncodingFacts(
      name: entry.encoding.description, bytes: entry.codedBytes, nonzeros: entry.nonzeros,
      limit: limits[tensor.path])
  }
}
