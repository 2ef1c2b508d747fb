import CSRM
import Documents
import Files
import Keras
import Pruning
import Reports
import Tensors

/// What `inspect` finds in one opened file.
struct Inspection {
  private let opened: OpenedModel
  private let selection: SelectedTensors
  var showsStructure = false
  var showsHistogram = false
  var estimation: Estimation?

  init(_ opened: OpenedModel, selection: SelectedTensors) {
    self.opened = opened
    self.selection = selection
  }

  func report(file: String) throws -> InspectReport {
    var passes = 1
    if showsStructure { passes += 1 }
    // Statistics and counts, of all tensors and of the prunable ones together.
    if showsHistogram { passes += 4 }
    switch estimation {
    case .packing: passes += 2
    case .pruned: passes += 5
    case .unknown, nil: break
    }
    return try ByteProgress.showing("inspecting", opened.container.valueBytes, passes: passes) {
      try measured(file: file)
    }
  }

  private func measured(file: String) throws -> InspectReport {
    let model = opened.model
    let readable = model.tensors.indices.filter { model.tensors[$0].values != nil }
    let statistics = Dictionary(
      uniqueKeysWithValues: zip(
        readable, try TensorStatistics.measure(readable.compactMap { model.tensors[$0].values })))
    let packing = try estimation.map { try PackingForecast($0, opened, selection) }
    let tensors = try model.tensors.indices.map {
      try facts($0, statistics[$0] ?? nil, packing)
    }
    var report = InspectReport(
      file: file, container: opened.storedAs.rawValue, bytes: opened.file.count, tensors: tensors,
      otherBytes: otherBytes(tensors), kerasVersion: model.kerasVersion, backend: model.backend,
      modelName: model.name)
    report.estimate = packing?.estimate
    if showsHistogram { report.histogram = try histogram() }
    report.notes = model.problems.map(\.description) + model.notes
    return report
  }

  private func facts(
    _ place: Int, _ statistics: TensorStatistics?, _ packing: PackingForecast?
  ) throws -> TensorFacts {
    let tensor = opened.model.tensors[place]
    let stored = StoredForm(of: tensor, in: opened)
    var facts = TensorFacts(
      name: tensor.name, path: tensor.path, layer: tensor.layer, layerClass: tensor.layerClass,
      role: tensor.role.rawValue, shape: tensor.shape, dtype: tensor.typeName, count: tensor.count,
      zeros: statistics?.zeros ?? 0, minimum: statistics?.minimum, maximum: statistics?.maximum,
      mean: statistics?.mean, standardDeviation: statistics?.standardDeviation,
      absoluteMean: statistics?.absoluteMean, nan: statistics?.nan ?? 0,
      inf: statistics?.infinite ?? 0,
      prunable: selection.reason(place) == nil, reason: selection.reason(place),
      bytes: tensor.source?.count ?? 0, storedBytes: stored.bytes, storedAs: stored.name)
    facts.encoding = try packing?.encoding(of: tensor) ?? stored.encoding
    if showsStructure, let layout = tensor.layout, let values = tensor.values {
      facts.structure = TensorStructure(try Structure.measure(values, layout: layout))
    }
    if showsHistogram, let values = tensor.values {
      facts.histogram = try Tensors.MagnitudeHistogram.measure(values).map(
        Reports.MagnitudeHistogram.init)
    }
    return facts
  }

  private func histogram() throws -> Reports.MagnitudeHistogram {
    let parts = try selection.prunable.compactMap { opened.model.tensors[$0].values }
      .compactMap { try Tensors.MagnitudeHistogram.measure($0) }
    return Reports.MagnitudeHistogram(adding: parts)
  }

  private func otherBytes(_ tensors: [TensorFacts]) -> InspectReport.OtherBytes {
    let optimizer = tensors.filter { $0.role == Role.optimizer.rawValue }.reduce(0) {
      $0 + $1.storedBytes
    }
    let attributes = opened.container.parts.reduce(0) { $0 + ($1.document?.attributeBytes ?? 0) }
    let stored = tensors.reduce(0) { $0 + $1.storedBytes }
    let packedAttributes = opened.packed == nil ? attributes : 0
    return .init(
      optimizer: optimizer, attributes: packedAttributes,
      metadata: max(0, opened.file.count - stored - packedAttributes))
  }
}

extension Document {
  /// Bytes of all attribute values.
  fileprivate var attributeBytes: Int {
    objects.reduce(0) { sum, object in object.attributes.reduce(sum) { $0 + $1.value.count } }
  }
}
