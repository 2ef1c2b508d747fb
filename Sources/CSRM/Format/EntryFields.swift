/// One entry as the directory writes it (csrm(5), DIRECTORY), before anything in it is believed.
struct EntryFields {
  var kind: UInt8
  var name: [UInt8]
  var elementCode: UInt8
  var elementSize: Int
  var shape: [Int]
  var encoding: Int
  var precision: Int
  var parameters: [UInt8]
  var nonzeros: Int
  /// Bytes between the section before and this one.
  var gap: Int
  /// Bytes of the section.
  var stored: Int
  var alignment: Int
  var blockElements: Int
  var blockLengths: [Int]

  /// Everything but the length in front.
  var bytes: [UInt8] {
    var out = FieldWriter()
    out.byte(kind)
    out.string(name)
    out.byte(elementCode)
    out.varint(elementSize)
    out.varint(shape.count)
    for dimension in shape { out.varint(dimension) }
    out.varint(encoding)
    out.varint(precision)
    out.string(parameters)
    out.varint(nonzeros)
    out.varint(gap)
    out.varint(stored)
    out.varint(alignment)
    out.varint(blockElements)
    out.varint(blockLengths.count)
    for length in blockLengths { out.varint(length) }
    return out.bytes
  }
}

extension Entry {
  /// Everything but the checksums, which lie behind the fields of all entries.
  func fields(gap: Int) -> EntryFields {
    EntryFields(
      kind: kindCode, name: Array(name.utf8), elementCode: element.code, elementSize: element.size,
      shape: shape, encoding: encoding.id, precision: precision, parameters: parameters,
      nonzeros: nonzeros, gap: gap, stored: section.count, alignment: alignment,
      blockElements: geometry.blockElements,
      blockLengths: blockEnds.indices.map { storedBlock($0).count })
  }
}
