import Testing

@testable import Datasets

struct PreparationTests {
  let folder = try? TemporaryFolder()

  func values(
    _ bytes: [UInt8], _ shape: [Int], wanted: [Int?], _ change: (inout DataOptions) -> Void
  ) throws -> [Float] {
    let path = try #require(folder).write(npy("|u1", shape, bytes), as: "x.npy")
    return try Datasets.open(path, options(change)).fitted(
      inputs: [ModelShape(name: "input", shape: wanted)]
    ).all.values()
  }

  /// As `keras.applications.imagenet_utils.preprocess_input` computes them in float32.
  @Test func theThreeOfKeras() throws {
    let pixel: [UInt8] = [10, 20, 30]
    func prepared(_ mode: DataOptions.Preprocessing) throws -> [Float] {
      try values(pixel, [1, 1, 1, 3], wanted: [1, 1, 3]) { $0.preprocessing = mode }
    }
    #expect(try prepared(.tf) == pixel.map { Float($0) / 127.5 - 1 })
    #expect(try prepared(.caffe) == [30 - 103.939, 20 - 116.779, 10 - 123.68])
    let mean: [Float] = [0.485, 0.456, 0.406]
    let deviation: [Float] = [0.229, 0.224, 0.225]
    #expect(
      try prepared(.torch) == (0..<3).map { (Float(pixel[$0]) / 255 - mean[$0]) / deviation[$0] })
  }

  @Test func scaleThenMeanThenDeviation() throws {
    let bytes: [UInt8] = [0, 255, 51, 102]
    let scaled = try values(bytes, [2, 2], wanted: [2]) {
      $0.scale = ValueScale("1/255")
      $0.mean = [0.5]
      $0.deviation = [0.25, 2]
    }
    let third = (Float(51) / 255 - 0.5) / 0.25
    let fourth = (Float(102) / 255 - 0.5) / 2
    #expect(scaled == [-2, 0.25, third, fourth])
    #expect(
      try values(bytes, [4], wanted: []) { $0.scale = ValueScale("2/4") } == [0, 127.5, 25.5, 51])
  }

  /// Channels first in the file or in the model: the same arithmetic.
  @Test func channelsWhereverTheyLie() throws {
    let planes: [UInt8] = [1, 2, 3, 4, 10, 20, 30, 40]
    let mean: [Float] = [1, 10]
    let toLast = try values(planes, [1, 2, 2, 2], wanted: [2, 2, 2]) {
      $0.layout = .nchw
      $0.mean = mean
    }
    #expect(toLast == [0, 0, 1, 10, 2, 20, 3, 30])
    let kept = try values(planes + [5, 6, 7, 8], [1, 3, 2, 2], wanted: [3, 2, 2]) {
      $0.layout = .nchw
      $0.mean = [1, 10, 5]
    }
    #expect(kept == [0, 1, 2, 3, 0, 10, 20, 30, 0, 1, 2, 3])
    let toFirst = try values(
      [1, 10, 5, 2, 20, 6, 3, 30, 7, 4, 40, 8], [1, 2, 2, 3], wanted: [3, 2, 2]
    ) {
      $0.layout = .nhwc
      $0.mean = [1, 10, 5]
    }
    #expect(toFirst == kept)
  }

  @Test func wrongNumbersOfChannels() throws {
    for change: (inout DataOptions) -> Void in [
      { $0.mean = [1, 2] }, { $0.deviation = [1, 2, 3, 4] },
      {
        $0.preprocessing = .tf
        $0.mean = [1, 2]
      },
    ] {
      let error = #expect(throws: DataError.self) {
        try values([1, 2, 3], [1, 1, 1, 3], wanted: [1, 1, 3], change)
      }
      #expect(error?.fault == .usage)
    }
    #expect(throws: DataError.self) {
      try values([1, 2], [1, 2], wanted: [2]) { $0.preprocessing = .torch }
    }
  }

  @Test func optionsThatCannotBe() throws {
    for change: (inout DataOptions) -> Void in [
      { $0.deviation = [0] }, { $0.deviation = [.nan] }, { $0.mean = [.infinity] },
      { $0.validation = 1 }, { $0.validation = -0.1 }, { $0.limit = 0 },
    ] {
      let error = #expect(throws: DataError.self) {
        try values([1, 2], [2, 1], wanted: [1], change)
      }
      #expect(error?.fault == .usage)
    }
  }

  @Test(arguments: ["", "0", "1/0", "1/", "/255", "a", "1/255/3", "nan", "inf", "1e38/1e-38"])
  func noScales(text: String) { #expect(ValueScale(text) == nil) }

  @Test func unscaledBytes() throws {
    let folder = try #require(folder)
    func fact(_ bytes: [UInt8], _ change: (inout DataOptions) -> Void = { _ in }) throws -> Bool {
      let path = try folder.write(npy("|u1", [2, 2], bytes), as: "x.npy")
      return try Datasets.open(path, options(change)).all.isUnscaledBytes(input: 0)
    }
    #expect(try fact([0, 255, 3, 4]))
    #expect(try !fact([0, 1, 1, 0]))
    #expect(try !fact([0, 255, 3, 4]) { $0.scale = ValueScale("1/255") })
    #expect(try !fact([0, 255, 3, 4]) { $0.preprocessing = .tf })
    // Who says that they are right as they are is not asked again.
    #expect(try !fact([0, 255, 3, 4]) { $0.scale = ValueScale("1") })
  }

  @Test func valuesThatAreNoNumbers() throws {
    let folder = try #require(folder)
    for bad in [Float.nan, .infinity, -.infinity] {
      let path = try folder.write(npy("<f4", [3, 2], floats([1, 2, 3, 4, bad, 6])), as: "x.npy")
      let all = try Datasets.open(path).all
      #expect(try all.values([0, 1]) == [1, 2, 3, 4])
      let error = #expect(throws: DataError.self) { try all.values() }
      #expect(error?.description.contains("row 2 of 'x.npy'") == true)
      #expect(
        try Datasets.open(path, options { $0.allowsNonfinite = true }).all.values().count == 6)
    }
    // Too large for a float32.
    let path = try folder.write(npy("<f8", [1], little((1e300).bitPattern)), as: "x.npy")
    #expect(throws: DataError.self) { try Datasets.open(path).all.values() }
  }
}
