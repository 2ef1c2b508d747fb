import Files
import Parallel
import Testing

@testable import Tensors

struct RankingTests {
  /// The masks that a sort gives: the lowest `rank` in the order (magnitude, tensor, index) go.
  private func sorted(_ tensors: [[Double]], below rank: Int) -> [[Bool]] {
    let order = tensors.indices.flatMap { t in tensors[t].indices.map { (t, $0) } }.sorted { a, b in
      (tensors[a.0][a.1].magnitude, a.0, a.1) < (tensors[b.0][b.1].magnitude, b.0, b.1)
    }
    var keep = tensors.map { $0.map { _ in true } }
    for (tensor, index) in order.prefix(rank) { keep[tensor][index] = false }
    return keep
  }

  private func masks(_ tensors: [TensorValues], below rank: Int) throws -> [Mask] {
    let width = MagnitudeKeys.width(for: tensors.map(\.type))
    let ranking = try Ranking(tensors.map { MagnitudeKeys($0, width: width) })
    return try ranking.masks(above: try ranking.cut(below: rank))
  }

  private func found(_ tensors: [TensorValues], below rank: Int) throws -> [[Bool]] {
    try masks(tensors, below: rank).map { mask in (0..<mask.count).map { mask[$0] } }
  }

  /// Ties within and across tensors, both zeros, subnormals of every type, neighbours in the last bit.
  private let awkward: [[Double]] = [
    [0, -0.0, 1, -1, 1, 0x1p-24, -0x1p-24, 3 * 0x1p-24, 65504, 1.0009765625],
    [-1, 0.5, -0.0, 0x1p-14, 0.99951171875, 1],
    [2, 2, 2, -2, 0, 1],
  ]

  @Test(arguments: [
    [ElementType.float32, .float32, .float32], [.float16, .float16, .float16],
    [.float16, .float32, .float64], [.float64, .float64, .float64],
    [ElementType(.float32, bigEndian: true), ElementType(.float16, bigEndian: true), .float32],
    [ElementType(.float64, bigEndian: true), .float32, .float16],
  ])
  func everyRankOfAwkwardValues(types: [ElementType]) throws {
    let tensors = zip(awkward, types).map { values($0, as: $1) }
    try everyWay { (_, _) throws in
      for rank in 1...22 {
        #expect(try found(tensors, below: rank) == sorted(awkward, below: rank))
      }
    }
  }

  @Test func typesAreComparedByValue() throws {
    // 0.1 as a half, a bfloat, a float and a double are four numbers, in this order: bfloat 0.10009765625,
    // float 0.1000000015, double 0.1, half 0.0999755859.
    let tensors = [
      values([0.1], as: .bfloat16), values([Double(Float(0.1))]), values([0.1], as: .float64),
      values([0.1], as: .float16),
    ]
    let exact = [[0.099609375], [Double(Float(0.1))], [0.1], [Double(Float16(0.1))]]
    #expect(try tensors.map { try $0.doubles() } == exact)
    for rank in 1...4 { #expect(try found(tensors, below: rank) == sorted(exact, below: rank)) }
  }

  @Test func floatSubnormalsAndNeighbours() throws {
    let least = Double(Float.leastNonzeroMagnitude)
    let numbers = [3 * least, -least, 2 * least, -0.0, least, Double(Float(1).nextUp), 1, -1, 0]
    for type in [ElementType.float32, .float64] {
      for rank in 1...9 {
        #expect(
          try found([values(numbers, as: type)], below: rank) == sorted([numbers], below: rank))
      }
    }
  }

  @Test(arguments: [ElementType.float32, .float64])
  func manyBlocks(type: ElementType) throws {
    // Few values, so that ties run over the edges of blocks and tensors. Value v of the 40 has its
    // share of every tensor, so that a cut is known by counting.
    let counts = [400_000, 0, 300_001]
    func number(_ index: Int) -> Double {
      let magnitude = Double(index * 7919 % 40) / 8
      return index % 3 == 0 ? -magnitude : magnitude
    }
    let tensors = counts.map { values((0..<$0).map(number), as: type) }
    let magnitudes = counts.map { (0..<$0).map { number($0).magnitude } }
    for rank in [1, 262_144, 543_210, 700_001] {
      var below = 0
      var key = 0.0
      while true {
        let here = magnitudes.reduce(0) { $0 + $1.count { $0 == key } }
        if below + here >= rank { break }
        below += here
        key += 0.125
      }
      var ties = rank - below
      let expected = magnitudes.map { numbers in
        var mask = Mask(count: numbers.count, keeping: true)
        for (index, number) in numbers.enumerated() where number <= key {
          if number == key {
            if ties == 0 { continue }
            ties -= 1
          }
          mask[index] = false
        }
        return mask
      }
      try everyWay { (_, _) throws in #expect(try masks(tensors, below: rank) == expected) }
    }
  }

  @Test func allEqual() throws {
    let tensors = [values([Double](repeating: -3, count: 600_000)), values([3, 3])]
    for rank in [1, 64, 262_144, 262_145, 599_999, 600_001] {
      let masks = try masks(tensors, below: rank)
      #expect(masks[0].keepsAll(min(rank, 600_000)..<600_000))
      #expect(masks[0].pruned == min(rank, 600_000) && masks[1].pruned == max(0, rank - 600_000))
    }
  }

  @Test func surveyAndTheFirstThatIsNotFinite() throws {
    var numbers = [Double](repeating: 1, count: 300_000)
    numbers[5] = -0.0
    numbers[6] = 0
    numbers[290_000] = .nan
    numbers[299_999] = -.infinity
    for type in [ElementType.float32, .float64, .float16] {
      let width = MagnitudeKeys.width(for: [type])
      let ranking = try Ranking([
        MagnitudeKeys(values([1], as: type), width: width),
        MagnitudeKeys(values(numbers, as: type), width: width),
      ])
      #expect(ranking.surveys[0] == .init())
      #expect(ranking.surveys[1] == .init(zeros: 2, negativeZeros: 1, nonfinite: 2))
      #expect(try ranking.firstNonfinite(in: 0) == nil)
      #expect(try ranking.firstNonfinite(in: 1) == 290_000)
      // NaN and infinity are above all else.
      let cut = try ranking.cut(below: 299_999)
      #expect(cut.key < width.infinite)
      #expect(try ranking.masks(above: cut)[1][290_000])
    }
  }

  @Test func tablesAreEmptiedBeforeTheyRunOver() {
    let tables = CountTables(size: 4, usesBeforeEmptying: 3)
    for _ in 0..<8 {
      tables.use {
        $0[1] += 5
        $0[3] += 1
      }
    }
    #expect(tables.sum(modulo: 4) == [0, 40, 0, 8])
    #expect(tables.sum(modulo: 2) == [0, 48])
  }
}
