import Documents
import Files

/// Turns elements as they lie in the file into portable form (see `Datatype`).
struct PortableEncoder {
  var heap: GlobalHeap
  var budget: Budget
  /// The objects of the document by their address in the file.
  let objects: [UInt64: Document.ObjectID]

  /// `count` elements of `type` that lie in `stored`, in portable form.
  mutating func encode(
    _ type: Datatype, count: Int, in stored: any ByteSource
  ) throws(Trouble) -> [UInt8] {
    let size = type.storedSize
    var portable: [UInt8] = []
    var trouble: Trouble?
    do {
      try stored.withBytes { bytes in
        do throws(Trouble) {
          for index in 0..<count {
            let element = UnsafeRawBufferPointer(rebasing: bytes[index * size..<(index + 1) * size])
            try append(type, element, to: &portable)
          }
        } catch { trouble = error }
      }
    } catch { throw .damaged("\(error)") }
    if let trouble { throw trouble }
    return portable
  }

  private mutating func append(
    _ type: Datatype, _ bytes: UnsafeRawBufferPointer, to portable: inout [UInt8]
  ) throws(Trouble) {
    switch type {
    case .variableString:
      guard let (length, data) = try dereference(bytes) else { return portable.append(varint: 0) }
      guard length <= data.count else {
        throw .damaged("a string that is longer than what is stored of it")
      }
      try budget.charge(length)
      portable.append(varint: UInt64(length) + 1)
      try withHeapBytes(data) { portable.append(contentsOf: $0[..<length]) }
    case .sequence(let base):
      guard let (count, data) = try dereference(bytes) else { return portable.append(varint: 0) }
      let size = base.storedSize
      guard size > 0, count.saturatingTimes(size) <= data.count else {
        throw .damaged("a sequence that is longer than what is stored of it")
      }
      try budget.charge(data.count)
      portable.append(varint: UInt64(count))
      if base.isPlain {
        try withHeapBytes(data) { portable.append(contentsOf: $0[..<(count * size)]) }
      } else {
        var copy: [UInt8] = []
        try withHeapBytes(data) { copy.append(contentsOf: $0) }
        portable += try encode(base, count: count, in: MemoryBytes(copy))
      }
    case .objectReference:
      let address = bytes.loadUnaligned(as: UInt64.self).littleEndian
      // A reference to an object that no link reaches any more is as good as none.
      portable.append(varint: objects[address].map { UInt64($0) + 1 } ?? 0)
    case .compound(_, let members):
      for (member, offset) in Datatype.stored(members) {
        let size = member.type.storedSize
        guard offset >= 0, size >= 0, offset <= bytes.count, size <= bytes.count - offset else {
          throw .damaged("a compound type whose members lie outside it")
        }
        try append(
          member.type, UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + size]),
          to: &portable)
      }
    case .array(let base, _) where !type.isPlain:
      let size = base.storedSize
      for start in stride(from: 0, to: bytes.count, by: size) {
        try append(
          base, UnsafeRawBufferPointer(rebasing: bytes[start..<start + size]), to: &portable)
      }
    default: portable.append(contentsOf: bytes)
    }
  }

  /// The length and the place of variable-length data; nil where there is none (a null pointer).
  private mutating func dereference(
    _ bytes: UnsafeRawBufferPointer
  ) throws(Trouble) -> (count: Int, data: Range<Int>)? {
    let count = bytes.loadUnaligned(as: UInt32.self).littleEndian
    let address = bytes.loadUnaligned(fromByteOffset: 4, as: UInt64.self).littleEndian
    let index = bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self).littleEndian
    guard address != 0, address != .max else { return nil }
    let data = try heap.range(ofObject: index, at: address, &budget)
    return (Int(count), data)
  }

  private func withHeapBytes(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(Trouble) {
    do { try heap.image.withBytes(range, body) } catch { throw .damaged("\(error)") }
  }
}

extension [UInt8] {
  /// Seven bits a byte, low ones first; the high bit says that more follow.
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
