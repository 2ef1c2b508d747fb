import Documents
import Files
import Tensors

/// The rows of an array of numbers, read as floats or doubles.
struct NumberRows: Sendable {
  let file: String
  let name: String
  let count: Int
  let itemShape: [Int]
  let type: ElementType
  /// Elements an item.
  let itemCount: Int
  private let source: any ByteSource
  /// For rows out of order.
  private let settled: any ByteSource

  init(_ array: StoredArray, _ source: any ByteSource, _ type: ElementType, slab: Int?) {
    file = array.file
    name = array.name
    count = array.rows
    itemShape = array.itemShape
    itemCount = array.itemShape.reduce(1, *)
    self.type = type
    self.source = source
    settled = slab.map { source.spooledWhenRead(for: array.file, slab: $0) } ?? source
  }

  /// Writes the items of `rows` to `floats`, one after the other; out of order if `isRandom` says that
  /// the next call may ask for any other place. Throws where a value is NaN or infinite, unless
  /// `allowsNonfinite`.
  func read(
    _ rows: Range<Int>, isRandom: Bool, allowsNonfinite: Bool,
    into floats: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    let room = UnsafeMutableBufferPointer(start: floats, count: rows.count * itemCount)
    try withBytes(rows, isRandom: isRandom) { type.convert($0, to: room) }
    guard type.isFloat, !allowsNonfinite, !room.areFinite else { return }
    try refuse(rows, room.firstIndex { !$0.isFinite } ?? 0, "is NaN or infinite as a float32")
  }

  /// The same as doubles.
  func read(
    _ rows: Range<Int>, isRandom: Bool, allowsNonfinite: Bool,
    into doubles: UnsafeMutablePointer<Double>
  ) throws(DataError) {
    let room = UnsafeMutableBufferPointer(start: doubles, count: rows.count * itemCount)
    try withBytes(rows, isRandom: isRandom) { type.convert($0, to: room) }
    guard type.isFloat, !allowsNonfinite, let bad = room.firstIndex(where: { !$0.isFinite }) else {
      return
    }
    try refuse(rows, bad, "is NaN or infinite")
  }

  /// Copies the bytes of the items of `rows` as they are stored. Throws where a value is NaN or
  /// infinite, unless `allowsNonfinite`.
  func copy(
    _ rows: Range<Int>, allowsNonfinite: Bool, to bytes: UnsafeMutableRawBufferPointer
  ) throws(DataError) {
    precondition(bytes.count == rows.count * itemCount * type.size)
    // Small pieces: their floats fit in a cache, and not all of what is mapped has to be there.
    let block = max(1, (1 << 16) / max(1, itemCount))
    let checks = type.isFloat && !allowsNonfinite
    var values = [Float](repeating: 0, count: checks ? min(block, rows.count) * itemCount : 0)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: block) {
      let piece = start..<min(rows.upperBound, start + block)
      let place = (start - rows.lowerBound) * itemCount * type.size
      try withBytes(piece, isRandom: false) {
        bytes[place..<place + $0.count].copyBytes(from: $0)
      }
      guard checks else { continue }
      try values.withUnsafeMutableBufferPointer { (room) throws(DataError) in
        let room = UnsafeMutableBufferPointer(rebasing: room[..<(piece.count * itemCount)])
        type.convert(
          UnsafeRawBufferPointer(rebasing: bytes[place..<place + room.count * type.size]), to: room)
        guard !room.areFinite else { return }
        try refuse(piece, room.firstIndex { !$0.isFinite } ?? 0, "is NaN or infinite as a float32")
      }
    }
  }

  private func refuse(_ rows: Range<Int>, _ element: Int, _ what: String) throws(DataError) {
    throw .badValue(
      file: file, array: name, row: rows.lowerBound + element / itemCount, what: "a value \(what)",
      advice: "Clean the data.")
  }

  private func withBytes(
    _ rows: Range<Int>, isRandom: Bool, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(DataError) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= count)
    let width = itemCount * type.size
    let source = isRandom ? settled : source
    try DataError.reading(file) {
      try source.withBytes(rows.lowerBound * width..<rows.upperBound * width, body)
    }
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// Whether no value is NaN or infinite: none has an exponent of ones.
  fileprivate var areFinite: Bool {
    var largest: UInt32 = 0
    for value in self { largest = Swift.max(largest, value.bitPattern & 0x7FFF_FFFF) }
    return largest < 0x7F80_0000
  }
}
