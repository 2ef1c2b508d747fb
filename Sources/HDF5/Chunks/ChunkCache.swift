import Synchronization

/// The chunks that were decoded last, of all datasets together, at most 32 MiB of them.
final class ChunkCache: Sendable {
  static let shared = ChunkCache(capacity: 32 << 20)

  private static let keys = Atomic<Int>(0)

  private struct Key: Hashable {
    let source: Int
    let chunk: Int
  }

  private struct State {
    var chunks: [Key: [UInt8]] = [:]
    /// Oldest first; those before `head` are gone.
    var order: [Key] = []
    var head = 0
    var size = 0
  }

  private let capacity: Int
  private let state = Mutex(State())

  init(capacity: Int) { self.capacity = capacity }

  /// A key that no other source has.
  static func newKey() -> Int { keys.wrappingAdd(1, ordering: .relaxed).oldValue }

  func bytes(_ source: Int, _ chunk: Int) -> [UInt8]? {
    state.withLock { $0.chunks[Key(source: source, chunk: chunk)] }
  }

  func keep(_ bytes: [UInt8], _ source: Int, _ chunk: Int) {
    guard bytes.count <= capacity / 4 else { return }
    state.withLock { state in
      let key = Key(source: source, chunk: chunk)
      guard state.chunks.updateValue(bytes, forKey: key) == nil else { return }
      state.order.append(key)
      state.size += bytes.count
      while state.size > capacity, state.head < state.order.count {
        if let old = state.chunks.removeValue(forKey: state.order[state.head]) {
          state.size -= old.count
        }
        state.head += 1
      }
      if state.head > 1024, state.head * 2 > state.order.count {
        state.order.removeFirst(state.head)
        state.head = 0
      }
    }
  }

  /// Drops what belongs to a source that is no more.
  func forget(_ source: Int) {
    state.withLock { state in
      for (key, bytes) in state.chunks where key.source == source {
        state.size -= bytes.count
        state.chunks[key] = nil
      }
    }
  }
}
