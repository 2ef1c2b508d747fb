import Files
import Testing

@testable import Datasets

struct NPZTests {
  let folder = try? TemporaryFolder()

  static let members: [(String, [UInt8])] = [
    ("x_train.npy", npy("<f4", [3, 2], floats([1, 2, 3, 4, 5, 6]))),
    ("y_train.npy", npy("|u1", [3], [0, 1, 1])),
    ("x_test.npy", npy("|u1", [2, 2], [7, 8, 9, 10], fortran: true)),
    ("y_test.npy", npy("<i4", [2, 1], little(Int32(1)) + little(Int32(0)))),
    ("readme.txt", [1, 2, 3]),
  ]

  @Test(arguments: [UInt16(0), 8])
  func storedAndDeflated(method: UInt16) throws {
    let path = try #require(folder).write(zip: Self.members, method: method, as: "d.npz")
    let set = try Datasets.open(path).fitted([2], [2])
    #expect(set.format == .npz)
    #expect(set.evaluation.name == "test")
    #expect(try set.evaluation.values() == [7, 9, 8, 10])
    #expect(try set.evaluation.classes() == [1, 0])
    let train = try #require(set.train)
    #expect(try train.values() == [1, 2, 3, 4, 5, 6])
    #expect(try train.values([2, 0]) == [5, 6, 1, 2])
    #expect(try train.labelValues() == [1, 0, 0, 1, 0, 1])
    #expect(try set.all.values() == [1, 2, 3, 4, 5, 6, 7, 9, 8, 10])
    #expect(try set.all.classes() == [0, 1, 1, 1, 0])
  }

  /// NumPy would take the last of them, others the first.
  @Test func twoArraysOfOneNameAreRefused() throws {
    let path = try #require(folder).write(
      zip: [("x.npy", npy("|u1", [1], [1])), ("x.npy", npy("|u1", [1], [2]))], method: 0,
      as: "twice.npz")
    let error = #expect(throws: DataError.self) { try Datasets.open(path) }
    #expect(error?.fault == .damaged && error?.description.contains("two arrays 'x.npy'") == true)
  }

  @Test(arguments: [UInt16(0), 8])
  func everyTruncationIsNoticed(method: UInt16) throws {
    let folder = try #require(folder)
    let path = try folder.write(zip: Self.members, method: method, as: "d.npz")
    let bytes = try MappedFile(path: path).bytes()
    for length in stride(from: 0, to: bytes.count, by: 3) {
      let error = #expect(throws: DataError.self) {
        try Datasets.open(folder.write(Array(bytes[..<length]), as: "cut.npz"))
      }
      #expect(error?.fault == .damaged)
    }
  }

  /// A byte of the values changed: the checksum tells when they are read.
  @Test(arguments: [UInt16(0), 8])
  func changedValuesAreNoticed(method: UInt16) throws {
    let folder = try #require(folder)
    let path = try folder.write(
      zip: [("x.npy", npy("|u1", [100], (0..<100).map { UInt8($0 * 37 & 255) }))], method: method,
      as: "d.npz")
    var bytes = try MappedFile(path: path).bytes()
    let directory = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
    bytes[directory - 30] ^= 0x40
    let error = #expect(throws: DataError.self) {
      try Datasets.open(folder.write(bytes, as: "changed.npz")).all.values()
    }
    #expect(error?.fault == .damaged)
  }

  @Test func membersThatDeclareTooMuch() throws {
    let path = try #require(folder).write(
      zip: [("x.npy", npy("<f8", [1 << 40], [1, 2, 3]))], method: 8, as: "d.npz")
    let error = #expect(throws: DataError.self) { try Datasets.open(path) }
    #expect(error?.fault == .damaged)
    #expect(error?.description.contains("cut off") == true)
  }

  /// Values beyond the bound of memory lie in a temporary file.
  @Test func largeMembersAreUnpackedToDisk() throws {
    let count = Spool.memory + 5000
    var values = [UInt8](repeating: 7, count: count)
    for place in stride(from: 0, to: count, by: 1000) { values[place] = UInt8(place / 1000 & 255) }
    let path = try #require(folder).write(
      zip: [("x.npy", npy("|u1", [count / 1000, 1000], values))], method: 8, as: "d.npz")
    let all = try Datasets.open(path).all
    for row in [0, 1, 255, 256, count / 1000 - 1] {
      let found = try all.values([row])
      #expect(found[0] == Float(row & 255) && found[1] == 7 && found[999] == 7)
    }
  }

  @Test func archivesOfSomethingElse() throws {
    let folder = try #require(folder)
    for (name, word) in [("config.json", "Keras model"), ("a.txt", "no NumPy arrays")] {
      let path = try folder.write(zip: [(name, [1])], method: 0, as: "d.zip")
      let error = #expect(throws: DataError.self) { try Datasets.open(path) }
      #expect(error?.description.contains(word) == true)
    }
  }
}
