import Documents
import Files
import Keras
import Reports
import Tensors

/// Two models side by side: what `verify A B` and `diff A B` find.
struct Comparison {
  private let a: OpenedModel
  private let b: OpenedModel
  private let paths: (String, String)

  init(_ first: String, _ second: String, _ reading: ReadingOptions) throws {
    a = try Inputs.open(first, reading)
    b = try Inputs.open(second, reading)
    paths = (Inputs.shown(first), Inputs.shown(second))
  }

  /// Tensor by tensor, and what else of the containers differs where they are of one kind.
  func report() throws -> DiffReport {
    // Values are compared, counted, and compared once more with all else where the kinds agree.
    let passes = a.container.kind == b.container.kind ? 3 : 2
    do {
      return try ByteProgress.showing("comparing", a.container.valueBytes, passes: passes) {
        try compared()
      }
    } catch let error as any Reportable where error.description.hasPrefix(paths.1) {
      throw Batch.OfAnother(underlying: error)
    }
  }

  private func compared() throws -> DiffReport {
    var report = DiffReport(fileA: paths.0, fileB: paths.1, tensors: [])
    var partners = Partners(a.model.tensors, b.model.tensors)
    for (place, tensor) in a.model.tensors.enumerated() {
      let other = partners.take(for: place).map { b.model.tensors[$0] }
      report.tensors.append(try compare(tensor, other))
    }
    for place in partners.left {
      let tensor = b.model.tensors[place]
      report.tensors.append(
        .init(name: tensor.name, status: .extra, shapeB: tensor.shape, dtypeB: tensor.typeName))
    }
    if a.container.kind == b.container.kind { report.others = try otherDifferences() }
    return report
  }

  /// What `verify A B` answers: damage is what differs, and every byte of A's tensors was compared.
  func verification() throws -> VerifyReport {
    let diff = try report()
    let damage = diff.tensors.filter { $0.status != .same }.map {
      VerifyReport.Damage(place: $0.name, what: $0.sentence)
    }
    return VerifyReport(
      file: paths.0, container: a.storedAs.rawValue, against: paths.1,
      checkedBytes: a.model.tensors.reduce(0) { $0 + ($1.source?.count ?? 0) },
      damage: damage + diff.others)
  }

  private func compare(_ a: ModelTensor, _ b: ModelTensor?) throws -> DiffReport.Tensor {
    guard let b else {
      return .init(name: a.name, status: .missing, shapeA: a.shape, dtypeA: a.typeName)
    }
    var row = DiffReport.Tensor(
      name: a.name, status: .same, shapeA: a.shape, shapeB: b.shape, dtypeA: a.typeName,
      dtypeB: b.typeName)
    guard a.shape == b.shape else {
      row.status = .shape
      return row
    }
    if a.typeName != b.typeName { row.status = .dtype }
    guard let left = a.values, let right = b.values else {
      if row.status == .same, try a.source?.bytes() != b.source?.bytes() { row.status = .values }
      return row
    }
    let difference = try TensorDifference.measure(left, right)
    row.changed = difference.changed
    row.maxAbs = difference.largest
    row.rms = difference.rootMeanSquare
    if row.status == .same && difference.changed > 0 { row.status = .values }
    row.zerosA = try TensorStatistics.measure(left)?.zeros
    row.zerosB = row.status == .same ? row.zerosA : try TensorStatistics.measure(right)?.zeros
    return row
  }

  /// Groups, attributes, types, settings and members: everything that is no tensor value.
  private func otherDifferences() throws -> [VerifyReport.Damage] {
    var found: [VerifyReport.Damage] = []
    let left = a.container.parts
    let right = b.container.parts
    if left.map(\.name) != right.map(\.name) {
      return [
        .init(place: "archive", what: "the members are not the same, or not in the same order")
      ]
    }
    for (one, other) in zip(left, right) {
      let place = one.name.bytes.isEmpty ? "" : one.name.printable
      switch (one.content, other.content) {
      case (.document(let first), .document(let second)):
        // Values of tensors have their own rows.
        found += try first.differences(to: second, in: .content)
          .filter { !$0.what.hasPrefix("values differ") }
          .map { .init(place: "\(place)\($0.path)", what: $0.what) }
      case (.bytes(let first), .bytes(let second)):
        if try first.bytes() != second.bytes() {
          found.append(.init(place: place, what: "the bytes differ"))
        }
      default: found.append(.init(place: place, what: "is HDF5 in one file only"))
      }
    }
    return found
  }
}

/// Which tensor of the second model each of the first is compared with: the one at the same path,
/// else the one of the same name; of the optimizer's, which every layout names its own way, else the
/// one that comes at the same place among them.
private struct Partners {
  private var byPath: [String: Int] = [:]
  private var byName: [String: Int] = [:]
  private var byPlace: [Int: Int] = [:]
  private let first: [ModelTensor]
  private let second: [ModelTensor]
  private var taken: Set<Int> = []

  init(_ first: [ModelTensor], _ second: [ModelTensor]) {
    self.first = first
    self.second = second
    let paths = Set(first.map(\.path))
    for (place, tensor) in second.enumerated() {
      byPath[tensor.path] = place
      // A tensor that has its own partner by path is nobody's partner by name.
      if !paths.contains(tensor.path) { byName[tensor.name] = place }
    }
    let (slots, others) = (Self.slots(of: first), Self.slots(of: second))
    if slots.count == others.count,
      zip(slots, others).allSatisfy({ first[$0].shape == second[$1].shape })
    {
      byPlace = Dictionary(uniqueKeysWithValues: zip(slots, others))
    }
  }

  private static func slots(of tensors: [ModelTensor]) -> [Int] {
    tensors.indices.filter { tensors[$0].role == .optimizer }
  }

  mutating func take(for place: Int) -> Int? {
    let found = byPath[first[place].path] ?? byName[first[place].name] ?? byPlace[place]
    guard let found, taken.insert(found).inserted else { return nil }
    return found
  }

  var left: [Int] { second.indices.filter { !taken.contains($0) } }
}

extension DiffReport.Tensor {
  fileprivate var sentence: String {
    switch status {
    case .same: "is the same"
    case .values: "\(changed.map(String.init) ?? "some") values differ"
    case .shape: "has another shape"
    case .dtype: "has another type"
    case .missing: "is in the first file only"
    case .extra: "is in the second file only"
    }
  }
}
