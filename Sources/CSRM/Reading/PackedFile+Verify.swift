import Documents
import Files
import Parallel

/// What checking every byte of a packed file found.
public struct Verification: Sendable, Equatable {
  public struct Damage: Sendable, Equatable {
    /// The part, and its offset in the file where it has one.
    public let place: String
    public let what: String
  }

  public var damage: [Damage] = []
  /// Bytes of the file that were checked: all of them, unless there are entries in an encoding of
  /// a later version.
  public var checkedBytes = 0
  /// Entries in an encoding of a later version, which can be neither decoded nor checked.
  public var unchecked: [String] = []

  public var isWhole: Bool { damage.isEmpty && unchecked.isEmpty }

  fileprivate mutating func add(_ part: Verification) {
    damage += part.damage
    checkedBytes += part.checkedBytes
    unchecked += part.unchecked
  }

  fileprivate mutating func add(_ error: any Error, _ place: String) {
    switch error as? CSRMError {
    case .checksum(_, let part, let declared, let computed):
      let what = "checksum \(hexadecimal(computed)), written as \(hexadecimal(declared))"
      damage.append(Damage(place: part, what: what))
    case .malformed(_, let part, let what): damage.append(Damage(place: part, what: what))
    default: damage.append(Damage(place: place, what: "\(error)"))
    }
  }
}

extension PackedFile {
  /// Checks every byte of `source`, which begins as a packed file does. A file that cannot even be
  /// opened has damage in its header, footer or directory.
  ///
  /// Throws what is no damage: a later version, a limit that is passed.
  public static func verify(
    _ source: any ByteSource, name: String, limits: Limits = .standard
  ) throws -> Verification {
    do {
      return try PackedFile(source, name: name, limits: limits).verify()
    } catch let error as CSRMError {
      switch error {
      case .checksum, .malformed, .cutShort, .textMode:
        var result = Verification()
        result.add(error, "file")
        result.checkedBytes = source.count
        return result
      default: throw error
      }
    }
  }

  /// Checks every byte behind the directory, which opening has checked: each block as it is stored,
  /// each tensor as it decodes, the padding, and that the documents hang together.
  public func verify() -> Verification {
    var result = Verification()
    result.checkedBytes = fileBytes
    // An entry of one block keeps one thread busy: as many as there are threads are checked together.
    let groups = Parallel.groups(of: entries.count, most: Int.max) {
      entries[$0].blockCount > 1 ? Int.max : 1
    }
    for group in groups {
      // Checking throws nothing: what it finds is what it says.
      let found = try? Parallel.map(group.count, atMost: memory.readers) {
        checked(group.lowerBound + $0)
      }
      for part in found ?? [] { result.add(part) }
    }
    // Only where all bytes are right is it worth asking what they say.
    guard result.damage.isEmpty else { return result }
    do {
      if entries.contains(where: { $0.kind == .container }) { _ = try container() }
    } catch CSRMError.unknownContainer {
      // A later version's kind of container is no damage; its bytes are right.
    } catch { result.add(error, "container") }
    guard holdsOriginal, result.unchecked.isEmpty else { return result }
    do { try checkOriginal() } catch { result.add(error, "skeleton") }
    return result
  }

  /// What checking an entry found.
  private func checked(_ index: Int) -> Verification {
    let entry = entries[index]
    var result = Verification()
    guard let coding = entry.encoding.coding, sources[index] != nil else {
      result.unchecked.append(entry.label)
      result.checkedBytes -= entry.storedBytes
      return result
    }
    check(entry, coding, index, &result)
    return result
  }

  private func check(
    _ entry: Entry, _ coding: any TensorCoding, _ index: Int, _ result: inout Verification
  ) {
    if let constant = sources[index] as? ConstantSource {
      do {
        try constant.check()
        try constant.withBytes(0..<entry.element.size) { _ in }
      } catch { result.add(error, entry.label) }
      return
    }
    if let pooled = sources[index] as? PooledSource {
      do {
        // Not what an earlier reader knows of it: all of it, now.
        try pooled.withBytes {
          try pooled.check($0)
          guard TensorScan.nonzeros($0, entry.element.size) == entry.nonzeros else {
            throw CSRMError.malformed(
              file: name, part: entry.label,
              what: "has other non-zeros than the directory's \(entry.nonzeros)")
          }
        }
      } catch { result.add(error, entry.label) }
      return
    }
    let found = try? Parallel.map(entry.blockCount, atMost: memory.readers) { block -> Checked in
      do {
        let bytes = entry.geometry.bytes(of: block).count
        defer { Passage.add(entry.storedBlock(block).count) }
        if coding.encoding == .raw {
          return try packed.withBlock(block, of: entry, coding) {
            .good(Checksum.of($0[0]), nonzeros: TensorScan.nonzeros($0[0], entry.element.size))
          }
        }
        let buffer = packed.pool.take(bytes)
        defer { packed.pool.giveBack(buffer) }
        let out = buffer.first(bytes)
        try packed.decode(block, of: entry, coding, into: out)
        let decoded = UnsafeRawBufferPointer(out)
        return .good(
          Checksum.of(decoded), nonzeros: TensorScan.nonzeros(decoded, entry.element.size))
      } catch { return .bad(error) }
    }
    var whole: (checksum: UInt32, nonzeros: Int)? = (0, 0)
    for (block, checked) in (found ?? []).enumerated() {
      switch checked {
      case .good(let checksum, let nonzeros):
        whole = whole.map {
          let length = entry.geometry.bytes(of: block).count
          return (
            Checksum.combine($0.checksum, checksum, lengthOfB: length), $0.nonzeros + nonzeros
          )
        }
      case .bad(let error):
        result.add(error, packed.place(block, of: entry))
        whole = nil
      }
    }
    do {
      if let whole {
        try packed.check(whole.checksum, decoded: entry)
        guard whole.nonzeros == entry.nonzeros else {
          throw CSRMError.malformed(
            file: name, part: entry.label,
            what: "has \(whole.nonzeros) non-zeros; the directory says \(entry.nonzeros)")
        }
      }
      try checkPadding(inside: entry, coding)
    } catch { result.add(error, entry.label) }
  }

  private enum Checked: Sendable {
    case good(UInt32, nonzeros: Int)
    case bad(any Error)
  }

  /// Between the runs of a section there are zeros.
  private func checkPadding(inside entry: Entry, _ coding: any TensorCoding) throws {
    guard coding.runs > 1, entry.blockCount > 0 else { return }
    let first = coding.pieces(of: 0, in: entry)
    let last = coding.pieces(of: entry.blockCount - 1, in: entry)
    for run in 1..<coding.runs {
      let gap = last[run - 1].upperBound..<first[run].lowerBound
      let start = entry.section.lowerBound
      let isZero = try packed.source.withBytes(start + gap.lowerBound..<start + gap.upperBound) {
        $0.allSatisfy { $0 == 0 }
      }
      guard isZero else {
        throw CSRMError.malformed(
          file: name, part: "\(entry.label), padding at \(start + gap.lowerBound)",
          what: "has bytes set that must be zero")
      }
    }
  }
}
