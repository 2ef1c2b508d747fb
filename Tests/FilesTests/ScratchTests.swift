import Testing

@testable import Files

struct ScratchTests {
  @Test(arguments: [0, 1, 63, 64, 65, 1 << 20])
  func isAlignedAndAsLongAsAsked(count: Int) {
    withScratch(count) { bytes in
      #expect(bytes.count == count)
      #expect(Int(bitPattern: bytes.baseAddress) % 64 == 0)
      for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index) }
      #expect(bytes.indices.allSatisfy { bytes[$0] == UInt8(truncatingIfNeeded: $0) })
    }
  }
}
