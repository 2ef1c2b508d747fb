import Files
import Tensors

/// The plane of an entry: how its words are stored, and what they stand for.
final class LevelPlane: Sendable {
  let map: any ValueMap
  let form: PlaneForm
  /// The plane as a tensor in an encoding of its own: the entry's blocks, other elements.
  let entry: Entry
  let coding: any TensorCoding

  /// Reads the parameters of `outer`; nil where its map, or the encoding of its plane, is one that a
  /// later version added.
  static func read(of outer: Entry) throws(Malformed) -> LevelPlane? {
    var fields = FieldReader(outer.parameters)
    let code = try fields.byte()
    let encoding = Encoding(id: try fields.size())
    guard let map = ValueMaps.all.first(where: { $0.code == code }) else { return nil }
    guard let coding = Encoding.planeCodings.first(where: { $0.encoding == encoding }) else {
      guard encoding.coding == nil else { throw Malformed("has levels in encoding \(encoding.id)") }
      return nil
    }
    return try LevelPlane(of: outer, &fields, map, coding)
  }

  /// Reads what is left of the parameters.
  private init(
    of outer: Entry, _ fields: inout FieldReader, _ map: any ValueMap.Type,
    _ coding: any TensorCoding
  ) throws(Malformed) {
    guard outer.type.isFloat else { throw Malformed("has levels for elements that are no floats") }
    let element = try fields.byte()
    let parameters = try fields.string()
    self.map = try map.init(&fields, columns: outer.columns, type: outer.type)
    guard fields.isAtEnd else { throw Malformed("has bytes behind its table") }
    guard let form = self.map.forms.first(where: { ElementCode($0.element).code == element })
    else { throw Malformed("has levels as elements of type \(element)") }
    self.form = form
    self.coding = coding
    entry = Entry(
      kindCode: outer.kindCode, name: outer.name, element: ElementCode(form.element),
      shape: outer.shape, encoding: coding.encoding, precision: 0, parameters: parameters,
      nonzeros: outer.nonzeros, section: outer.section, alignment: outer.alignment,
      geometry: outer.geometry.with(elementSize: form.element.size), blockEnds: outer.blockEnds,
      blockChecksums: [], checksum: 0)
    guard outer.geometry.fitsBlocks else { throw Malformed("has blocks of more than 128 MiB") }
    try coding.check(entry)
  }

  /// The parameters of an entry whose plane is stored so.
  static func parameters(
    _ map: any ValueMap, _ form: PlaneForm, _ encoding: Encoding, _ parameters: [UInt8]
  ) -> [UInt8] {
    var fields = FieldWriter()
    fields.byte(type(of: map).code)
    fields.varint(encoding.id)
    fields.byte(ElementCode(form.element).code)
    fields.string(parameters)
    map.write(to: &fields)
    return fields.bytes
  }

  /// Decodes a block of the plane, and writes what its words stand for.
  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of outer: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) {
    let elements = outer.geometry.elements(of: block)
    let (width, size) = (entry.element.size, outer.element.size)
    let plane = Scratch(count: elements.count * width)
    let words = UnsafeMutableBufferPointer<Int16>.allocate(capacity: Self.piece)
    let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: Self.piece)
    defer {
      plane.deallocate()
      words.deallocate()
      floats.deallocate()
    }
    try coding.decode(pieces, block: block, of: entry, into: plane.bytes)
    guard let firstWord = words.baseAddress, let firstFloat = floats.baseAddress else { return }
    for start in stride(from: 0, to: elements.count, by: Self.piece) {
      let count = min(Self.piece, elements.count - start)
      let piece = elements.lowerBound + start..<elements.lowerBound + start + count
      try form.words(
        of: UnsafeRawBufferPointer(
          rebasing: plane.bytes[start * width..<(start + count) * width]),
        into: UnsafeMutableBufferPointer(rebasing: words[..<count]))
      try map.floats(of: firstWord, piece, into: firstFloat)
      outer.type.store(
        UnsafeBufferPointer(rebasing: floats[..<count]),
        into: UnsafeMutableRawBufferPointer(rebasing: out[start * size..<(start + count) * size]))
    }
  }

  /// Elements that are worked on at a time.
  private static let piece = 1 << 12
}
