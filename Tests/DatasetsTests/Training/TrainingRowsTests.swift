import Testing

@testable import Datasets

struct TrainingRowsTests {
  let folder = try? TemporaryFolder()

  /// Eight images of 2 × 3 × 2 bytes, counted through, in three classes.
  private func data(
    _ options: DataOptions = DataOptions(), model: [Int?] = [2, 3, 2], type: String = "|u1",
    bytes: [UInt8]? = nil
  ) throws -> DataPart {
    let path = try #require(folder).write(
      zip: [
        ("x_train.npy", npy(type, [8, 2, 3, 2], bytes ?? (0..<96).map { UInt8($0) })),
        ("y_train.npy", npy("|u1", [8], [0, 1, 2, 0, 1, 0, 0, 1])),
        (
          "x_test.npy",
          npy(type, [1, 2, 3, 2], [UInt8](repeating: 255, count: 12 * (bytes == nil ? 1 : 4)))
        ),
        ("y_test.npy", npy("|u1", [1], [2])),
      ], method: 0, as: "d.npz")
    return try #require(try Datasets.open(path, options).fitted(model, [3]).train)
  }

  private func gathered(
    _ rows: TrainingRows, _ places: [Int], _ variation: TrainingRows.Variation? = nil
  ) -> [Float] {
    var values = [Float](repeating: .nan, count: places.count * 12)
    values.withUnsafeMutableBufferPointer {
      rows.gather(places[...], input: 0, varied: variation, into: $0.baseAddress!)
    }
    return values
  }

  @Test func classesWithoutRowsAreNamed() throws {
    let rows = try TrainingRows(data(), memory: 1 << 20)
    #expect(rows.missingClasses(of: 0) == [])
    // The first row of class 2 is the third.
    let first = try TrainingRows(data(options { $0.limit = 2 }), memory: 1 << 20)
    #expect(first.missingClasses(of: 0) == [2])
  }

  /// What is gathered is what `DataPart.read` gives, for every way that values are prepared.
  @Test(arguments: [0, 1, 2, 3, 4])
  func gatheredRowsAreThoseThatAreRead(way: Int) throws {
    let options = options {
      switch way {
      case 1:
        $0.scale = ValueScale("1/255")
        $0.mean = [0.5, 0.25]
        $0.deviation = [2, 4]
      case 2: $0.layout = .nchw
      case 3: $0.validation = 0.25
      default: break
      }
    }
    let model: [Int?] = way == 2 ? [3, 2, 2] : way == 4 ? [12] : [2, 3, 2]
    let part = try data(options, model: model)
    let rows = try TrainingRows(part, memory: 1 << 20)
    #expect(rows.count == (way == 3 ? 6 : 8))
    let places = [5, 0, 3, 3, 1]
    #expect(try gathered(rows, places) == part.values(places))
    var classes = [Int32](repeating: -1, count: 5)
    var vectors = [Float](repeating: -1, count: 15)
    var weights = [Float](repeating: -1, count: 5)
    classes.withUnsafeMutableBufferPointer {
      rows.gatherClasses(places[...], target: 0, into: $0.baseAddress!)
    }
    vectors.withUnsafeMutableBufferPointer {
      rows.gatherFloats(places[...], target: 0, into: $0.baseAddress!)
    }
    weights.withUnsafeMutableBufferPointer {
      rows.gatherWeights(places[...], into: $0.baseAddress!)
    }
    let all = try part.classes()
    #expect(classes == places.map { all[$0] })
    #expect(vectors == classes.flatMap { number in (0..<3).map { $0 == number ? 1 : 0 } })
    #expect(weights == [1, 1, 1, 1, 1])
  }

  @Test func weightsGoWithTheirRows() throws {
    let rows = try TrainingRows(data(), weights: (0..<8).map { Float($0) }, memory: 1 << 20)
    var weights = [Float](repeating: -1, count: 3)
    weights.withUnsafeMutableBufferPointer {
      rows.gatherWeights([0, 7, 2][1...], into: $0.baseAddress!)
    }
    #expect(weights == [7, 2, -1])
  }

  /// The array `sample_weight` of the training part; other parts have none.
  @Test func weightsOfTheFileAreTaken() throws {
    func rows(_ weights: [UInt8], shape: [Int] = [4], _ options: DataOptions = DataOptions()) throws
      -> TrainingRows
    {
      let path = try #require(folder).write(
        zip: [
          ("x_train.npy", npy("|u1", [4, 2], [UInt8](0..<8))),
          ("y_train.npy", npy("|u1", [4], [0, 1, 0, 1])),
          ("sample_weight_train.npy", npy("|i1", shape, weights)),
          ("x_test.npy", npy("|u1", [1, 2], [9, 9])), ("y_test.npy", npy("|u1", [1], [1])),
        ], method: 0, as: "d.npz")
      let set = try Datasets.open(path, options).fitted([2], [2])
      #expect(set.test?.hasWeights == false)
      return try TrainingRows(try #require(set.train), memory: 1 << 20)
    }
    #expect(try rows([1, 0, 3, 2]).weights == [1, 0, 3, 2])
    let scaled = options {
      $0.scale = ValueScale("1/255")
      $0.limit = 3
    }
    #expect(try rows([1, 0, 3, 2], shape: [4, 1], scaled).weights == [1, 0, 3])
    let negative = #expect(throws: DataError.self) { try rows([1, 0, 255, 2]) }
    #expect(negative?.description.contains("row 2 of 'sample_weight_train'") == true)
    #expect(throws: DataError.self) { try rows([1, 2, 3], shape: [3]) }
    #expect(throws: DataError.self) { try rows([UInt8](0..<8), shape: [4, 2]) }
  }

  /// A name of the user's own: alone, with the ending of a part, in a file of its own.
  @Test func weightsAreFoundByName() throws {
    let folder = try #require(folder)
    func weights(_ members: [String], named name: String) throws -> [[Float]?] {
      let path = try folder.write(
        zip: [
          ("x_train.npy", npy("|u1", [2, 1], [1, 2])), ("x_test.npy", npy("|u1", [2, 1], [3, 4])),
        ] + members.enumerated().map { ("\($1).npy", npy("|u1", [2], [5, UInt8($0)])) },
        method: 0, as: "named.npz")
      let set = try Datasets.open(path, options { $0.sampleWeights = [name] })
      func read(_ part: DataPart?) throws -> [Float]? {
        try part.flatMap { $0.hasWeights ? try $0.readWeights() : nil }
      }
      return [try read(set.train), try read(set.test)]
    }
    #expect(try weights(["w"], named: "w") == [[5, 0], nil])
    #expect(try weights(["w_train", "w_test"], named: "w") == [[5, 0], [5, 1]])
    #expect(try weights(["w_train", "w_test"], named: "w_test") == [nil, [5, 1]])
    // The user's word stands before the standard one.
    #expect(try weights(["sample_weight_train", "w"], named: "w") == [[5, 1], nil])
    let missing = #expect(throws: DataError.self) { try weights(["v"], named: "w") }
    #expect(missing?.fault == .usage && missing?.description.contains("'w'") == true)

    let x = try folder.write(npy("|u1", [2, 1], [1, 2]), as: "x.npy")
    let w = try folder.write(npy("<f4", [2], floats([0.25, 4])), as: "a,w.npy")
    let y = try folder.write(npy("|u1", [2], [1, 0]), as: "a,y=1.npy")
    let alone = try Datasets.open(
      x,
      options {
        $0.sampleWeights = [w]
        $0.y = [ArrayName(y)]
      }
    ).fitted([1], [2])
    #expect(try alone.all.readWeights() == [0.25, 4])
    #expect(try alone.all.classes() == [1, 0])
    // The test file's own array goes with it.
    let both = try Datasets.open(
      x,
      options {
        $0.testFile = x
        $0.sampleWeights = [w, w]
      })
    #expect(try both.test?.readWeights() == [0.25, 4])
  }

  /// 96 bytes of images and 32 of class numbers.
  @Test func whatDoesNotFitIsRefused() throws {
    let part = try data()
    _ = try TrainingRows(part, memory: 128)
    let error = #expect(throws: DataError.self) { try TrainingRows(part, memory: 127) }
    #expect(
      error?.description.contains(
        "the 8 rows of part 'train' take 1 MiB of memory, and 0 MiB are allowed") == true)
    #expect(error?.fault == .usage)
  }

  @Test func badValuesAreFoundAtOnce() throws {
    let numbers = (0..<96).map { $0 == 50 ? Float.nan : Float($0) }
    let part = try data(type: "<f4", bytes: floats(numbers))
    let error = #expect(throws: DataError.self) { try TrainingRows(part, memory: 1 << 20) }
    #expect(error?.description.contains("row 4 of 'x_train'") == true)
  }

  /// Four of class 0, three of 1 and one of 2; and never a row of the test part, which is not there.
  @Test func validationKeepsTheShares() throws {
    let rows = try TrainingRows(data(), memory: 1 << 20)
    for seed in 0..<20 {
      let split = try rows.split(validation: 0.5, seed: UInt64(seed))
      #expect((split.training + split.validation).sorted() == Array(0..<8))
      let labels = split.validation.map { [0, 1, 2, 0, 1, 0, 0, 1][$0] }
      // 2, 1.5 and 0.5 of them: the lower class has the row.
      #expect(labels.sorted() == [0, 0, 1, 1])
      #expect(try split == rows.split(validation: 0.5, seed: UInt64(seed)))
    }
    #expect(
      Set(try (0..<20).map { try rows.split(validation: 0.5, seed: $0).validation }).count > 5)
    for share in [0, 0.05, 0.95, 1] {
      #expect(throws: DataError.self) { try rows.split(validation: share, seed: 0) }
    }
  }

  /// One-hot vectors, and a yes or no, are drawn like class numbers.
  @Test func classesCountHoweverTheyAreStored() throws {
    let labels: [UInt8] = [0, 1, 1, 0, 1, 0, 0, 0]
    for width in [1, 2] {
      let stored = width == 1 ? labels : labels.flatMap { [1 - $0, $0] }
      let path = try #require(folder).write(
        zip: [
          ("x.npy", npy("|u1", [8, 1], (0..<8).map { UInt8($0) })),
          ("y.npy", npy("|u1", [8, width], stored)),
        ], method: 0, as: "d.npz")
      let part = try #require(try Datasets.open(path).fitted([1], [width]).train)
      let split = try TrainingRows(part, memory: 1 << 20).split(validation: 0.5, seed: 3)
      let numbers = labels.map { Int32($0) }
      #expect(split == RowSplit(4, of: 8, seed: 3, classes: numbers))
      #expect(split.validation.map { labels[$0] }.filter { $0 == 1 }.count <= 2)
    }
  }

  @Test func rowsWithoutClassesAreDrawnAtLarge() {
    let split = RowSplit(3, of: 10, seed: 1)
    #expect(split.validation.count == 3)
    #expect((split.training + split.validation).sorted() == Array(0..<10))
    #expect(RowSplit(0, of: 0, seed: 1, classes: []).training == [])
  }

  /// The same on every machine: worked out in Python from the formulas.
  @Test func shufflesAreKnown() {
    #expect(Shuffle(seed: 0, epoch: 0).order(of: 10) == [6, 7, 0, 4, 1, 2, 9, 5, 8, 3])
    #expect(Shuffle(seed: 0, epoch: 1).order(of: 10) == [3, 2, 7, 9, 6, 1, 4, 8, 0, 5])
    #expect(Shuffle(seed: 7, epoch: 0).order(of: 10) == [7, 0, 3, 5, 8, 1, 4, 9, 6, 2])
    #expect(Shuffle(seed: 7, epoch: 0).order(of: 1) == [0])
    #expect(Shuffle(seed: 7, epoch: 0).order(of: 0) == [])
    #expect(Shuffle(seed: 7, epoch: 0).order(of: [5, 5, 5]) == [5, 5, 5])
  }
}
