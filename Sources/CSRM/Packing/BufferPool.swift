import Files
import Synchronization

/// Room for encoded or decoded blocks, used again: fresh memory costs as much to touch for the
/// first time as to fill.
final class BufferPool: Sendable {
  private let spare = Mutex<[Buffer]>([])
  private let most: Int
  private let mostBytes: Int

  /// Keeps up to `most` buffers that nobody uses, and `mostBytes`.
  init(keeping most: Int, mostBytes: Int = 64 << 20) {
    self.most = most
    self.mostBytes = mostBytes
  }

  /// A buffer with room for `count` bytes and 64 more.
  func take(_ count: Int) -> Buffer {
    let found: Buffer? = spare.withLock { spare in
      // The one given back last is the likeliest to be in the processor's cache still.
      guard let index = spare.lastIndex(where: { $0.capacity >= count + 64 }) else { return nil }
      return spare.remove(at: index)
    }
    return found ?? Buffer(capacity: count + 64)
  }

  func giveBack(_ buffer: Buffer) {
    spare.withLock { spare in
      spare.append(buffer)
      // What a bulk read took is too much to keep.
      while spare.reduce(0, { $0 + $1.capacity }) > mostBytes,
        let largest = spare.indices.max(by: { spare[$0].capacity < spare[$1].capacity })
      { spare.remove(at: largest) }
      // The smallest goes: it is of least use to others.
      if spare.count > most,
        let least = spare.indices.min(by: { spare[$0].capacity < spare[$1].capacity })
      {
        spare.remove(at: least)
      }
    }
  }
}

/// A piece of memory with one owner at a time.
final class Buffer: @unchecked Sendable {
  private let memory: Memory
  let all: UnsafeMutableRawBufferPointer
  var capacity: Int { all.count }

  private enum Memory {
    case small(Scratch)
    case large(LargeScratch)
  }

  init(capacity: Int) {
    if let large = LargeScratch(count: capacity) {
      (memory, all) = (.large(large), large.bytes)
    } else {
      let small = Scratch(count: capacity)
      (memory, all) = (.small(small), small.bytes)
    }
  }

  deinit {
    switch memory {
    case .small(let scratch): scratch.deallocate()
    case .large(let scratch): scratch.deallocate()
    }
  }

  /// The first `count` bytes.
  func first(_ count: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: all[..<count])
  }
}
