import Documents
import Files
import Tensors

@testable import CSRM

/// Small containers made by hand.
enum Models {
  /// A datatype whose elements are of `type`.
  static func datatype(_ type: ElementType) -> Datatype {
    switch type.kind {
    case .float16, .float32, .float64: .float(.init(ieee: type.size, isBigEndian: type.isBigEndian))
    case .bfloat16: .opaque(size: 2, tag: [])
    case .int8, .int16, .int32, .int64:
      .integer(.init(size: type.size, isSigned: true, isBigEndian: type.isBigEndian))
    case .uint8, .uint16, .uint32, .uint64:
      .integer(.init(size: type.size, isSigned: false, isBigEndian: type.isBigEndian))
    case .bool:
      .enumeration(
        base: .integer(.init(size: 1, isSigned: true)),
        members: [.init(name: "FALSE", value: [0]), .init(name: "TRUE", value: [1])])
    case .opaque: .opaque(size: type.size, tag: [7])
    }
  }

  static func dataset(_ type: ElementType, _ shape: [Int], _ source: any ByteSource) -> Dataset {
    Dataset(
      type: datatype(type), space: shape.isEmpty ? .scalar : .simple(shape), value: .plain(source))
  }

  /// One HDF5 part with a dataset for each name, at the root.
  static func container(_ datasets: [(Name, Dataset)]) -> Container {
    var root = Group()
    var objects: [Object] = [.group(root)]
    for (name, dataset) in datasets {
      root.links.append(Link(name: name, target: .hard(objects.count)))
      objects.append(.dataset(dataset))
    }
    objects[0] = .group(root)
    return Container(
      kind: .hdf5, parts: [.init(name: "", content: .document(Document(objects: objects)))])
  }

  static func container(_ type: ElementType, _ shape: [Int], _ bytes: [UInt8]) -> Container {
    container([("x", dataset(type, shape, MemoryBytes(bytes)))])
  }

  static func packed(_ container: Container, _ options: PackOptions = PackOptions()) throws
    -> [UInt8]
  {
    let sink = MemorySink()
    let summary = try Packer.pack(container, options: options, into: sink)
    guard summary.totalBytes == sink.count else { throw Difference(what: "the summary's total") }
    return sink.bytes
  }

  static func open(_ bytes: [UInt8], isChecked: Bool = true) throws -> PackedFile {
    try PackedFile(MemoryBytes(bytes), name: "test.csrm", limits: .standard, isChecked: isChecked)
  }

  /// The values of a dataset of the first part.
  static func values(_ container: Container, _ object: Int = 1) throws -> [UInt8] {
    guard case .dataset(let dataset) = container.parts[0].document?.objects[object],
      let source = dataset.plainBytes()
    else { throw Difference(what: "no plain dataset") }
    return try source.bytes()
  }

  struct Difference: Error { let what: String }

  static let numberTypes: [ElementType] = ElementType.Kind.allCases.filter { $0 != .opaque }
    .flatMap { kind in
      ElementType.width(of: kind) > 1 && kind != .bfloat16
        ? [ElementType(kind), ElementType(kind, bigEndian: true)] : [ElementType(kind)]
    }
}

/// Numbers that look random and are the same every time (SplitMix64).
struct Sequence64 {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// `count` elements of `size` bytes, about one in `sparsity` of them not zero.
  mutating func elements(_ count: Int, size: Int, oneIn sparsity: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<count {
      let isSet = next() % sparsity == 0
      for _ in 0..<size { bytes.append(isSet ? UInt8(truncatingIfNeeded: next() >> 24) : 0) }
    }
    return bytes
  }
}
