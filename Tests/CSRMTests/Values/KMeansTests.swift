import Tensors
import Testing

@testable import CSRM

struct KMeansTests {
  /// The sum of squared errors of some runs, from the values themselves.
  private func error(_ points: WeightedPoints, _ runs: [Range<Int>]) -> Double {
    runs.reduce(0) { sum, run in
      let values = run.flatMap {
        [Double](repeating: points.values[$0], count: points.counts[$0])
      }
      let mean = values.reduce(0, +) / Double(values.count)
      return sum + values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
  }

  /// The least error over all ways to cut `n` points into `k` runs, each of them tried.
  private func leastOfAll(_ points: WeightedPoints, _ k: Int) -> Double {
    let n = points.count
    func cuts(_ from: Int, _ left: Int) -> [[Int]] {
      if left == 0 { return [[n]] }
      return (from..<n - left + 1).flatMap { cut in cuts(cut + 1, left - 1).map { [cut] + $0 } }
    }
    return cuts(1, k - 1).reduce(.infinity) { best, ends in
      min(best, error(points, zip([0] + ends, ends).map { $0..<$1 }))
    }
  }

  private func covers(_ runs: [Range<Int>], _ points: WeightedPoints, _ k: Int) -> Bool {
    runs.count == min(k, points.count) && runs.first?.lowerBound == 0
      && runs.last?.upperBound == points.count && runs.allSatisfy { !$0.isEmpty }
      && zip(runs, runs.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound }
  }

  @Test func noOtherClustersAreBetter() {
    var random = Sequence64(11)
    for count in 1...11 {
      for spread in [3, 50, 1 << 30] as [UInt64] {
        let values = (0..<count).map { _ in
          Double(Int64(random.next() % spread)) - Double(spread) / 3
        }
        let points = WeightedPoints(sorted: values.sorted())
        for k in 1...6 {
          let runs = points.clusters(k)
          #expect(covers(runs, points, k))
          let least = k < points.count ? leastOfAll(points, k) : 0
          let found = error(points, runs)
          #expect(found <= least * (1 + 1e-9) + 1e-12, "\(values) \(k)")
          // The way that needs little memory finds clusters that are as good.
          let frugal = points.clusters(k, mostPlaces: 0)
          #expect(covers(frugal, points, k))
          #expect(error(points, frugal) <= least * (1 + 1e-9) + 1e-12, "\(values) \(k)")
        }
      }
    }
  }

  /// Many values, cut where nobody could miss it, and shared out over threads.
  @Test func clustersFarApartAreFound() {
    var random = Sequence64(3)
    var values: [Double] = []
    for centre in 0..<8 {
      for _ in 0..<6000 { values.append(Double(centre * 10) + Double(random.next() >> 11) * 0x1p-53) }
    }
    let points = WeightedPoints(sorted: values.sorted())
    for places in [WeightedPoints.mostPlaces, 0] {
      let runs = points.clusters(8, mostPlaces: places)
      let means = runs.map { points.mean(of: $0) }
      #expect(covers(runs, points, 8))
      for (centre, mean) in means.enumerated() {
        #expect((mean - (Double(centre * 10) + 0.5)).magnitude < 0.02)
      }
    }
  }

  /// Two points that differ in their last bits, far from zero and many times over.
  @Test func weightsAndLargeOffsetsKeepTheirDigits() {
    let low = 1e6
    let high = low.nextUp
    let values = [Double](repeating: low, count: 1000) + [high] + [low + 1, low + 1, low + 5]
    let points = WeightedPoints(sorted: values)
    #expect(points.counts == [1000, 1, 2, 1])
    #expect(points.clusters(3) == [0..<2, 2..<3, 3..<4])
  }
}
