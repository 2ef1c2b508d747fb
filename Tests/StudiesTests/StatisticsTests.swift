import Testing

@testable import Studies

struct StatisticsTests {
  /// scipy.stats.t.ppf(0.975, ν).
  @Test func resultsThatAreNoNumbersHaveNoInterval() throws {
    #expect(Summary([.nan, 1])?.interval == nil)
    #expect(Summary([.infinity, 1])?.interval == nil)
    let pairs: [(first: Double, second: Double)] = [(.nan, 1), (2, 1)]
    #expect(PairedDifference(pairs, better: .rises)?.verdict == .unknown)
  }

  @Test(arguments: [
    (1, 12.7062047362), (2, 4.3026527297), (3, 3.1824463053), (4, 2.7764451052), (5, 2.5705818356),
    (7, 2.3646242516), (10, 2.228138852), (15, 2.1314495456), (20, 2.0859634473),
    (29, 2.0452296421), (30, 2.0422724563), (31, 2.0395134464), (60, 2.000297822),
    (120, 1.9799304051), (1000, 1.9623390808),
  ])
  func quantilesAreSciPys(degrees: Int, expected: Double) {
    #expect(abs(StudentT.quantile(degrees: degrees) - expected) < 1e-9)
  }

  /// scipy.stats.t.ppf(0.995, ν).
  @Test(arguments: [(1, 63.6567411629), (2, 9.9248432009), (4, 4.6040948713), (30, 2.7499956536)])
  func quantilesOf99PercentAreSciPys(degrees: Int, expected: Double) {
    #expect(abs(StudentT.quantile(degrees: degrees, confidence: 0.99) - expected) < 1e-9)
  }

  /// Section 9 of the reference: 2.484·s for 3 seeds, 1.242·s for 5.
  @Test func summaries() throws {
    let three = try #require(Summary([1, 2, 3]))
    #expect(three.mean == 2 && three.deviation == 1)
    let wide = try #require(three.halfWidth())
    #expect(abs(wide - 2.484) < 5e-4)
    let five = try #require(Summary([-1, -1, 0, 1, 1]))
    let half = try #require(five.halfWidth())
    #expect(five.deviation == 1 && abs(half - 1.242) < 5e-4)
    #expect(Summary([]) == nil && Summary([4])?.deviation == nil && Summary([4])?.interval == nil)
  }

  @Test func pairsAreJudgedByTheirDifference() throws {
    // Seeds differ by far more than the ways do.
    let pairs: [(first: Double, second: Double)] = [
      (0.5, 0.48), (0.8, 0.77), (0.65, 0.63), (0.2, 0.18),
    ]
    #expect(PairedDifference(pairs, better: .rises)?.verdict == .first)
    #expect(PairedDifference(pairs, better: .falls)?.verdict == .second)
    let turned = pairs.map { (first: $0.second, second: $0.first) }
    #expect(PairedDifference(turned, better: .rises)?.verdict == .second)
    #expect(PairedDifference(turned, better: .falls)?.verdict == .first)
    #expect(PairedDifference([(1, 0), (0, 1), (1, 0)], better: .rises)?.verdict == .tie)
    #expect(PairedDifference([(1, 1), (0, 0)], better: .rises)?.verdict == .tie)
    #expect(PairedDifference([(1, 0)], better: .rises)?.verdict == .unknown)
    #expect(PairedDifference([], better: .rises) == nil)
  }

  private func line(_ points: [(Double, [Double])]) throws -> [(ratio: Double, difference: Summary)]
  {
    try points.map { ($0.0, try #require(Summary($0.1))) }
  }

  @Test func crossoverByInterpolation() throws {
    let found = Crossover.all(
      in: try line([(0.7, [0.02, 0.02]), (0.8, [0.01, 0.01]), (0.9, [-0.03, -0.03])]))
    #expect(found.count == 1 && abs(found[0].ratio - 0.825) < 1e-12)
    // Without any spread the interval is the point.
    #expect(abs(found[0].interval.lowerBound - 0.825) < 1e-12)
    #expect(!found[0].isOpenBelow && !found[0].isOpenAbove)
  }

  @Test func itsIntervalIsWhereTheDifferenceMayBeZero() throws {
    // Half-width of (m - e, m + e): 12.7062·e.
    let e = 1 / 12.7062047362
    let found = Crossover.all(
      in: try line([
        (0.7, [2 - e, 2 + e]), (0.8, [2 - e, 2 + e]), (0.9, [-2 - e, -2 + e]),
        (0.95, [-0.5 - e, -0.5 + e]),
      ]))
    #expect(found.count == 1 && abs(found[0].ratio - 0.85) < 1e-9)
    #expect(abs(found[0].interval.lowerBound - 0.825) < 1e-9)
    #expect(abs(found[0].interval.upperBound - 0.875) < 1e-9)
    let open = Crossover.all(
      in: try line([(0.7, [0.5 - e, 0.5 + e]), (0.9, [-0.5 - e, -0.5 + e])]))
    #expect(open[0].interval == 0.7...0.9 && open[0].isOpenBelow && open[0].isOpenAbove)
    let single = Crossover.all(in: try line([(0.7, [1]), (0.9, [-1])]))
    #expect(abs(single[0].ratio - 0.8) < 1e-12 && single[0].isOpenBelow && single[0].isOpenAbove)
  }

  @Test func noCrossoverWhereTheSignStays() throws {
    #expect(Crossover.all(in: try line([(0.7, [1, 1]), (0.8, [0, 0]), (0.9, [2, 2])])).isEmpty)
    #expect(Crossover.all(in: try line([(0.7, [0, 0])])).isEmpty && Crossover.all(in: []).isEmpty)
    let between = Crossover.all(
      in: try line([(0.7, [1, 1]), (0.8, [0, 0]), (0.9, [-2, -2]), (0.95, [1, 1])]))
    #expect(between.count == 2 && between[0].ratio == 0.8 && between[1].ratio > 0.9)
  }
}
