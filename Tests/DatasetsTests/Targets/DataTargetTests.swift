import Testing

@testable import Datasets

struct DataTargetTests {
  let folder = try? TemporaryFolder()

  /// Two rows with these labels, for an output of a shape.
  func part(
    _ labels: [Float], _ shape: [Int], _ output: [Int?],
    as kind: DataOptions.Labels = .auto
  ) throws -> DataPart {
    let folder = try #require(folder)
    let path = try folder.write(
      zip: [
        ("x.npy", npy("|u1", [2], [0, 0])), ("y.npy", npy("<f4", [2] + shape, floats(labels))),
      ], method: 0, as: "d.npz")
    return try Datasets.open(path, options { $0.labels = kind }).fitted([1], output).evaluation
  }

  @Test(
    arguments: [
      ([], [10], .auto, .sparse, 1, 10), ([1], [10], .auto, .sparse, 1, 10),
      ([10], [10], .auto, .dense, 1, 10), ([], [1], .auto, .dense, 1, 1),
      ([1], [1], .auto, .dense, 1, 1), ([], [1], .sparse, .dense, 1, 1),
      ([5], [5, 4], .auto, .sparse, 5, 4), ([5, 1], [5, 4], .auto, .sparse, 5, 4),
      ([5, 4], [5, 4], .auto, .dense, 5, 4), ([5], [nil, 4], .auto, .sparse, 5, 4),
      ([5], [5, 1], .auto, .dense, 5, 1), ([1, 10], [10], .auto, .dense, 1, 10),
      ([3, 3], [3, 3, 3], .auto, .sparse, 9, 3), ([], [], .auto, .dense, 1, 1),
    ] as [([Int], [Int?], DataOptions.Labels, TargetForm, Int, Int)])
  func forms(
    item: [Int], output: [Int?], labels: DataOptions.Labels, form: TargetForm, positions: Int,
    width: Int
  ) {
    let found = TargetForm.of(item: item, wanted: output, labels: labels)
    #expect(found?.form == form)
    #expect(found?.positions == positions)
    #expect(found?.width == width)
  }

  @Test(
    arguments: [
      ([9], [10], .auto), ([], [10], .oneHot), ([10], [10], .sparse), ([2, 3], [10], .auto),
      ([4], [5, 4], .auto),
    ] as [([Int], [Int?], DataOptions.Labels)])
  func labelsThatDoNotFit(item: [Int], output: [Int?], labels: DataOptions.Labels) {
    #expect(TargetForm.of(item: item, wanted: output, labels: labels) == nil)
  }

  @Test func classNumbers() throws {
    let part = try part([2, 0], [], [3])
    #expect(try part.classes() == [2, 0])
    #expect(try part.labelValues() == [0, 0, 1, 1, 0, 0])
  }

  @Test func oneHotVectors() throws {
    for kind in [DataOptions.Labels.auto, .oneHot] {
      let part = try part([0, 1, 0, 0, 0, 1], [3], [3], as: kind)
      #expect(try part.classes() == [1, 2])
      #expect(try part.labelValues() == [0, 1, 0, 0, 0, 1])
    }
  }

  @Test func softLabels() throws {
    let soft: [Float] = [0.1, 0.7, 0.2, 0.5, 0.25, 0.25]
    let part = try part(soft, [3], [3])
    #expect(try part.classes() == [1, 0])
    #expect(try part.labelValues() == soft)
    let strict = try self.part(soft, [3], [3], as: .oneHot)
    #expect(throws: DataError.self) { try strict.classes() }
    #expect(throws: DataError.self) { try strict.labelValues() }
  }

  @Test func regression() throws {
    let part = try part([-1.5, 2.25], [], [1])
    #expect(try part.labelValues() == [-1.5, 2.25])
    #expect(throws: DataError.self) { try part.classes() }
    #expect(try self.part([0, 1], [1], [1]).classes() == [0, 1])
  }

  @Test(
    arguments: [
      ([0, -1], [], ["negative", "row 1 of 'y'"]),
      ([3, 0], [], ["out of range", "row 0", "3 classes", "from 1"]),
      ([0, 7], [], ["out of range", "0 to 2"]), ([0, 0.5], [], ["no class number"]),
      ([1, .nan], [], ["NaN", "row 1 of 'y'"]),
      ([0, 0, 1, 0, 0, 0], [3], ["not one-hot", "row 1"]),
      ([0, 0, 1, 1, 1, 0], [3], ["not one-hot", "2 values"]),
      ([0, 0, 1, 2, -1, 0], [3], ["not one-hot", "row 1"]),
    ] as [([Float], [Int], [String])])
  func badLabels(labels: [Float], shape: [Int], words: [String]) throws {
    let part = try part(labels, shape, [3])
    let error = #expect(throws: DataError.self) { try part.classes() }
    #expect(error?.fault == .damaged)
    for word in words { #expect(error?.description.contains(word) == true, "\(word)") }
  }

  @Test func bothShapesAreNamed() throws {
    let error = #expect(throws: DataError.self) { try part([1, 2, 3, 4], [2], [10]) }
    #expect(error?.description.contains("are 2,") == true)
    #expect(error?.description.contains("'output' of the model, 10") == true)
  }

  @Test func wordsForTwoOutputs() throws {
    let folder = try #require(folder)
    let words = npy(
      "<U3", [3],
      ["no", "yes", "no"].flatMap { word in
        (Array(word.unicodeScalars.map(\.value)) + [0, 0, 0])[..<3].flatMap { little($0) }
      })
    let bytes = npy("|S3", [3], Array("b\u{0}\u{0}abca\u{0}\u{0}".utf8))
    let path = try folder.write(
      zip: [("x.npy", npy("|u1", [3], [0, 0, 0])), ("a.npy", words), ("b.npy", bytes)], method: 8,
      as: "d.npz")
    let model = [ModelShape(name: "one", shape: [1]), ModelShape(name: "many", shape: [3])]
    let input = [ModelShape(name: "input", shape: [1])]
    let set = try Datasets.open(path, options { $0.y = [ArrayName("many=b,one=a")] })
      .fitted(inputs: input, outputs: model)
    #expect(set.all.targets.map(\.name) == ["one", "many"])
    #expect(try set.all.classes(0) == [0, 1, 0])
    #expect(try set.all.labelValues(0) == [0, 1, 0])
    #expect(try set.all.classes(1) == [2, 1, 0])
    let some = try Datasets.open(path, options { $0.y = [ArrayName("many=b")] })
      .fitted(inputs: input, outputs: model)
    #expect(some.all.targets.map(\.output) == [1])
    for names in ["b", "none=b", "one=b"] {
      #expect(throws: DataError.self) {
        try Datasets.open(path, options { $0.y = [ArrayName(names)] })
          .fitted(inputs: input, outputs: model)
      }
    }
  }
}
