import Synchronization

/// The blocks decoded last for readers that take a block in several parts. One for the whole file,
/// so that it stays small however many tensors there are.
final class BlockCache: Sendable {
  private struct Held {
    let section: Int
    let block: Int
    let bytes: Buffer
  }

  private static let mostBlocks = 8
  private let mostBytes: Int

  private let held = Mutex<[Held]>([])

  init(mostBytes: Int) { self.mostBytes = mostBytes }

  /// A block of the section that begins at `section`, if it is held.
  func find(_ block: Int, section: Int) -> Buffer? {
    held.withLock { held in
      guard let index = held.firstIndex(where: { $0.block == block && $0.section == section })
      else {
        return nil
      }
      let found = held.remove(at: index)
      held.append(found)
      return found.bytes
    }
  }

  /// Holds a block, and returns the buffers that had to go and that nobody uses any more.
  func insert(_ bytes: Buffer, _ block: Int, section: Int) -> [Buffer] {
    held.withLock { held in
      var gone: [Buffer] = []
      held.removeAll { $0.block == block && $0.section == section }
      held.append(Held(section: section, block: block, bytes: bytes))
      // Oldest first, but what was just decoded stays however large it is.
      while held.count > 1,
        held.count > BlockCache.mostBlocks
          || held.reduce(0, { $0 + $1.bytes.capacity }) > mostBytes
      {
        var oldest = held.removeFirst().bytes
        if isKnownUniquelyReferenced(&oldest) { gone.append(oldest) }
      }
      return gone
    }
  }
}
