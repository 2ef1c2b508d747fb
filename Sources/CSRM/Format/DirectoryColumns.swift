/// The fields of all entries by columns (csrm(5), "Columns"): first all kinds, then all names, and so
/// on. What entries have alike lies side by side then, where deflate finds it; a name is written from
/// where it differs from the one before, and what follows from other fields is not written at all.
enum DirectoryColumns {
  /// Columns of one byte at least for every entry.
  static let fewestBytes = 14

  static func bytes(of entries: [EntryFields]) -> [UInt8] {
    var out = FieldWriter()
    func column(_ value: (EntryFields) -> Int) {
      for entry in entries { out.varint(value(entry)) }
    }
    for entry in entries { out.byte(entry.kind) }
    var last: [UInt8] = []
    var endings: [ArraySlice<UInt8>] = []
    for entry in entries {
      let shared = zip(last, entry.name).prefix { $0 == $1 }.count
      out.varint(shared)
      endings.append(entry.name[shared...])
      last = entry.name
    }
    for ending in endings { out.append(ending + [0]) }
    for entry in entries { out.byte(entry.elementCode) }
    column(\.elementSize)
    column(\.shape.count)
    for entry in entries { for dimension in entry.shape { out.varint(dimension) } }
    column(\.encoding)
    column(\.precision)
    column(\.parameters.count)
    for entry in entries { out.append(entry.parameters) }
    column { ($0.count ?? 0) - $0.nonzeros }
    column(\.alignment)
    column { $0.blockElements == $0.count ? 0 : $0.blockElements }
    column(\.blockLengths.count)
    for entry in entries { for length in entry.blockLengths { out.varint(length) } }
    column { $0.stored - $0.blockLengths.reduce(0, +) }
    return out.bytes
  }

  /// The entries, `count` of them, that `bytes` hold, as if each had been written for itself. What is
  /// behind the columns known here is a later version's.
  ///
  /// Names have no more than `most` bytes together; parameters no more than `bytes` has.
  static func entries(
    in bytes: [UInt8], count: Int, most: Int
  ) throws(Malformed) -> [EntryFields] {
    var reader = FieldReader(bytes)
    func column(_ reader: inout FieldReader) throws(Malformed) -> [Int] {
      var values: [Int] = []
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(try reader.size()) }
      return values
    }
    func octets(_ reader: inout FieldReader) throws(Malformed) -> [UInt8] {
      var values: [UInt8] = []
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(try reader.byte()) }
      return values
    }
    func lists(_ lengths: [Int], _ reader: inout FieldReader) throws(Malformed) -> [[Int]] {
      var lists: [[Int]] = []
      lists.reserveCapacity(count)
      for length in lengths {
        guard length <= reader.remaining else {
          throw Malformed("counts \(length) numbers where \(reader.remaining) bytes are left")
        }
        var list: [Int] = []
        list.reserveCapacity(length)
        for _ in 0..<length { list.append(try reader.size()) }
        lists.append(list)
      }
      return lists
    }
    let kinds = try octets(&reader)
    let names = try names(count, most, &reader)
    let elementCodes = try octets(&reader)
    let elementSizes = try column(&reader)
    let shapes = try lists(try column(&reader), &reader)
    let encodings = try column(&reader)
    let precisions = try column(&reader)
    var parameters: [[UInt8]] = []
    parameters.reserveCapacity(count)
    for length in try column(&reader) {
      var part = try reader.part(length)
      parameters.append(try part.rest())
    }
    let zeros = try column(&reader)
    let alignments = try column(&reader)
    let blockElements = try column(&reader)
    let blocks = try lists(try column(&reader), &reader)
    let paddings = try column(&reader)

    var entries: [EntryFields] = []
    entries.reserveCapacity(count)
    var end = Header.size
    for index in 0..<count {
      guard let elements = Geometry.count(of: shapes[index]) else {
        throw Malformed("has more than 2^40 elements in entry \(index)")
      }
      guard zeros[index] <= elements else {
        throw Malformed("has \(zeros[index]) zeros among \(elements) elements in entry \(index)")
      }
      let alignment = alignments[index]
      guard alignment > 0, alignment <= 4096 else {
        throw Malformed("has alignment \(alignment) in entry \(index)")
      }
      var stored = paddings[index]
      for length in blocks[index] { stored = try sum(stored, length) }
      let gap = (alignment - end % alignment) % alignment
      end = try sum(try sum(end, gap), stored)
      entries.append(
        EntryFields(
          kind: kinds[index], name: names[index], elementCode: elementCodes[index],
          elementSize: elementSizes[index], shape: shapes[index], encoding: encodings[index],
          precision: precisions[index], parameters: parameters[index],
          nonzeros: elements - zeros[index], gap: gap, stored: stored, alignment: alignment,
          blockElements: blockElements[index] == 0 ? elements : blockElements[index],
          blockLengths: blocks[index]))
    }
    return entries
  }

  private static func names(
    _ count: Int, _ most: Int, _ reader: inout FieldReader
  ) throws(Malformed) -> [[UInt8]] {
    var shared: [Int] = []
    shared.reserveCapacity(count)
    for _ in 0..<count { shared.append(try reader.size()) }
    var names: [[UInt8]] = []
    names.reserveCapacity(count)
    var last: [UInt8] = []
    var left = most
    for length in shared {
      guard length <= last.count else {
        throw Malformed("has a name that shares \(length) bytes with one of \(last.count)")
      }
      last.removeLast(last.count - length)
      while case let next = try reader.byte(), next != 0 { last.append(next) }
      // A few bytes could name the same long name again and again.
      left -= last.count
      guard left >= 0 else { throw Malformed("has over \(most) bytes of names") }
      names.append(last)
    }
    return names
  }

  private static func sum(_ a: Int, _ b: Int) throws(Malformed) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    guard !overflow else { throw Malformed("has sections of more than 2^63 bytes") }
    return sum
  }
}

extension EntryFields {
  /// Elements, or nil where they are too many.
  fileprivate var count: Int? { Geometry.count(of: shape) }
}
