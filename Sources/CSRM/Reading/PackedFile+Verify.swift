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
    let tasks = verifyingTasks
    // Checking throws nothing: what it finds is what it says.
    let found = try? Parallel.map(tasks.count, atMost: memory.readers) { tasks[$0].run(self) }
    var parts = [Verification](repeating: Verification(), count: entries.count)
    var blocks = [[Checked]](repeating: [], count: entries.count)
    for checked in found ?? [] {
      for (entry, outcome) in checked {
        switch outcome {
        case .whole(let part): parts[entry] = part
        case .block(let block): blocks[entry].append(block)
        }
      }
    }
    for (index, part) in parts.enumerated() {
      result.add(part)
      if sources[index] is BlockSource || sources[index] is RawSource {
        check(blocks[index], of: index, &result)
      }
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

  /// What one thread checks at a time.
  private enum Task: Sendable {
    case block(Int, of: Int)
    /// Whole entries, one after another.
    case entries([Int])

    func run(_ file: PackedFile) -> [(entry: Int, outcome: Outcome)] {
      switch self {
      case .block(let block, let entry): [(entry, .block(file.checked(block, of: entry)))]
      case .entries(let entries): entries.map { ($0, .whole(file.checked($0))) }
      }
    }
  }

  private enum Outcome: Sendable {
    case whole(Verification)
    case block(Checked)
  }

  private enum Checked: Sendable {
    case good(UInt32, nonzeros: Int)
    case bad(any Error)
  }

  /// All that there is to check, blocks in order. First come the tensors of pools, those of one pool
  /// together: the first of them has it decoded, which takes long, and the rest would wait for it.
  private var verifyingTasks: [Task] {
    var families: [Int: [Int]] = [:]
    var others: [Task] = []
    for (index, entry) in entries.enumerated() {
      if let place = pools.places[index], sources[index] != nil {
        families[place.pool, default: []].append(index)
      } else if sources[index] is BlockSource || sources[index] is RawSource {
        others += (0..<entry.blockCount).map { .block($0, of: index) }
      } else {
        others.append(.entries([index]))
      }
    }
    return families.sorted { $0.key < $1.key }.map { .entries($0.value) } + others
  }

  /// What checking an entry found that has no blocks of its own.
  private func checked(_ index: Int) -> Verification {
    let entry = entries[index]
    var result = Verification()
    do {
      if let constant = sources[index] as? ConstantSource {
        try constant.check()
        try constant.withBytes(0..<entry.element.size) { _ in }
      } else if let pooled = sources[index] as? PooledSource {
        // Not what an earlier reader knows of it: all of it, now.
        try pooled.withBytes {
          try pooled.check($0)
          guard TensorScan.nonzeros($0, entry.element.size) == entry.nonzeros else {
            throw CSRMError.malformed(
              file: name, part: entry.label,
              what: "has other non-zeros than the directory's \(entry.nonzeros)")
          }
        }
      } else {
        result.unchecked.append(entry.label)
        result.checkedBytes -= entry.storedBytes
      }
    } catch { result.add(error, entry.label) }
    return result
  }

  /// What checking a block found.
  private func checked(_ block: Int, of index: Int) -> Checked {
    let entry = entries[index]
    guard let coding = entry.encoding.coding else {
      preconditionFailure("what has a source can be decoded")
    }
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

  /// What the blocks of an entry say together.
  private func check(_ blocks: [Checked], of index: Int, _ result: inout Verification) {
    let entry = entries[index]
    var whole: (checksum: UInt32, nonzeros: Int)? = (0, 0)
    for (block, checked) in blocks.enumerated() {
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
      if let coding = entry.encoding.coding { try checkPadding(inside: entry, coding) }
    } catch { result.add(error, entry.label) }
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
