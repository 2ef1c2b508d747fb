import Documents
import Files

/// Looks over the attributes and types in an object header of version 1 before the library does.
///
/// Such headers have no checksum, and libhdf5 1.10 adds up the lengths in an attribute message
/// without asking whether the message is that long: one wrong byte makes it read far behind its
/// buffer. (HDF5 file format specification 3.0, sections IV.A.1.a and IV.A.2.m. Headers of version
/// 2 have a checksum.)
struct HeaderCheck {
  /// The whole file, and where its address 0 is.
  let bytes: UnsafeRawBufferPointer
  let base: Int

  private enum Message {
    static let datatype = 0x03
    static let layout = 0x08
    static let attribute = 0x0c
    static let continuation = 0x10
  }

  /// Throws `Trouble.damaged` where an attribute is longer than its message, or a message longer
  /// than the header. What else is wrong is for the library to find.
  func verify(headerAt address: UInt64) throws(Trouble) {
    guard let start = position(address), start + 16 <= bytes.count, bytes[start] == 1 else {
      return
    }
    var blocks = [start + 16..<start + 16 + Int(load(start + 8, as: UInt32.self))]
    // A continuation that leads to itself would never end; there are at most this many messages.
    var messages = Int(load(start + 2, as: UInt16.self))
    while let block = blocks.popLast() {
      guard block.upperBound <= bytes.count else { throw .damaged("an object header past the end") }
      var at = block.lowerBound
      while at + 8 <= block.upperBound, messages > 0 {
        messages -= 1
        let type = Int(load(at, as: UInt16.self))
        let size = Int(load(at + 2, as: UInt16.self))
        let isShared = bytes[at + 4] & 2 != 0
        let body = at + 8..<at + 8 + size
        guard body.upperBound <= block.upperBound else {
          throw .damaged("a message that is longer than its object header")
        }
        if type == Message.attribute, !isShared { try verify(attribute: body) }
        if type == Message.datatype, !isShared {
          _ = try TypeCheck(bytes: bytes, end: body.upperBound).verify(body.lowerBound)
        }
        if type == Message.layout { try verify(layout: body) }
        if type == Message.continuation, size >= 16,
          let next = position(load(body.lowerBound, as: UInt64.self)),
          let length = Int(exactly: load(body.lowerBound + 8, as: UInt64.self)),
          length <= bytes.count - next
        {
          blocks.append(next..<next + length)
        }
        at = body.upperBound
      }
    }
  }

  /// A chunk with a side of 0, or without sides, makes the library divide by zero.
  private func verify(layout body: Range<Int>) throws(Trouble) {
    guard body.count >= 11, bytes[body.lowerBound] == 3, bytes[body.lowerBound + 1] == 2 else {
      return
    }
    let rank = Int(bytes[body.lowerBound + 2])
    let first = body.lowerBound + 11
    guard rank >= 2, first + 4 * rank <= body.upperBound,
      (0..<rank).allSatisfy({ load(first + 4 * $0, as: UInt32.self) > 0 })
    else { throw .damaged("chunks without elements") }
  }

  private func verify(attribute body: Range<Int>) throws(Trouble) {
    let trouble = Trouble.damaged("an attribute that is longer than its message")
    guard body.count >= 9 else { throw trouble }
    let version = bytes[body.lowerBound]
    // Parts are padded to 8 bytes in the first version alone; the third has one byte more in front.
    func padded(_ length: Int) -> Int { version == 1 ? (length + 7) & ~7 : length }
    let lengths = (1...3).map { Int(load(body.lowerBound + 2 * $0, as: UInt16.self)) }
    let name = body.lowerBound + (version >= 3 ? 9 : 8)
    let type = name + padded(lengths[0])
    let space = type + padded(lengths[1])
    let value = space + padded(lengths[2])
    guard value <= body.upperBound, lengths[0] > 0, bytes[name + lengths[0] - 1] == 0 else {
      throw trouble
    }
    // Bit 0: the type is shared, bit 1: the space is; their sizes are somewhere else.
    let shared = version >= 2 ? bytes[body.lowerBound + 1] : 0
    guard shared & 3 == 0, lengths[1] >= 8, lengths[2] >= 4 else { return }
    let element = try TypeCheck(bytes: bytes, end: type + lengths[1]).verify(type)
    let size = element.size.saturatingTimes(count(ofSpaceAt: space, lengths[2]))
    guard size <= body.upperBound - value else { throw trouble }
  }

  /// The elements of the dataspace message at `space`.
  private func count(ofSpaceAt space: Int, _ length: Int) -> Int {
    let rank = Int(bytes[space + 1])
    let isNull = bytes[space] >= 2 && bytes[space + 3] == 2
    let first = space + (bytes[space] == 1 ? 8 : 4)
    guard !isNull, first + 8 * rank <= space + length else { return 0 }
    return (0..<rank).reduce(1) {
      $0.saturatingTimes(Int(clamping: load(first + 8 * $1, as: UInt64.self)))
    }
  }

  private func position(_ address: UInt64) -> Int? {
    guard let offset = Int(exactly: address), offset <= bytes.count - base else { return nil }
    return base + offset
  }

  private func load<Value: FixedWidthInteger & BitwiseCopyable>(
    _ offset: Int, as type: Value.Type
  ) -> Value {
    bytes.loadUnaligned(fromByteOffset: offset, as: type).littleEndian
  }
}
