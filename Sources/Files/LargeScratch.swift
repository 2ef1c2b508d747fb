import Glibc

/// Memory for large blocks, in pages of 2 MiB where the system has such: to touch a block of 4 MiB for
/// the first time in pages of 4 KiB takes as long as to decode half of it.
public struct LargeScratch: @unchecked Sendable {
  private static let page = 1 << 21

  private let mapping: UnsafeMutableRawBufferPointer
  /// The bytes asked for, at an address that is a multiple of 2 MiB.
  public let bytes: UnsafeMutableRawBufferPointer

  /// `count` bytes of zeros, until `deallocate`; nil where `count` is less than a large page, or where
  /// there is no room.
  public init?(count: Int) {
    guard count >= Self.page else { return nil }
    let size = count + Self.page
    guard
      let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      base != MAP_FAILED
    else { return nil }
    mapping = UnsafeMutableRawBufferPointer(start: base, count: size)
    let start = (Self.page - Int(bitPattern: base) & (Self.page - 1)) & (Self.page - 1)
    bytes = UnsafeMutableRawBufferPointer(rebasing: mapping[start..<start + count])
    // Whole pages alone: what is touched of the last one is little.
    madvise(bytes.baseAddress, count / Self.page * Self.page, MADV_HUGEPAGE)
  }

  public func deallocate() { munmap(mapping.baseAddress, mapping.count) }
}
