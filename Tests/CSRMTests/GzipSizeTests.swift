import Files
import Testing

@testable import CSRM

struct GzipSizeTests {
  /// Sizes that `gzip -9n` gives: nothing, one byte, and 100,000 zeros.
  @Test(arguments: [([UInt8](), 20), ([7], 21), ([UInt8](repeating: 0, count: 100_000), 132)])
  func matchesGzip(bytes: [UInt8], size: Int) throws {
    #expect(try GzipSize.level9(of: MemoryBytes(bytes)) == size)
  }
}
