import Files
import Testing

@testable import Datasets

struct IDXTests {
  let folder = try? TemporaryFolder()

  @Test(
    arguments: [
      (0x08, [200, 3], [200, 3]), (0x09, [200, 3], [-56, 3]),
      (0x0B, big(Int16(-300)) + big(Int16(3)), [-300, 3]),
      (0x0C, big(Int32(-70000)) + big(Int32(3)), [-70000, 3]),
      (0x0D, big(Float(0.5).bitPattern) + big(Float(3).bitPattern), [0.5, 3]),
      (0x0E, big((0.1).bitPattern) + big(Double(3).bitPattern), [0.1, 3]),
    ] as [(UInt8, [UInt8], [Float])])
  func types(type: UInt8, bytes: [UInt8], expected: [Float]) throws {
    let folder = try #require(folder)
    for packed in [false, true] {
      let file = idx(type, [2, 1], bytes)
      let path = try folder.write(packed ? folder.gzip(file) : file, as: "values")
      let set = try Datasets.open(path)
      #expect(set.format == .idx)
      #expect(try set.all.values() == expected)
    }
  }

  @Test(arguments: [
    ("", ""), (".gz", ".gz"), (".gz", ""), ("", ".gz"),
  ])
  func labelsAreFoundBesideImages(images: String, labels: String) throws {
    let folder = try #require(folder)
    func file(_ bytes: [UInt8], _ name: String, _ ending: String) throws -> String {
      try folder.write(ending.isEmpty ? bytes : folder.gzip(bytes), as: name + ending)
    }
    let path = try file(
      idx(8, [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), "t-images-idx3-ubyte", images)
    _ = try file(idx(8, [2], [4, 0]), "t-labels-idx1-ubyte", labels)
    let set = try Datasets.open(path)
    #expect(try set.fitted([2, 2, 1], [5]).evaluation.classes() == [4, 0])
    #expect(set.notes.contains { $0.contains("t-labels-idx1-ubyte") })
  }

  @Test(
    arguments: [
      ("d/t10k-images-idx3-ubyte.gz", "d/t10k-labels-idx1-ubyte.gz"),
      ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"), ("images-idx4", "labels-idx1"),
      ("images-idx", nil), ("pictures-idx3", nil), ("", nil),
    ] as [(String, String?)])
  func namesOfLabels(images: String, labels: String?) {
    #expect(IDX.labelsPath(beside: images) == labels)
  }

  @Test func imagesWithoutLabels() throws {
    let path = try #require(folder).write(idx(8, [2, 1], [1, 2]), as: "a-images-idx3-ubyte")
    #expect(try Datasets.open(path).all.targets.isEmpty)
  }

  @Test func everyTruncationIsNoticed() throws {
    let folder = try #require(folder)
    let bytes = idx(8, [2, 3], [1, 2, 3, 4, 5, 6])
    for file in [bytes, try folder.gzip(bytes)] {
      for length in 0..<file.count {
        let error = #expect(throws: DataError.self) {
          try Datasets.open(folder.write(Array(file[..<length]), as: "cut"))
        }
        #expect(error?.fault == .damaged)
      }
    }
    let error = #expect(throws: DataError.self) {
      try Datasets.open(folder.write(bytes + [0], as: "long"))
    }
    #expect(error?.description.contains("1 bytes more") == true)
  }

  @Test func lengthsThatCannotBe() throws {
    let bytes = idx(0x0E, [0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [1, 2, 3])
    let error = #expect(throws: DataError.self) {
      try Datasets.open(#require(folder).write(bytes, as: "huge"))
    }
    #expect(error?.description.contains("cut off") == true)
  }

  @Test func fixture() throws {
    let path = fixtures + "/data/fashion-mnist-t10k-500-images-idx3-ubyte.gz"
    let set = try Datasets.open(path).fitted([28, 28, 1], [10])
    let part = set.evaluation
    #expect(part.count == 500)
    let classes = try part.classes()
    #expect(
      (0..<10).map { c in classes.count { $0 == c } } == [55, 52, 65, 46, 57, 39, 47, 47, 44, 48])
    #expect(classes[..<5] == [9, 2, 1, 1, 6])
    #expect(try part.isUnscaledBytes(input: 0))
  }
}
