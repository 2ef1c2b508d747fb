import CKernels

/// Sends what was written to the disk while more is being written, so that the sync that every output
/// ends with has little left to wait for.
public enum Writeback {
  /// Smaller runs would split the file into small transfers; they go with the final sync.
  private static let least = 1 << 20

  /// Begins to write a range of the file behind `descriptor` that was just put into the page cache,
  /// without waiting.
  public static func begin(_ descriptor: Int32, _ range: Range<Int>) {
    guard range.count >= least else { return }
    ck_start_writeback(descriptor, Int64(range.lowerBound), Int64(range.count))
  }
}
