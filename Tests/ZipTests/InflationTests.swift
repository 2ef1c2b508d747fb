import Files
import Testing

@testable import Zip

struct InflationTests {
  /// A gzip file of one member (RFC 1952).
  func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    let sink = MemorySink()
    let checksum = try Deflation.deflate(MemoryBytes(bytes), to: sink)
    var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + sink.bytes
    file.append32(checksum)
    file.append32(UInt32(bytes.count))
    return file
  }

  func inflate(_ bytes: [UInt8], limit: Int = .max) throws -> [UInt8] {
    var all: [UInt8] = []
    let count = try Inflation.inflate(MemoryBytes(bytes), .gzip, limit: limit) { all += $0 }
    #expect(count == all.count)
    return all
  }

  /// Longer than the pieces that are handed over.
  let text = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7 &* 31) }

  @Test func gzipFilesInARowAreOne() throws {
    #expect(try inflate(gzip(text)) == text)
    #expect(try inflate(gzip(text) + gzip([1, 2]) + gzip([])) == text + [1, 2])
    #expect(try inflate(gzip(text) + [0, 0, 0]) == text)
  }

  @Test func everyTruncationIsNoticed() throws {
    let file = try gzip([1, 2, 3, 4, 5])
    for length in 0..<file.count {
      #expect(throws: Inflation.Failure.cutOff) { try inflate(Array(file[..<length])) }
    }
  }

  @Test func wrongChecksumsAndLimits() throws {
    var file = try gzip(text)
    #expect(try inflate(file, limit: text.count) == text)
    #expect(throws: Inflation.Failure.tooLong) { try inflate(file, limit: text.count - 1) }
    file[file.count - 8] ^= 1
    #expect(throws: Inflation.Failure.corrupt) { try inflate(file) }
  }
}
