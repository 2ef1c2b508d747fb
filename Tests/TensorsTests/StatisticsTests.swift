import Files
import Testing

@testable import Tensors

struct StatisticsTests {
  /// The textbook's two passes.
  private func expected(_ numbers: [Double]) -> TensorStatistics {
    var result = TensorStatistics()
    result.count = numbers.count
    result.zeros = numbers.count { $0 == 0 }
    result.negativeZeros = numbers.count { $0 == 0 && $0.sign == .minus }
    result.nan = numbers.count { $0.isNaN }
    result.infinite = numbers.count { $0.isInfinite }
    let finite = numbers.filter(\.isFinite)
    guard !finite.isEmpty else { return result }
    let n = Double(finite.count)
    let mean = finite.reduce(0, +) / n
    result.minimum = finite.min()! + 0
    result.maximum = finite.max()! + 0
    result.mean = mean
    result.standardDeviation = (finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n)
      .squareRoot()
    result.absoluteMean = finite.reduce(0) { $0 + abs($1) } / n
    return result
  }

  private func agree(_ found: TensorStatistics?, _ expected: TensorStatistics) -> Bool {
    guard let found else { return false }
    func close(_ a: Double?, _ b: Double?) -> Bool {
      guard let a, let b else { return a == nil && b == nil }
      return abs(a - b) <= 1e-12 * max(abs(a), abs(b), 1)
    }
    return found.count == expected.count && found.zeros == expected.zeros
      && found.negativeZeros == expected.negativeZeros && found.nan == expected.nan
      && found.infinite == expected.infinite && found.minimum == expected.minimum
      && found.maximum == expected.maximum && close(found.mean, expected.mean)
      && close(found.standardDeviation, expected.standardDeviation)
      && close(found.absoluteMean, expected.absoluteMean)
  }

  private let odd: [Double] = [
    -0.0, 1.5, .nan, 0, -2, .infinity, 3, -0.0, -.infinity, .nan, 0.25, 7, -7, 0, 1, 2, 3, 4,
    .infinity, 5, -0.5,
  ]

  @Test(
    arguments: 0...40,
    [
      ElementType.float32, .float64, .float16, .bfloat16, ElementType(.float32, bigEndian: true),
      ElementType(.float64, bigEndian: true),
    ])
  func everyLengthOfOrdinaryAndOddValues(length: Int, type: ElementType) throws {
    let ordinary = (0..<length).map { Double($0 % 7) - 2.5 }
    let mixed = (0..<length).map { odd[$0 % odd.count] }
    try everyWay { (_, _) throws in
      #expect(agree(try .measure(values(ordinary, as: type)), expected(ordinary)))
      #expect(agree(try .measure(values(mixed, as: type)), expected(mixed)))
    }
  }

  @Test func integersAndTruthValues() throws {
    let numbers: [Double] = [0, 1, 1, 0, 0, 1]
    for kind: ElementType.Kind in [.bool, .uint8, .int16, .int32, .int64, .uint64] {
      #expect(agree(try .measure(values(numbers, as: ElementType(kind))), expected(numbers)))
    }
    let text = TensorValues(MemoryBytes([1, 2, 3]), type: .opaque(size: 3))
    #expect(try TensorStatistics.measure(text) == nil)
  }

  @Test func nothingFinite() throws {
    let found = try TensorStatistics.measure(values([.nan, .infinity, -.infinity]))
    #expect(found?.nonfinite == 3 && found?.minimum == nil && found?.mean == nil)
    #expect(try TensorStatistics.measure(values([])) == TensorStatistics())
  }

  @Test func aLargeMeanKeepsTheDeviation() throws {
    let numbers = (0..<100_000).map { 1e6 + ($0 % 2 == 0 ? 0.5 : -0.5) }
    let found = try TensorStatistics.measure(values(numbers))
    #expect(found?.mean == 1e6 && found?.standardDeviation == 0.5)
  }

  @Test func doublesWhoseSquaresOverflow() throws {
    let found = try TensorStatistics.measure(values([1e300, -1e300, 1e300, -1e300], as: .float64))
    #expect(found?.mean == 0 && found?.maximum == 1e300)
    #expect(abs((found?.standardDeviation ?? 0) / 1e300 - 1) < 1e-15)
    let most = Double.greatestFiniteMagnitude
    let top = try TensorStatistics.measure(values([most, most, most, -most], as: .float64))
    #expect(abs((top?.mean ?? 0) / most - 0.5) < 1e-15)
    #expect(abs((top?.absoluteMean ?? 0) / most - 1) < 1e-15)
  }

  @Test func theBitsDoNotDependOnThreadsOrInstructions() throws {
    var stream = Stream(state: 1)
    let numbers = (0..<300_001).map { index -> Double in
      index % 100_003 == 99 ? .nan : Double.random(in: -1...1, using: &stream) + 0.01
    }
    for type in [ElementType.float32, .float64, .float16] {
      let tensor = values(numbers, as: type)
      var seen: [TensorStatistics] = []
      try everyWay { (_, _) throws in
        seen.append(try TensorStatistics.measure([tensor])[0] ?? .init())
      }
      #expect(seen.allSatisfy { $0 == seen[0] })
      #expect(seen[0].nan == 3)
      #expect(abs((seen[0].standardDeviation ?? 0) - 0.57735) < 1e-3)
    }
  }

  @Test func severalTensorsAtOnce() throws {
    let tensors = [values([1, 2]), values([]), values([0, -0.0, 3], as: .float64)]
    let found = try TensorStatistics.measure(tensors)
    #expect(found.map { $0?.count } == [2, 0, 3])
    #expect(found.map { $0?.zeros } == [0, 0, 2])
  }

  @Test func histogramByPowersOfTwo() throws {
    let smallest = Double(Float.leastNonzeroMagnitude)
    let numbers = [0, -0.0, 1, -1.99, 2, 0.5, .nan, .infinity, 0.25, smallest, 3 * smallest]
    let found = try MagnitudeHistogram.measure(values(numbers))
    #expect(found?.zeros == 2 && found?.nonfinite == 2)
    #expect(found?.lowestExponent == -149 && found?.counts.count == 151)
    #expect(found?.counts.prefix(3) == [1, 1, 0])
    #expect(found?.counts.suffix(4) == [1, 1, 2, 1])
    let wide = try MagnitudeHistogram.measure(values([0x1p-1064, 1e300, 4], as: .float64))
    #expect(wide?.lowestExponent == -1064 && wide?.counts.first == 1 && wide?.counts.last == 1)
    #expect(wide?.counts[1064 + 2] == 1)
    let none = try MagnitudeHistogram.measure(values([0, 0]))
    #expect(none?.counts == [] && none?.zeros == 2)
  }
}
