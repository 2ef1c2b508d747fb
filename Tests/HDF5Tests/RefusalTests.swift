import Documents
import Files
import Testing

@testable import HDF5

struct RefusalTests {
  private func message(_ body: () throws -> Document) -> String {
    do {
      _ = try body()
      return "read"
    } catch let error as HDF5Error {
      #expect(error.fault == .damaged)
      return error.description
    } catch { return "\(error)" }
  }

  @Test(arguments: [
    ("external-link.h5", "external link"), ("external-storage.h5", "other.raw"),
    ("external-storage.h5", "external storage"), ("virtual-1.10.h5", "virtual dataset to other.h5"),
    ("virtual-1.14.h5", "virtual dataset"), ("bomb-empty.h5", "declares 4398046511104 bytes"),
    ("bomb-overflow.h5", "declares 2147483648 x"), ("bomb-chunk.h5", "declares 1073741824"),
    ("bomb-strings.h5", "unfold"),
  ])
  func refuses(file: String, words: String) {
    let said = message { try Fixtures.read(file) }
    #expect(said.contains(words), "\(said)")
  }

  @Test func everyTruncationIsToldOf() throws {
    for file in ["legacy.h5", "order.h5"] {
      let whole = try Fixtures.bytes(file)
      for length in [8, 47, 48, 95, 96, 200, whole.count / 2, whole.count - 1] {
        let said = message {
          try HDF5.read(image: MemoryBytes(Array(whole.prefix(length))), name: "cut")
        }
        #expect(said.contains("truncated"), "\(file) \(length): \(said)")
      }
    }
  }

  @Test func bytesBehindTheEndAreLegal() throws {
    let padded = MemoryBytes(try Fixtures.bytes("legacy.h5") + [UInt8](repeating: 0, count: 1000))
    #expect(try HDF5.read(image: padded, name: "padded").objects.count == 9)
  }

  @Test func theLimitCountsWhatHasToBeDecoded() {
    let said = message {
      try HDF5.read(
        MappedFile(path: Fixtures.path("storage.h5")), limits: Limits(decodedBytes: 500))
    }
    #expect(said.contains("500 bytes decoded"))
  }
}
