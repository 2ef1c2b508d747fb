import Documents
import Files
import Testing

@testable import Datasets

struct HDF5ArraysTests {
  let folder = try? TemporaryFolder()

  func open(
    _ datasets: [(String, Dataset)], _ change: (inout DataOptions) -> Void = { _ in }
  ) throws -> DataSet {
    try Datasets.open(
      #require(folder).write(hdf5: datasets, as: "data.h5"), options(change))
  }

  func bytes(_ shape: Int..., from first: UInt8 = 0) -> Dataset {
    dataset(uint8, shape, (0..<shape.reduce(1, *)).map { first &+ UInt8(truncatingIfNeeded: $0) })
  }

  @Test func fixture() throws {
    let set = try Datasets.open(fixtures + "/data/iris.h5").fitted([4], [3])
    #expect(set.format == .hdf5)
    #expect(set.train?.count == 112 && set.test?.count == 38 && set.all.count == 150)
    #expect(set.evaluation.name == "test")
    let classes = try set.all.classes()
    #expect((0..<3).map { c in classes.count { $0 == c } } == [50, 50, 50])
    #expect(try !set.evaluation.isUnscaledBytes(input: 0))
    #expect(try set.evaluation.description().contains { $0.contains("38 × 4 float32") })
  }

  @Test func chunkedDatasets() throws {
    let folder = try #require(folder)
    var chunked = bytes(1000, 7)
    chunked.layout = .chunked([64, 3])
    chunked.filters = [Dataset.Filter(id: 1, parameters: [6])]
    let path = try folder.write(hdf5: [("x", chunked)], as: "data.h5")
    let all = try Datasets.open(path).all
    let expected = (0..<7000).map { Float($0 & 255) }
    #expect(try all.values() == expected)
    let order = (0..<1000).map { $0 * 37 % 1000 }
    #expect(try all.values(order) == order.flatMap { expected[$0 * 7..<($0 + 1) * 7] })
  }

  @Test func labelsThatAreWords() throws {
    let fixed = Dataset(
      type: .string(length: 4, padding: .nullPadded, isUTF8: true), space: .simple([2]),
      value: .plain(MemoryBytes(Array("cat\u{0}bird".utf8))))
    let variable = Dataset(
      type: .variableString(padding: .nullTerminated, isUTF8: true), space: .simple([3]),
      value: .portable([4] + Array("dog".utf8) + [4] + Array("cat".utf8) + [1]))
    let set = try open([
      ("x_train", bytes(3, 1)), ("y_train", variable), ("x_test", bytes(2, 1)), ("y_test", fixed),
    ]).fitted([1], [4])
    #expect(set.evaluation.targets[0].classNames == ["", "bird", "cat", "dog"])
    #expect(try set.evaluation.classes() == [2, 1])
    #expect(try set.all.classes() == [3, 2, 0, 2, 1])
  }

  @Test(
    arguments: [
      (nil, nil, ["train", "test", "all"]), ("images", "labels", ["train", "all"]),
      ("x_test", nil, ["test", "all"]), ("x_train", "labels2", nil),
      ("IMAGES", "Labels", ["train", "all"]),
    ] as [(String?, String?, [String]?)])
  func names(x: String?, y: String?, parts: [String]?) throws {
    let arrays = [
      ("x_train", bytes(4, 2)), ("y_train", bytes(4)), ("x_test", bytes(2, 2)),
      ("y_test", bytes(2)),
      ("images", bytes(3, 2)), ("labels", bytes(3)), ("labels2", bytes(3)),
    ]
    func open() throws -> DataSet {
      try self.open(arrays) { options in
        options.x = x.map { [ArrayName($0)] } ?? []
        options.y = y.map { [ArrayName($0)] } ?? []
      }
    }
    guard let parts else {
      // The labels named have another number of rows.
      let error = #expect(throws: DataError.self) { try open() }
      #expect(error?.fault == .usage || error?.fault == .damaged)
      return
    }
    let set = try open()
    #expect([set.train, set.test, set.all].compactMap { $0?.name } == parts)
    #expect(set.all.targets.count == 1)
  }

  @Test func missingArraysAreNamed() throws {
    let error = #expect(throws: DataError.self) {
      try open([("data", bytes(3, 2)), ("target\n", bytes(3))])
    }
    #expect(error?.fault == .damaged)
    #expect(error?.description.contains("no array 'x' (it has data, target\\u{a})") == true)
    let asked = #expect(throws: DataError.self) {
      try open([("data", bytes(3, 2))]) { $0.x = [ArrayName("dato")] }
    }
    #expect(asked?.fault == .usage)
    let halves = #expect(throws: DataError.self) {
      try open([("a_train", bytes(3, 2)), ("b_test", bytes(3, 2))]) { $0.x = [ArrayName("a,b")] }
    }
    #expect(halves?.fault == .usage)
  }

  @Test func oneArrayNeedsNoName() throws {
    #expect(try open([("pictures", bytes(3, 2))]).all.values() == [0, 1, 2, 3, 4, 5])
  }

  @Test func severalInputs() throws {
    let arrays = [("left", bytes(3, 2)), ("right", bytes(3, 4, from: 50)), ("y", bytes(3))]
    let model = [ModelShape(name: "right", shape: [4]), ModelShape(name: "left", shape: [2])]
    let named = try open(arrays) { $0.x = [ArrayName("left=left,right=right")] }
    #expect(try named.fitted(inputs: model).all.values(0)[0] == 50)
    let ordered = try open(arrays) { $0.x = [ArrayName("right,left")] }
    #expect(try ordered.fitted(inputs: model).all.values(1) == [0, 1, 2, 3, 4, 5])
    let found = try open(arrays) { $0.modelInputs = ["right", "left"] }
    #expect(try found.fitted(inputs: model).all.values(0)[0] == 50)

    func failure(_ names: String, _ inputs: [ModelShape]) -> DataError? {
      #expect(throws: DataError.self) {
        try open(arrays) { $0.x = [ArrayName(names)] }.fitted(inputs: inputs)
      }
    }
    #expect(failure("left", model)?.fault == .damaged)
    #expect(
      failure("left=left,middle=right", model)?.description.contains("no input 'middle'") == true)
    #expect(failure("left=left", model)?.description.contains("input 'right'") == true)
    #expect(failure("left=left,right", model)?.fault == .usage)
    #expect(failure("left=left,left=right", model)?.fault == .usage)
  }

  @Test func arraysThatDoNotBelongTogether() throws {
    func failure(_ arrays: [(String, Dataset)]) -> DataError? {
      #expect(throws: DataError.self) { try open(arrays).all.values() }
    }
    let rows = failure([("x", bytes(3, 2)), ("y", bytes(4))])
    #expect(rows?.fault == .damaged && rows?.description.contains("4 rows") == true)
    #expect(failure([("x", bytes(0, 2))])?.description.contains("empty") == true)
    let scalar = Dataset(type: uint8, space: .scalar, value: .plain(MemoryBytes([1])))
    #expect(failure([("x", scalar)])?.description.contains("rank 0") == true)
    let items = failure([("x_train", bytes(3, 2)), ("x_test", bytes(3, 3))])
    #expect(items?.description.contains("one shape") == true)
    let words = Dataset(
      type: .string(length: 1, padding: .nullPadded, isUTF8: true), space: .simple([2]),
      value: .plain(MemoryBytes([65, 66])))
    #expect(failure([("x", words)])?.fault == .unsupported)
  }

  @Test func modelsAreNoData() throws {
    let error = #expect(throws: DataError.self) {
      try Datasets.open(fixtures + "/models/str_ww_ref_model.h5")
    }
    #expect(error?.description.contains("Keras model") == true)
  }
}
