import CKernels
import Synchronization

/// Tables of counts, one for each thread that counts at the same time. Sums of integers do not
/// depend on which thread counted what.
final class CountTables: Sendable {
  private let size: Int
  private let usesBeforeEmptying: UInt32
  private let idle = Mutex<[[UInt32]]>([])
  /// What was taken off tables before a bin of theirs could run over.
  private let emptied: Mutex<[UInt64]>

  /// Tables of `size` bins. One use adds at most 2^32 / `usesBeforeEmptying` to a bin.
  init(size: Int, usesBeforeEmptying: UInt32 = UInt32(1 << 31 / TensorBlock.size)) {
    self.size = size
    self.usesBeforeEmptying = usesBeforeEmptying
    emptied = Mutex([])
  }

  /// Calls `body` with a table to add to, which nobody else has at the time.
  func use(_ body: (UnsafeMutablePointer<UInt32>) throws -> Void) rethrows {
    // The place behind the bins counts the uses.
    var table = idle.withLock { $0.popLast() } ?? [UInt32](repeating: 0, count: size + 1)
    try table.withUnsafeMutableBufferPointer { bins in
      guard let start = bins.baseAddress else { return }
      try body(start)
      start[size] += 1
      if start[size] == usesBeforeEmptying {
        emptied.withLock { all in
          if all.isEmpty { all = [UInt64](repeating: 0, count: size) }
          ck_add_counts(start, size, &all, size)
        }
        bins.update(repeating: 0)
      }
    }
    idle.withLock { $0.append(table) }
  }

  /// All counts; those of bins that are the same but for multiples of `modulus`, a power of two, are
  /// added.
  func sum(modulo modulus: Int) -> [UInt64] {
    var total = [UInt64](repeating: 0, count: modulus)
    emptied.withLock { all in
      for i in all.indices { total[i & (modulus - 1)] += all[i] }
    }
    idle.withLock { tables in
      for table in tables { ck_add_counts(table, size, &total, modulus) }
    }
    return total
  }
}
