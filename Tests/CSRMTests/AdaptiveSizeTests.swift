import Files
import Tensors
import Testing

@testable import CSRM

/// How small encodings 4 and 5 are, against the zeroth-order limit (format.md, 2), and when they are
/// chosen.
struct AdaptiveSizeTests {
  /// Weights of a dense layer over pictures of `side` × `side`: each unit looks at a place of its
  /// own, smoothly, and the rest is noise; pruned to `density` by magnitude.
  static func picture(side: Int, units: Int, keeping density: Double, seed: UInt64) -> [UInt8] {
    var random = Sequence64(seed)
    func uniform() -> Double { Double(random.next() >> 11) / 9_007_199_254_740_992 }
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
    var centres: [(x: Double, y: Double, size: Double)] = []
    for _ in 0..<units { centres.append((uniform(), uniform(), normal())) }
    var weights = [Float](repeating: 0, count: side * side * units)
    for pixel in 0..<side * side {
      for unit in 0..<units {
        let x = Double(pixel % side) / Double(side) - centres[unit].x
        let y = Double(pixel / side) / Double(side) - centres[unit].y
        let near = 1 / (1 + 30 * (x * x + y * y))
        weights[pixel * units + unit] = Float(0.3 * near * centres[unit].size + 0.1 * normal())
      }
    }
    return pruned(weights, keeping: density)
  }

  static func noise(_ count: Int, keeping density: Double, seed: UInt64) -> [UInt8] {
    var random = Sequence64(seed)
    func uniform() -> Double { Double(random.next() >> 11) / 9_007_199_254_740_992 }
    return pruned(
      (0..<count).map { _ in Float((0..<12).reduce(-6) { sum, _ in sum + uniform() } / 20) },
      keeping: density)
  }

  private static func pruned(_ weights: [Float], keeping density: Double) -> [UInt8] {
    let order = weights.map(\.magnitude).sorted()
    let threshold = order[Int((1 - density) * Double(order.count - 1))]
    return weights.flatMap { weight in
      withUnsafeBytes(of: (weight.magnitude < threshold ? 0 : weight).bitPattern) { Array($0) }
    }
  }

  private static func limit(_ bytes: [UInt8]) throws -> Double {
    try #require(try ZerothOrderLimit(of: MemoryBytes(bytes), type: .float32)).bytes
  }

  /// Without structure both stay at the limit, in tensors where tables would cost 5 % and more.
  @Test(arguments: [0.5, 0.2, 0.1, 0.05, 0.02]) func noiseTakesItsInformation(density: Double) throws {
    let bytes = AdaptiveSizeTests.noise(30_000, keeping: density, seed: 1)
    let limit = try AdaptiveSizeTests.limit(bytes)
    for coder in AdaptiveTrial.Coder.allCases {
      let blocks = try AdaptiveTrial(coder, .float32, [100, 300]).encoded(bytes)
      #expect(Double(blocks[0].count) < 1.015 * limit, "\(coder)")
    }
  }

  /// Where neighbours are alike, mixing finds it; the fewer weights are left, the more of their cost
  /// is where they are.
  @Test(arguments: [(0.3, 0.975), (0.1, 0.96), (0.03, 0.96)])
  func mixingPaysInPictures(density: Double, most: Double) throws {
    let bytes = AdaptiveSizeTests.picture(side: 20, units: 60, keeping: density, seed: 2)
    let limit = try AdaptiveSizeTests.limit(bytes)
    let small = try AdaptiveTrial(.small, .float32, [400, 60]).encoded(bytes)[0].count
    let mixed = try AdaptiveTrial(.mixed, .float32, [400, 60]).encoded(bytes)[0].count
    #expect(Double(mixed) < most * limit)
    #expect(Double(mixed) < (most + 0.01) * Double(small))
  }

  private static func packed(
    _ bytes: [UInt8], _ shape: [Int], _ level: PackOptions.Level
  ) throws -> PackSummary.Tensor {
    var options = PackOptions()
    options.level = level
    let summary = try Packer.measure(Models.container(.float32, shape, bytes), options: options)
    return try #require(summary.tensors.first)
  }

  /// By default mixing is for small tensors, `small` for few values, tables for the rest; `max` tries
  /// all of them, so it is never larger.
  @Test func codersAreChosenBySize() throws {
    let little = AdaptiveSizeTests.picture(side: 20, units: 60, keeping: 0.1, seed: 3)
    #expect(try AdaptiveSizeTests.packed(little, [400, 60], .standard).encoding == .mixed)
    let large = AdaptiveSizeTests.picture(side: 20, units: 200, keeping: 0.1, seed: 4)
    #expect(try AdaptiveSizeTests.packed(large, [400, 200], .standard).encoding == .small)
    #expect(try AdaptiveSizeTests.packed(large, [400, 200], .max).encoding == .mixed)
    for (bytes, shape) in [(little, [400, 60]), (large, [400, 200])] {
      let plain = try AdaptiveSizeTests.packed(bytes, shape, .fast).storedBytes
      let usual = try AdaptiveSizeTests.packed(bytes, shape, .standard).storedBytes
      let most = try AdaptiveSizeTests.packed(bytes, shape, .max).storedBytes
      #expect(most <= usual && usual < plain)
    }
  }
}
