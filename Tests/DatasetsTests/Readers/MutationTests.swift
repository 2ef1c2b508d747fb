import Documents
import Files
import Testing

@testable import Datasets

/// Files with any byte changed, and files cut off: they give values or one of our own errors.
struct MutationTests {
  let folder = try? TemporaryFolder()

  static let kinds = [
    "npy", "fortran", "words", "stored", "deflated", "idx", "gzip", "csv", "hdf5",
  ]

  func bytes(_ kind: String, _ folder: TemporaryFolder) throws -> [UInt8] {
    let numbers = npy("<f4", [3, 2], floats([1, 2, 3, 4, 5, 6]))
    let words = npy("<U2", [3], [97, 0, 98, 99, 100, 0].flatMap { little(UInt32($0)) })
    switch kind {
    case "npy": return numbers
    case "fortran": return npy(">i2", [2, 2, 2], [UInt8](0..<16), fortran: true, version: 2)
    case "words": return words
    case "stored", "deflated":
      let path = try folder.write(
        zip: [("x.npy", numbers), ("y.npy", words)], method: kind == "stored" ? 0 : 8, as: "d.npz")
      return try MappedFile(path: path).bytes()
    case "idx": return idx(0x0B, [2, 3], [UInt8](0..<12))
    case "gzip": return try folder.gzip(idx(8, [2, 3], [1, 2, 3, 4, 5, 6]))
    case "csv": return Array("a,\"b\",y\r\n1,2.5,cat\n-3e2,4,dog\n".utf8)
    default:
      let path = try folder.write(
        hdf5: [
          ("x", dataset(float32, [3, 2], floats([1, 2, 3, 4, 5, 6]))),
          ("y", dataset(uint8, [3], [0, 1, 2])),
        ], as: "d.h5")
      return try MappedFile(path: path).bytes()
    }
  }

  /// Reads everything that there is.
  func read(_ bytes: [UInt8], _ folder: TemporaryFolder) throws {
    do {
      let set = try Datasets.open(folder.write(bytes, as: "changed"))
      #expect(try set.all.values().count == set.all.count * set.all.inputs[0].itemCount)
      _ = try set.evaluation.description()
      let item = set.all.inputs[0].itemShape.map { Optional($0) }
      for output in [[3], [1]] as [[Int?]] {
        let fitted = try set.fitted(item, output)
        if !fitted.all.targets.isEmpty {
          _ = try fitted.all.labelValues()
          _ = try fitted.all.classes()
        }
      }
    } catch let error as DataError {
      // One line, that a terminal may show.
      #expect(
        error.description.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }
  }

  @Test(arguments: kinds)
  func changedBytes(kind: String) throws {
    let folder = try #require(folder)
    let bytes = try bytes(kind, folder)
    // An HDF5 file is mostly room that nothing lies in: its own tests change all of it.
    let step = kind == "hdf5" ? 7 : 1
    for place in stride(from: 0, to: bytes.count, by: step) {
      for change: UInt8 in [0x01, 0x10, 0x80, 0xFF] {
        var changed = bytes
        changed[place] ^= change
        try read(changed, folder)
      }
    }
  }

  @Test(arguments: kinds)
  func cutOff(kind: String) throws {
    let folder = try #require(folder)
    let bytes = try bytes(kind, folder)
    let step = kind == "hdf5" ? 31 : 1
    for length in stride(from: 0, to: bytes.count, by: step) {
      try read(Array(bytes[..<length]), folder)
    }
  }
}
