import JSON

/// Where two models differ: schema `coppice.diff/1`.
public struct DiffReport: Sendable, Equatable {
  public static let schema = "coppice.diff/1"

  public enum Status: String, Sendable, CaseIterable {
    case same, values, shape, dtype
    /// In the first file only, in the second file only.
    case missing, extra
  }

  /// One tensor in both files.
  public struct Tensor: Sendable, Equatable {
    public var name: String
    public var status: Status
    /// In the first and in the second file; nil where it is not there.
    public var shapeA: [Int]?
    public var shapeB: [Int]?
    public var dtypeA: String?
    public var dtypeB: String?
    /// Largest |a − b|, and the root of the mean of (a − b)², over finite elements; nil where the
    /// values cannot be compared.
    public var maxAbs: Double?
    public var rms: Double?
    /// Elements whose bits differ.
    public var changed: Int?
    public var zerosA: Int?
    public var zerosB: Int?

    public init(
      name: String, status: Status, shapeA: [Int]? = nil, shapeB: [Int]? = nil,
      dtypeA: String? = nil, dtypeB: String? = nil, maxAbs: Double? = nil, rms: Double? = nil,
      changed: Int? = nil, zerosA: Int? = nil, zerosB: Int? = nil
    ) {
      self.name = name
      self.status = status
      self.shapeA = shapeA
      self.shapeB = shapeB
      self.dtypeA = dtypeA
      self.dtypeB = dtypeB
      self.maxAbs = maxAbs
      self.rms = rms
      self.changed = changed
      self.zerosA = zerosA
      self.zerosB = zerosB
    }
  }

  public var fileA: String
  public var fileB: String
  public var tensors: [Tensor]
  /// Differences beside the tensors: attributes, config, parts of the container.
  public var others: [VerifyReport.Damage]
  /// `-v`: the text lists tensors that are the same, too.
  public var isVerbose = false

  public init(
    fileA: String, fileB: String, tensors: [Tensor], others: [VerifyReport.Damage] = []
  ) {
    self.fileA = fileA
    self.fileB = fileB
    self.tensors = tensors
    self.others = others
  }

  /// The exit code is 0 when this holds, else 1.
  public var isSame: Bool { others.isEmpty && tensors.allSatisfy { $0.status == .same } }

  public var json: JSON.Value {
    [
      "schema": .string(Self.schema), "a": .string(fileA), "b": .string(fileB),
      "same": .bool(isSame), "tensors": .array(tensors.map(\.json)),
      "others": .array(others.map { ["where": .string($0.place), "what": .string($0.what)] }),
    ]
  }

  /// One record a tensor.
  public var csv: CSV {
    var csv = CSV(columns: [
      "a", "b", "name", "status", "shape_a", "shape_b", "dtype_a", "dtype_b", "max_abs", "rms",
      "changed", "zeros_a", "zeros_b",
    ])
    for tensor in tensors {
      csv.add([
        .text(fileA), .text(fileB), .text(tensor.name), .text(tensor.status.rawValue),
        tensor.shapeA.map(CSV.Field.shape) ?? .empty, tensor.shapeB.map(CSV.Field.shape) ?? .empty,
        .optional(tensor.dtypeA), .optional(tensor.dtypeB), .optional(tensor.maxAbs),
        .optional(tensor.rms), .optional(tensor.changed), .optional(tensor.zerosA),
        .optional(tensor.zerosB),
      ])
    }
    return csv
  }
}

extension DiffReport.Tensor {
  var json: JSON.Value {
    [
      "name": .string(name), "status": .string(status.rawValue),
      "shape_a": shapeA.map(JSON.Value.shape) ?? .null,
      "shape_b": shapeB.map(JSON.Value.shape) ?? .null,
      "dtype_a": .optional(dtypeA), "dtype_b": .optional(dtypeB), "max_abs": .optional(maxAbs),
      "rms": .optional(rms), "changed": .optional(changed), "zeros_a": .optional(zerosA),
      "zeros_b": .optional(zerosB),
    ]
  }
}

extension DiffReport: Report {
  public func text(width: Int?, color: Bool) -> String {
    var text = headline(line, isSame ? .good : .bold, width: width, color: color)
    let listed = tensors.filter { isVerbose || $0.status != .same }
    if !listed.isEmpty { text += "\n" + table(of: listed).text(width: width, color: color) }
    if !others.isEmpty { text += "\n" }
    for item in others {
      text += Paint.bold(visible(item.place), color: color) + ": \(visible(item.what))\n"
    }
    return text
  }

  public var line: String {
    let same = tensors.count { $0.status == .same }
    let files = "\(visible(fileA)), \(visible(fileB)): "
    if isSame { return files + "no difference in \(counted(same, "tensor"))" }
    let kinds = Status.allCases.filter { $0 != .same }.compactMap { status -> String? in
      let count = tensors.count { $0.status == status }
      return count > 0 ? "\(grouped(count)) \(status.words)" : nil
    }
    let beside = others.isEmpty ? [] : [counted(others.count, "other difference")]
    return files + (kinds + beside + ["\(grouped(same)) the same"]).joined(separator: ", ")
  }

  private func table(of tensors: [Tensor]) -> Table {
    var table = Table(columns: [
      .name("tensor"), .word("status"), .number("changed", rank: 1), .number("max |a-b|", rank: 2),
      .number("rms", rank: 3), .number("zeros a", rank: 4), .number("zeros b", rank: 5),
    ])
    for tensor in tensors {
      func number(_ value: Double?) -> Table.Cell {
        Table.Cell(value.map { significant($0) } ?? "–")
      }
      func count(_ value: Int?) -> Table.Cell { Table.Cell(value.map(grouped) ?? "–") }
      table.add([
        Table.Cell(tensor.name), Table.Cell(words(of: tensor), tensor.status.paint),
        count(tensor.changed), number(tensor.maxAbs), number(tensor.rms), count(tensor.zerosA),
        count(tensor.zerosB),
      ])
    }
    return table
  }

  private func words(of tensor: Tensor) -> String {
    switch tensor.status {
    case .shape:
      "shape \(shapeText(tensor.shapeA ?? [])), \(shapeText(tensor.shapeB ?? []))"
    case .dtype: "dtype \(tensor.dtypeA ?? "?"), \(tensor.dtypeB ?? "?")"
    case .same, .values, .missing, .extra: tensor.status.rawValue
    }
  }
}

extension DiffReport.Status {
  fileprivate var words: String {
    switch self {
    case .same: "the same"
    case .values: "with other values"
    case .shape: "of another shape"
    case .dtype: "of another type"
    case .missing: "only in the first"
    case .extra: "only in the second"
    }
  }

  fileprivate var paint: Paint {
    switch self {
    case .same: .good
    case .values: .warning
    case .shape, .dtype, .missing, .extra: .bad
    }
  }
}
