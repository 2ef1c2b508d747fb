import Tensors

extension Entry {
  /// The largest rank, and the longest name in bytes.
  static let greatestRank = 32
  static let longestName = 65_536

  /// Reads one entry's fields from `reader`, which ends where the entry does; what is left behind
  /// the fields known here is a later version's. `end` is where the section before this one ended,
  /// and `limit` where the directory begins. Block checksums are filled in later.
  init(from reader: inout FieldReader, after end: Int, before limit: Int) throws(Malformed) {
    kindCode = try reader.byte()
    name = try reader.text()
    guard name.utf8.count <= Entry.longestName else { throw Malformed("has a name over 64 KiB") }
    element = try ElementCode(code: try reader.byte(), size: try reader.size())
    let rank = try reader.count()
    guard rank <= Entry.greatestRank else { throw Malformed("has rank \(rank), over 32") }
    var dimensions: [Int] = []
    for _ in 0..<rank { dimensions.append(try reader.size()) }
    shape = dimensions
    guard let count = Geometry.count(of: shape) else {
      throw Malformed("has more than 2^40 elements")
    }
    guard !count.multipliedReportingOverflow(by: element.size).overflow else {
      throw Malformed("has more than 2^63 bytes")
    }
    try Entry.checkKind(kindCode, name, element, rank: rank)
    encoding = Encoding(id: try reader.size())
    precision = try reader.size()
    parameters = try reader.string()
    nonzeros = try reader.size()
    guard nonzeros <= count else {
      throw Malformed("has \(nonzeros) non-zeros among \(count) elements")
    }

    let gap = try reader.size()
    let stored = try reader.size()
    alignment = try reader.size()
    guard alignment > 0, alignment <= 4096, alignment & (alignment - 1) == 0 else {
      throw Malformed("has alignment \(alignment)")
    }
    // Just what brings the section to its alignment, so that no byte of the file is nobody's.
    guard gap == (alignment - end % alignment) % alignment else {
      throw Malformed("begins \(gap) bytes after the section before it")
    }
    guard end + gap <= limit, stored <= limit - end - gap else {
      throw Malformed("has a section that does not lie inside the file")
    }
    section = end + gap..<end + gap + stored

    let blockElements = try reader.size()
    guard blockElements <= count, (blockElements == 0) == (count == 0) else {
      throw Malformed("has blocks of \(blockElements) elements among \(count)")
    }
    geometry = Geometry(
      elementSize: element.size, shape: shape, count: count, blockElements: blockElements)
    let blocks = try reader.things()
    guard blocks <= stored else { throw Malformed("has more blocks than stored bytes") }
    var ends: [Int] = []
    ends.reserveCapacity(blocks)
    var position = 0
    for _ in 0..<blocks {
      let length = try reader.size()
      guard length > 0, length <= stored - position else {
        throw Malformed("has blocks that are longer than its section")
      }
      position += length
      ends.append(position)
    }
    blockEnds = ends
    blockChecksums = []
    checksum = nil
    // What a later version's encoding stores in its blocks is not for this one to judge.
    if let coding = encoding.coding, rounding != nil {
      let expected = coding.blocks.count(geometry)
      guard blocks == expected else {
        throw Malformed("has \(blocks) blocks where there must be \(expected)")
      }
      if encoding == .levels { plane = try LevelPlane.read(of: self) }
      if canDecode { try coding.check(self) }
    }
  }

  /// What is no tensor is bytes; of what there is one at most, the name is empty.
  private static func checkKind(
    _ code: UInt8, _ name: String, _ element: ElementCode, rank: Int
  ) throws(Malformed) {
    switch Kind(rawValue: code) {
    case .container, .document, .blob, .skeleton:
      guard element == ElementCode(ElementType(.uint8)), rank == 1 else {
        throw Malformed("is no tensor, but has other elements than bytes")
      }
      guard name.isEmpty || (code != Kind.container.rawValue && code != Kind.skeleton.rawValue)
      else { throw Malformed("has a name where its kind has none") }
    case .tensor, .pool, nil: break
    }
  }

  /// The same entry with its checksums.
  func with(blockChecksums: [UInt32], checksum: UInt32?) -> Entry {
    Entry(
      kindCode: kindCode, name: name, element: element, shape: shape, encoding: encoding,
      precision: precision, parameters: parameters, nonzeros: nonzeros, section: section,
      alignment: alignment, geometry: geometry, blockEnds: blockEnds,
      blockChecksums: blockChecksums, checksum: checksum, plane: plane)
  }
}
