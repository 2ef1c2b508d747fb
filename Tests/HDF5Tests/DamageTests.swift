import Documents
import Files
import Testing

@testable import HDF5

/// Files with a few wrong bytes. What is read may be wrong where nothing guards it; but reading and
/// writing end, with an error or without.
struct DamageTests {
  private func outcome(_ image: [UInt8]) -> String {
    do {
      let document = try HDF5.read(image: MemoryBytes(image), name: "damaged")
      for case .dataset(let dataset) in document.objects {
        if case .plain(let source) = dataset.value { _ = try source.bytes() }
      }
      return "read"
    } catch let error as HDF5Error {
      return error.description
    } catch { return "unexpected: \(error)" }
  }

  @Test(arguments: ["legacy.h5", "links.h5", "order.h5"], [0x00, 0xff, 0x55] as [UInt8])
  func oneWrongByteAnywhere(file: String, wrong: UInt8) throws {
    let whole = try Fixtures.bytes(file)
    // A prime step, so that every part of a structure has its turn.
    for place in stride(from: Int(wrong) % 29, to: whole.count, by: 29) {
      var image = whole
      image[place] = wrong == 0x55 ? image[place] ^ 0x55 : wrong
      let said = outcome(image)
      #expect(!said.contains("unexpected") && !said.contains("\n"), "\(place): \(said)")
    }
  }

  /// Puts `bytes` where `pattern` is found first in `file`, `skip` bytes further on.
  private func patched(_ file: String, _ pattern: [UInt8], skip: Int, _ bytes: [UInt8]) throws
    -> [UInt8]
  {
    var image = try Fixtures.bytes(file)
    let place = try #require(
      image.indices.first { image[$0...].starts(with: pattern) }, "no such bytes in \(file)")
    image.replaceSubrange(place + skip..<place + skip + bytes.count, with: bytes)
    return image
  }

  @Test func aTreeWithoutItsSignature() throws {
    let image = try patched("legacy.h5", Array("TREE".utf8), skip: 1, [0x58])
    #expect(outcome(image).contains("wrong B-tree signature"))
  }

  @Test func aGlobalHeapThatNeverEnds() throws {
    // The first object behind the header of 16 bytes gets a length of 2^56.
    let image = try patched("types.h5", Array("GCOL".utf8), skip: 31, [1])
    #expect(outcome(image).contains("damaged"))
  }

  @Test func anAttributeThatIsLongerThanItsMessage() throws {
    // Version 1, a reserved byte, then the length of the name.
    let image = try patched("legacy.h5", Array("layer_names".utf8), skip: -6, [0xff, 0xff])
    #expect(outcome(image).contains("longer than its message"))
  }

  @Test func chunksWithoutSides() throws {
    // A layout message: version 3, chunked, rank 2 and the size of an element.
    let image = try patched("storage.h5", [3, 2, 3], skip: 2, [0])
    #expect(outcome(image).contains("chunks without elements"))
  }

  @Test func aWrongByteInAChunkWithAChecksum() throws {
    let document = try Fixtures.read("storage.h5")
    for name in ["fletcher32", "all three"] {
      guard case .plain(let source)? = document.dataset(name)?.value,
        let chunked = source as? ChunkedBytes,
        case .stored(let places) = try chunked.chunks.index(),
        let place = places[0]
      else {
        Issue.record("\(name) is not read by our own code")
        return
      }
      for offset in [0, place.size / 2, place.size - 1] {
        var image = try Fixtures.bytes("storage.h5")
        image[place.offset + offset] ^= 0x40
        #expect(outcome(image).contains("fletcher32"), "\(name) \(offset)")
      }
    }
  }

  @Test func aFileLeftOpenNamesTheCure() throws {
    var image = try Fixtures.bytes("superblock3.h5")
    for flags in [1, 4, 5] as [UInt8] {
      image[11] = flags
      #expect(outcome(image).contains("h5clear"))
    }
  }
}
