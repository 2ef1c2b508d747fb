import CHDF5
import Documents

/// Elements in the library's memory form, made from portable form and freed with this value.
final class MemoryForm {
  /// The elements, one after another.
  private(set) var elements: UnsafeMutableRawPointer
  /// The memory type that they have.
  let type: Datatype
  private var owned: [UnsafeMutableRawPointer] = []

  /// The address of object `id` in the file, or nil where there is no such object.
  typealias Addresses = (Document.ObjectID) -> UInt64?

  /// Throws where `portable` is not exactly `count` elements of `type`.
  init(
    _ type: Datatype, count: Int, portable: [UInt8], addresses: Addresses
  ) throws(Trouble) {
    // A string with a zero byte inside can be handed over only as a sequence of bytes, which the
    // library turns into a string of the file.
    if case .variableString = type, portable.contains(0), MemoryForm.hasZeroInside(portable) {
      self.type = .sequence(base: .integer(.init(size: 1, isSigned: false)))
    } else {
      self.type = type
    }
    let size = self.type.memorySize
    let total = count.saturatingTimes(size)
    guard total < 1 << 40 else { throw .inconsistent("values of \(total) bytes") }
    elements = Self.memory(total)
    owned.append(elements)
    var rest = portable[...]
    for index in 0..<count {
      try place(type, &rest, at: elements + index * size, addresses)
    }
    guard rest.isEmpty else { throw .inconsistent("more values than its shape holds") }
  }

  deinit { for pointer in owned { pointer.deallocate() } }

  private func place(
    _ type: Datatype, _ rest: inout ArraySlice<UInt8>, at target: UnsafeMutableRawPointer,
    _ addresses: Addresses
  ) throws(Trouble) {
    switch type {
    case .variableString:
      let code = try rest.takeVarint()
      guard code > 0 else { return }
      let text = try rest.take(code - 1)
      if self.type != type, case .sequence = self.type {
        target.storeBytes(of: hvl_t(len: text.count, p: copy(text)), as: hvl_t.self)
      } else {
        guard !text.contains(0) else {
          throw .unsupported("a zero byte in a string of variable length inside a compound")
        }
        target.storeBytes(of: copy(text), as: UnsafeMutableRawPointer.self)
      }
    case .sequence(let base):
      let count = try rest.takeVarint()
      let size = base.memorySize
      let total = count.saturatingTimes(size)
      // An element takes at least one byte of portable form.
      guard count <= rest.count, total < 1 << 40 else {
        throw .inconsistent("a sequence that is longer than its value")
      }
      let data = Self.memory(total)
      owned.append(data)
      for index in 0..<count { try place(base, &rest, at: data + index * size, addresses) }
      target.storeBytes(of: hvl_t(len: count, p: data), as: hvl_t.self)
    case .objectReference:
      let code = try rest.takeVarint()
      guard code > 0 else { return }
      guard let address = addresses(code - 1) else {
        throw .inconsistent("a reference to an object that no link reaches")
      }
      target.storeBytes(of: address, as: UInt64.self)
    case .compound(let size, let members) where !type.isPlain:
      for member in members {
        guard member.offset >= 0, member.offset <= size,
          member.type.memorySize <= size - member.offset
        else { throw .inconsistent("a compound type whose members lie outside it") }
        try place(member.type, &rest, at: target + member.offset, addresses)
      }
    case .array(let base, _) where !type.isPlain:
      let size = base.memorySize
      for start in stride(from: 0, to: type.memorySize, by: max(1, size)) {
        try place(base, &rest, at: target + start, addresses)
      }
    default:
      try rest.take(type.memorySize).withUnsafeBytes { bytes in
        if let from = bytes.baseAddress { target.copyMemory(from: from, byteCount: bytes.count) }
      }
    }
  }

  /// The bytes and a zero behind them.
  private func copy(_ bytes: ArraySlice<UInt8>) -> UnsafeMutableRawPointer {
    let memory = Self.memory(bytes.count + 1)
    owned.append(memory)
    bytes.withUnsafeBytes {
      if let from = $0.baseAddress { memory.copyMemory(from: from, byteCount: $0.count) }
    }
    return memory
  }

  private static func memory(_ size: Int) -> UnsafeMutableRawPointer {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, size), alignment: 16)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(1, size))
    return memory
  }

  private static func hasZeroInside(_ portable: [UInt8]) -> Bool {
    var rest = portable[...]
    while !rest.isEmpty {
      guard let code = try? rest.takeVarint() else { return false }
      guard code > 0 else { continue }
      guard let text = try? rest.take(code - 1) else { return false }
      if text.contains(0) { return true }
    }
    return false
  }
}

extension ArraySlice<UInt8> {
  fileprivate mutating func takeVarint() throws(Trouble) -> Int {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = popFirst() {
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 {
        guard let small = Int(exactly: value) else { break }
        return small
      }
      shift += 7
      if shift > 56 { break }
    }
    throw .inconsistent("a value that is cut off")
  }

  fileprivate mutating func take(_ length: Int) throws(Trouble) -> ArraySlice<UInt8> {
    guard length >= 0, length <= count else { throw .inconsistent("a value that is cut off") }
    defer { self = dropFirst(length) }
    return prefix(length)
  }
}
