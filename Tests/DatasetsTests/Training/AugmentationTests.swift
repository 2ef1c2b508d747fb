import Testing

@testable import Datasets

struct AugmentationTests {
  /// 3 × 4 pixels of two channels, none of them 0.
  private static let shape = [3, 4, 2]
  private static let image = (1...24).map { Float($0) }

  private func changed(
    _ augmentation: Augmentation, seed: UInt64 = 3, epoch: Int = 0, row: Int
  ) -> [Float] {
    var out = [Float](repeating: .nan, count: 24)
    out.withUnsafeMutableBufferPointer {
      augmentation.apply(
        Self.image, shape: Self.shape, to: $0.baseAddress!, seed: seed, epoch: epoch, row: row)
    }
    return out
  }

  /// The image moved and mirrored by the book.
  private func moved(_ down: Int, _ right: Int, isFlipped: Bool, reflects: Bool) -> [Float] {
    func pixel(_ y: Int, _ x: Int) -> [Float] {
      var (y, x) = (y, x)
      if reflects {
        y = y < 0 ? -y : y > 2 ? 4 - y : y
        x = x < 0 ? -x : x > 3 ? 6 - x : x
      }
      guard (0..<3).contains(y), (0..<4).contains(x) else { return [0, 0] }
      return Array(Self.image[(y * 4 + x) * 2..<(y * 4 + x) * 2 + 2])
    }
    return (0..<3).flatMap { y in
      (0..<4).flatMap { x in pixel(y + down, (isFlipped ? 3 - x : x) + right) }
    }
  }

  /// All that can come comes, nothing else does, and the same for the same numbers.
  @Test(arguments: [false, true], [false, true])
  func imagesAreMovedAndMirrored(reflects: Bool, flips: Bool) {
    let augmentation = Augmentation(padding: 1, reflects: reflects, flips: flips)
    var possible: Set<[Float]> = []
    for down in -1...1 {
      for right in -1...1 {
        for isFlipped in flips ? [false, true] : [false] {
          possible.insert(moved(down, right, isFlipped: isFlipped, reflects: reflects))
        }
      }
    }
    let seen = Set((0..<400).map { changed(augmentation, row: $0) })
    #expect(seen == possible)
    #expect(changed(augmentation, row: 5) == changed(augmentation, row: 5))
    let epochs = Set((0..<40).map { changed(augmentation, epoch: $0, row: 5) })
    #expect(epochs.count > 5)
  }

  @Test(
    arguments: [
      ("crop", Augmentation(padding: 4)), ("crop,flip", Augmentation(padding: 4, flips: true)),
      ("flip", Augmentation(flips: true)), ("crop:2", Augmentation(padding: 2)),
      ("crop:2:reflect,flip", Augmentation(padding: 2, reflects: true, flips: true)),
      ("crop:2:zero", Augmentation(padding: 2)), ("", nil), ("flop", nil), ("crop:0", nil),
      ("crop,crop", nil), ("flip,flip", nil), ("crop:4:x", nil), ("crop:4:zero:1", nil),
    ] as [(String, Augmentation?)])
  func wordsAreRead(text: String, expected: Augmentation?) {
    #expect(Augmentation(text) == expected)
  }

  /// Black is what is stored as 0, also where it is something else after scaling; and only images
  /// with channels last are taken.
  @Test func imagesOfDataAreChangedBeforeTheyArePrepared() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      zip: [
        ("x.npy", npy("|u1", [2, 3, 3], (1...18).map { UInt8($0) })),
        ("y.npy", npy("|u1", [2], [0, 1])),
      ], method: 0, as: "d.npz")
    let set = try Datasets.open(path, options { $0.mean = [100] })
    let rows = try TrainingRows(
      try #require(try set.fitted([3, 3, 1], [2]).train), memory: 1 << 20)
    let crop = Augmentation(padding: 2)
    try rows.check(crop)
    var values = [Float](repeating: .nan, count: 9 * 50)
    values.withUnsafeMutableBufferPointer {
      for epoch in 0..<50 {
        rows.gather(
          [1], input: 0, varied: .init(crop, seed: 0, epoch: epoch),
          into: $0.baseAddress! + epoch * 9)
      }
    }
    #expect(values.contains(-100) && values.contains(-90) && values.contains(-82))
    #expect(values.allSatisfy { $0 == -100 || (-90 ... -82).contains($0) })

    let flat = try TrainingRows(
      try #require(try set.fitted([9], [2]).train), memory: 1 << 20)
    try flat.check(Augmentation())
    let error = #expect(throws: DataError.self) { try flat.check(crop) }
    #expect(error?.fault == .unsupported)
    #expect(throws: DataError.self) { try rows.check(Augmentation(padding: 3, reflects: true)) }
  }
}
