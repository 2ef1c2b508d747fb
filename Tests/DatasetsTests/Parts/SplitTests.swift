import Testing

@testable import Datasets

struct SplitTests {
  let folder = try? TemporaryFolder()

  /// A file of 20 training and 6 test rows, whose values are their numbers.
  func open(_ change: (inout DataOptions) -> Void = { _ in }) throws -> DataSet {
    let folder = try #require(folder)
    let path = try folder.write(
      zip: [
        ("x_train.npy", npy("|u1", [20], (0..<20).map { UInt8($0) })),
        ("x_test.npy", npy("|u1", [6], (100..<106).map { UInt8($0) })),
      ], method: 0, as: "d.npz")
    return try Datasets.open(path, options(change))
  }

  @Test(arguments: [
    (DataOptions.Split.automatic, "test", 6), (.test, "test", 6), (.train, "train", 20),
    (.all, "all", 26),
  ])
  func evaluation(split: DataOptions.Split, name: String, count: Int) throws {
    let part = try open { $0.split = split }.evaluation
    #expect(part.name == name && part.count == count)
  }

  @Test func limits() throws {
    let set = try open { $0.limit = 5 }
    #expect(try set.train?.values() == [0, 1, 2, 3, 4])
    #expect(try set.test?.values() == [100, 101, 102, 103, 104])
    #expect(set.all.count == 5)
    #expect(try open { $0.limit = 1000 }.all.count == 26)
  }

  @Test func drawnRows() throws {
    let part = try open { _ in }.all
    let drawn = part.drawnRows(3, seed: 1)
    #expect(drawn.count == 3 && drawn == drawn.sorted() && Set(drawn).count == 3)
    #expect(drawn == part.drawnRows(3, seed: 1))
    #expect((0..<20).contains { part.drawnRows(3, seed: $0) != drawn })
    #expect(part.drawnRows(part.count + 1, seed: 1) == Array(0..<part.count))
  }

  @Test func validationRows() throws {
    func parts(_ seed: UInt64, _ limit: Int? = nil) throws -> (train: [Float], kept: [Float]) {
      let set = try open {
        $0.validation = 0.25
        $0.seed = seed
        $0.limit = limit
      }
      #expect(set.evaluation.name == "test")
      return (try set.train?.values() ?? [], try set.validation?.values() ?? [])
    }
    let (train, kept) = try parts(0)
    #expect(kept.count == 5 && (train + kept).sorted() == (0..<20).map { Float($0) })
    #expect(kept == kept.sorted() && train == train.sorted())
    #expect(try parts(0).kept == kept)
    #expect(try parts(1).kept != kept)
    #expect(try parts(0, 8).kept.allSatisfy { $0 < 8 })
    let error = #expect(throws: DataError.self) { try open { $0.validation = 0.01 } }
    #expect(error?.fault == .usage)
  }

  @Test func partsThatAreNotThere() throws {
    let folder = try #require(folder)
    let path = try folder.write(npy("|u1", [3], [1, 2, 3]), as: "x.npy")
    let error = #expect(throws: DataError.self) {
      try Datasets.open(path, options { $0.split = .test })
    }
    #expect(error?.fault == .usage)
    #expect(try Datasets.open(path, options { $0.split = .train }).evaluation.count == 3)
  }

  @Test func testFilesOfTheirOwn() throws {
    let folder = try #require(folder)
    let labels = npy("|u1", [3], [0, 1, 0])
    let x = try folder.write(npy("|u1", [3], [1, 2, 3]), as: "x.npy")
    let y = try folder.write(labels, as: "y.npy")
    let test = try folder.write(npy("|u1", [2], [8, 9]), as: "test.npy")
    let testLabels = try folder.write(npy("|u1", [2], [1, 1]), as: "test-y.npy")
    let set = try Datasets.open(
      x,
      options {
        $0.testFile = test
        $0.y = [ArrayName(array: y), ArrayName(array: testLabels)]
      }
    ).fitted([1], [2])
    #expect(try set.evaluation.values() == [8, 9])
    #expect(try set.evaluation.classes() == [1, 1])
    #expect(try set.all.classes() == [0, 1, 0, 1, 1])
    // The test part of the first file stands back.
    let archive = try folder.write(
      zip: [("x_test.npy", npy("|u1", [1], [50])), ("x_train.npy", npy("|u1", [1], [60]))],
      method: 0, as: "e.npz")
    let replaced = try open { $0.testFile = archive }
    #expect(try replaced.evaluation.values() == [50])
    #expect(replaced.notes.contains { $0.contains("not used") })
  }
}
