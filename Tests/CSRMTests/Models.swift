import Documents
import Files
import Tensors

@testable import CSRM

/// Small containers made by hand.
enum Models {
  /// A datatype whose elements are of `type`.
  static func datatype(_ type: ElementType) -> Datatype {
    type.kind == .opaque ? .opaque(size: type.size, tag: [7]) : Datatype(type)
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

  /// A document in which some names have the mark that is not usual for them.
  static func marked() -> Document {
    func attribute(_ name: Name) -> Attribute {
      Attribute(name: name, type: datatype(ElementType(.int8)), space: .scalar, value: [1])
    }
    var root = Group()
    root.linkOrder = .tracked
    root.attributeOrder = .tracked
    root.links = ["plain", "marked", "größe", "größer", Name(bytes: [0xFF])].map {
      Link(name: $0, target: .hard(1))
    }
    root.attributes = [attribute("a"), attribute("ä")]
    for place in [1, 3] { root.links[place].mark = root.links[place].mark.other }
    root.attributes[0].mark = .utf8
    var dataset = dataset(ElementType(.int8), [2], MemoryBytes([1, 2]))
    dataset.attributes = [attribute("unit")]
    dataset.attributes[0].mark = .utf8
    return Document(objects: [.group(root), .dataset(dataset)])
  }

  /// The options of version 1.0, which had the plain encodings only.
  static let plain: PackOptions = {
    var options = PackOptions()
    options.level = .fast
    return options
  }()

  static func packed(_ container: Container, _ options: PackOptions = Models.plain) throws
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

extension Models {
  /// Every datatype that there is, some of them in each other.
  static let everyDatatype: [Datatype] = {
    var odd = Datatype.Integer(size: 3, isSigned: true, isBigEndian: true)
    odd.precision = 17
    odd.bitOffset = 2
    odd.lowPadding = 1
    odd.highPadding = 2
    var extended = Datatype.Float(ieee: 8)
    extended.size = 16
    extended.precision = 80
    extended.signPosition = 79
    extended.exponentPosition = 64
    extended.exponentSize = 15
    extended.mantissaSize = 64
    extended.exponentBias = .max
    extended.normalization = 2
    extended.order = 2
    extended.internalPadding = 1
    return [
      .integer(odd), .float(extended), .bitfield(odd), .float(.init(ieee: 2, isBigEndian: true)),
      .string(length: 5, padding: .spacePadded, isUTF8: true),
      .variableString(padding: .nullTerminated, isUTF8: false),
      .opaque(size: 2, tag: Array("bfloat16".utf8)),
      .compound(
        size: 20,
        members: [
          .init(name: "re", offset: 0, type: .float(.init(ieee: 8))),
          .init(name: "im\u{e9}", offset: 12, type: .float(.init(ieee: 8))),
        ]),
      .enumeration(
        base: .integer(.init(size: 2, isSigned: false)),
        members: [.init(name: "A", value: [1, 0]), .init(name: "B", value: [255, 255])]),
      .array(base: .array(base: .float(.init(ieee: 4)), dimensions: [2]), dimensions: [3, 1]),
      .sequence(base: .variableString(padding: .nullPadded, isUTF8: true)), .objectReference,
    ]
  }()

  /// A document with something of everything that HDF5 has, and values of every kind.
  static func everything() -> Document {
    let byte = Datatype.integer(.init(size: 1, isSigned: false))
    func attribute(_ name: Name, _ type: Datatype, _ space: Dataspace, _ value: [UInt8])
      -> Attribute
    {
      Attribute(name: name, type: type, space: space, value: value)
    }
    var root = Group()
    root.linkOrder = .indexed
    root.attributeOrder = .tracked
    root.links = [
      Link(name: "z", target: .hard(1)),
      Link(name: Name(bytes: [0xFF, 0x5C, 0x41]), target: .hard(2)),
      Link(name: "alias", target: .hard(2)), Link(name: "loop", target: .hard(0)),
      Link(name: "gone", target: .soft("/no/such")), Link(name: "type", target: .hard(3)),
      Link(name: "never", target: .hard(4)), Link(name: "names", target: .hard(5)),
      Link(name: "odd", target: .hard(6)), Link(name: "null", target: .hard(7)),
      Link(name: "large", target: .hard(8)),
    ]
    root.attributes = everyDatatype.enumerated().map { index, type in
      attribute(
        Name("a\(index)"), type, .scalar,
        type.isPlain ? (0..<type.size).map { UInt8(truncatingIfNeeded: $0 + index) } : [3, 65, 66])
    }
    root.attributes.append(attribute("none", byte, .null, []))
    root.attributes.append(
      attribute("long", byte, .simple([300]), [UInt8](repeating: 7, count: 300)))
    root.attributes[0].committedType = 3
    var group = Group()
    group.attributes = [
      attribute("empty", .variableString(padding: .nullTerminated, isUTF8: true), .simple([0]), [])
    ]
    var numbers = dataset(
      .float32, [2, 3], MemoryBytes((0..<24).map { UInt8($0 * 9 & 0xFF) }))
    numbers.layout = .chunked([1, 3])
    numbers.filters = [
      .init(id: 2, parameters: [4]), .init(id: 1, isOptional: true, parameters: [6, .max]),
    ]
    numbers.fill = .value([0, 0, 0xC0, 0x7F])
    numbers.fillTime = .never
    numbers.allocationTime = .incremental
    numbers.space = .simple(dimensions: [2, 3], maximum: [nil, 3])
    numbers.attributes = [
      attribute("unit", .string(length: 1, padding: .nullPadded, isUTF8: false), .scalar, [109])
    ]
    numbers.attributeOrder = .indexed
    var never = Dataset(type: byte, space: .simple([5]), fill: .undefined, value: .unwritten)
    never.layout = .compact
    never.committedType = 3
    let names = Dataset(
      type: .variableString(padding: .nullTerminated, isUTF8: true), space: .simple([2]),
      value: .portable([3, 65, 66, 0]))
    let odd = Dataset(
      type: everyDatatype[7], space: .simple([2]), value: .plain(MemoryBytes((0..<40).map { $0 })))
    let null = Dataset(type: byte, space: .null, value: .plain(MemoryBytes([])))
    let large = Dataset(
      type: .opaque(size: 7, tag: []), space: .simple([600]),
      value: .plain(MemoryBytes((0..<4200).map { UInt8($0 / 7 % 11 + $0 % 7) })))
    return Document(
      objects: [
        .group(root), .group(group), .dataset(numbers),
        .committedType(
          CommittedType(
            type: byte, attributes: [attribute("of", byte, .scalar, [1])], attributeOrder: .tracked)
        ),
        .dataset(never), .dataset(names), .dataset(odd), .dataset(null), .dataset(large),
      ], userBlock: [UInt8](repeating: 0x23, count: 512), superblockVersion: 3)
  }

  /// An archive of several members: bytes, a document, and what zip says of each.
  static func archive() -> Container {
    var archive = Archive()
    archive.prefix = Array("#!/bin/sh\n".utf8)
    archive.comment = [0xFF, 0]
    func member(_ method: UInt16, _ seed: UInt16) -> ArchiveMember {
      var member = ArchiveMember()
      member.method = method
      member.time = seed &* 257
      member.date = seed
      member.flags = 0x800
      member.externalAttributes = 0xFFFF_0000 | UInt32(seed)
      member.localExtra = [1, 2, 3]
      member.centralExtra = [UInt8(truncatingIfNeeded: seed)]
      member.comment = Array("c".utf8)
      return member
    }
    return Container(
      kind: .kerasArchive,
      parts: [
        .init(
          name: "metadata.json",
          content: .bytes(MemoryBytes(Array("{\"keras_version\": \"3.0\"}".utf8))),
          member: member(0, 7)),
        .init(name: "model.weights.h5", content: .document(everything()), member: member(8, 8)),
        .init(name: "assets/", content: .bytes(MemoryBytes([])), member: member(0, 9)),
        .init(
          name: "config.json", content: .bytes(MemoryBytes([UInt8](repeating: 0x20, count: 5000)))),
      ], archive: archive)
  }
}

extension Entry {
  func with(encoding: Encoding) -> Entry {
    Entry(
      kindCode: kindCode, name: name, element: element, shape: shape, encoding: encoding,
      precision: precision, parameters: parameters, nonzeros: nonzeros, section: section,
      alignment: alignment, geometry: geometry, blockEnds: blockEnds,
      blockChecksums: blockChecksums, checksum: checksum)
  }
}

extension Models {
  /// The same sections under another directory.
  static func repacked(_ bytes: [UInt8], _ entries: [Entry]) throws -> [UInt8] {
    var footer = try Footer(
      Array(bytes.suffix(Footer.size)), length: bytes.count, file: "test.csrm", checked: true)
    let directory = try Directory.stored(entries, allowed: .known, file: "test.csrm")
    footer.directoryStored = directory.bytes.count
    footer.directoryInflated = directory.inflated
    footer.form = directory.form
    footer.directoryChecksum = Checksum.of(directory.bytes)
    footer.fileLength = footer.directoryOffset + directory.bytes.count + Footer.size
    return Array(bytes[..<footer.directoryOffset]) + directory.bytes + footer.bytes
  }
}
