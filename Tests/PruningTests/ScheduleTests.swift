import Testing

@testable import Pruning

/// The vectors of the reference, to 8 decimals.
struct ScheduleTests {
  private func near(_ found: [Double], _ expected: [Double]) -> Bool {
    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) <= 5.1e-9 }
  }

  private static let targets = [0.7, 0.8, 0.9, 0.95, 0.98, 0.99]

  @Test(arguments: targets)
  func oneShotAndConstant(p: Double) throws {
    #expect(try OneShot().cumulative(to: p) == [p])
    for n in [1, 3, 5, 10] {
      let found = try Constant(steps: n).cumulative(to: p)
      #expect(near(found, (1...n).map { p * Double($0) / Double(n) }) && found.last == p)
    }
  }

  @Test func constantVectors() throws {
    #expect(near(try Constant(steps: 3).cumulative(to: 0.7), [0.23333333, 0.46666667, 0.7]))
    #expect(near(try Constant(steps: 5).cumulative(to: 0.98), [0.196, 0.392, 0.588, 0.784, 0.98]))
  }

  @Test(arguments: [
    (
      2,
      [
        [0.45227744, 0.7], [0.5527864, 0.8], [0.68377223, 0.9], [0.7763932, 0.95],
        [0.85857864, 0.98],
        [0.9, 0.99],
      ]
    ),
    (
      3,
      [
        [0.33056705, 0.55185953, 0.7], [0.41519645, 0.65800481, 0.8],
        [0.53584112, 0.78455653, 0.9],
        [0.63159685, 0.86427912, 0.95], [0.72855824, 0.92631937, 0.98],
        [0.78455653, 0.95358411, 0.99],
      ]
    ),
    (
      5,
      [
        [0.21399691, 0.38219915, 0.51440663, 0.61832211, 0.7],
        [0.27522034, 0.47469444, 0.61926921, 0.72405407, 0.8],
        [0.36904266, 0.60189283, 0.74881136, 0.84151068, 0.9],
        [0.45071973, 0.69829118, 0.8342773, 0.90897179, 0.95],
        [0.54269495, 0.79087209, 0.90436475, 0.95626552, 0.98],
        [0.60189283, 0.84151068, 0.93690427, 0.97488114, 0.99],
      ]
    ),
    (
      10,
      [
        [
          0.11343185, 0.21399691, 0.3031547, 0.38219915, 0.45227744, 0.51440663, 0.56948838,
          0.61832211,
          0.66161654, 0.7,
        ],
        [
          0.14866008, 0.27522034, 0.38296614, 0.47469444, 0.5527864, 0.61926921, 0.67586868,
          0.72405407,
          0.76507621, 0.8,
        ],
        [
          0.20567177, 0.36904266, 0.49881277, 0.60189283, 0.68377223, 0.74881136, 0.80047377,
          0.84151068,
          0.87410746, 0.9,
        ],
        [
          0.25886555, 0.45071973, 0.59290947, 0.69829118, 0.7763932, 0.8342773, 0.8771772,
          0.90897179,
          0.93253586, 0.95,
        ],
        [
          0.32375666, 0.54269495, 0.69075051, 0.79087209, 0.85857864, 0.90436475, 0.9353273,
          0.95626552,
          0.97042485, 0.98,
        ],
        [
          0.36904266, 0.60189283, 0.74881136, 0.84151068, 0.9, 0.93690427, 0.96018928, 0.97488114,
          0.98415107, 0.99,
        ],
      ]
    ),
  ])
  func geometric(n: Int, rows: [[Double]]) throws {
    for (p, row) in zip(Self.targets, rows) {
      let found = try Geometric(steps: n).cumulative(to: p)
      #expect(near(found, row) && found.last == p)
    }
  }

  @Test func hybrid() throws {
    let paper = [
      [0.49, 0.54722779, 0.60118056, 0.65204573, 0.7],
      [0.56, 0.62630852, 0.68822021, 0.74602663, 0.8],
      [0.63, 0.7056622, 0.77559963, 0.84024543, 0.9],
      [0.665, 0.74544754, 0.81942327, 0.88744784, 0.95],
      [0.686, 0.769355, 0.84576194, 0.91579998, 0.98],
      [0.693, 0.77733033, 0.85454905, 0.92525589, 0.99],
    ]
    let remaining = [
      [0.49, 0.55335966, 0.60884786, 0.6574425, 0.7],
      [0.56, 0.63871743, 0.70335206, 0.75642334, 0.8],
      [0.63, 0.73322121, 0.80764616, 0.86130831, 0.9],
      [0.665, 0.79177824, 0.87057821, 0.91955692, 0.95],
      [0.686, 0.84225532, 0.92075355, 0.96018883, 0.98],
      [0.693, 0.86957712, 0.94459242, 0.97646119, 0.99],
    ]
    for (index, p) in Self.targets.enumerated() {
      #expect(near(try Hybrid(tail: .paper).cumulative(to: p), paper[index]))
      #expect(near(try Hybrid().cumulative(to: p), remaining[index]))
    }
    #expect(try Hybrid().cumulative(to: 1) == [0.7, 1, 1, 1, 1])
    #expect(try Hybrid(first: 1).cumulative(to: 1) == [1, 1, 1, 1, 1])
  }

  /// Rows of the paper's tables: the rate of a tail of n steps.
  @Test(arguments: [
    (0.5, 0.01842, 0.7, 12), (0.6, 0.01741, 0.7, 6), (0.5, 0.04365, 0.7, 5), (0.6, 0.03451, 0.7, 3),
    (0.6, 0.1, 0.7, 1), (0.5, 0.01962, 0.8, 18), (0.7, 0.01741, 0.8, 6), (0.5, 0.08531, 0.8, 4),
    (0.7, 0.05132, 0.8, 2), (0.5, 0.01972, 0.88, 24), (0.7, 0.01965, 0.88, 10),
    (0.8, 0.08, 0.88, 1),
    (0.5, 0.01997, 0.92, 27), (0.8, 0.0181, 0.92, 7), (0.8, 0.06192, 0.92, 2),
    (0.5, 0.01968, 0.96, 31),
    (0.8, 0.01919, 0.96, 9), (0.8, 0.08348, 0.96, 2), (0.5, 0.01961, 0.99, 34),
    (0.8, 0.01897, 0.99, 11),
    (0.8, 0.1, 0.99, 2),
  ])
  func hybridOfThePaper(h: Double, rate: Double, p: Double, n: Int) throws {
    let found = try Hybrid(first: h / p, tailSteps: n, tail: .paper).cumulative(to: p)
    #expect(found.count == n + 1)
    #expect(abs(found[1] - found[0] - rate) < 5.1e-6)
    // A rate a hair above the rounded one asks for as many steps.
    #expect(Hybrid(first: h / p, rate: rate + 6e-6, tail: .paper, to: p).tailSteps == n)
  }

  @Test func polynomial() throws {
    let found = try Polynomial(steps: 4).cumulative(to: 0.9)
    #expect(near(found.map { 1 - $0 }, [0.4796875, 0.2125, 0.1140625, 0.1]) && found.last == 0.9)
  }

  @Test func manual() throws {
    #expect(try Manual([0.5, 0.8, 0.9]).cumulative(to: 0.9) == [0.5, 0.8, 0.9])
    for (sparsities, p) in [
      ([], 0.9), ([0.8, 0.5, 0.9], 0.9), ([0.5, 0.8], 0.9), ([0.5, 0.5], 0.5),
    ] {
      #expect(throws: PruningError.self) { try Manual(sparsities).cumulative(to: p) }
    }
    #expect(throws: PruningError.ratio(option: "--at", value: 1.5)) {
      try Manual([0.5, 1.5]).cumulative(to: 1.5)
    }
  }

  @Test func stepsFromARate() {
    #expect(Self.targets.map(Schedules.defaultSteps) == [6, 8, 11, 14, 18, 21])
    #expect(Self.targets.map { Schedules.steps(to: $0, rate: 0.1) } == [12, 16, 22, 29, 38, 44])
    #expect(Geometric(rate: 0.9, to: 0.99).steps == 2)
    #expect(Geometric(rate: 0.2, to: 0).steps == 1 && Geometric(rate: 0.5, to: 1).steps == 20)
    // The authors' rounding stops short at .6 for (.7, .2), and prunes everything for (.96, .1).
    #expect(Constant(rate: 0.2, to: 0.7).steps == 4 && Constant(rate: 0.1, to: 0.96).steps == 10)
    #expect(Constant(rate: 0.1, to: 0.7).steps == 7)
  }

  /// Section 10 of the reference: when steps are worth it.
  @Test func automatic() throws {
    func chosen(_ p: Double, _ situation: Schedules.Situation) -> (String, Int) {
      let schedule = Schedules.automatic(to: p, in: situation).schedule
      return (schedule.name, (try? schedule.cumulative(to: p).count) ?? 0)
    }
    let trained = Schedules.Situation(trains: true)
    #expect(chosen(0.99, .init(trains: false, attendsOrRecurs: true)) == ("one-shot", 1))
    #expect(chosen(0.8, trained) == ("one-shot", 1))
    #expect(chosen(0.81, trained).0 == "geometric" && chosen(0.9, trained).1 == 11)
    #expect(chosen(0.5, .init(trains: true, attendsOrRecurs: true)) == ("geometric", 4))
    let structured = Schedules.Situation(trains: true, isStructured: true)
    #expect(chosen(0.9, structured) == ("one-shot", 1))
    #expect(chosen(0.91, structured).0 == "geometric")
  }

  /// Section 2.2: floor(c·N + 1/2) zeros after each step.
  @Test func wholeWeights() throws {
    let shares = try Geometric(steps: 5).cumulative(to: 0.9)
    #expect(shares.map { PrunePlan.weights($0, of: 1000) } == [369, 602, 749, 842, 900])
    #expect(shares.map { PrunePlan.weights($0, of: 10) } == [4, 6, 7, 8, 9])
  }

  /// The columns of section 3.2 that are not multiples of a short decimal.
  @Test func constantThirds() throws {
    let thirds = [
      (0.7, 0.23333333, 0.46666667), (0.8, 0.26666667, 0.53333333), (0.9, 0.3, 0.6),
      (0.95, 0.31666667, 0.63333333), (0.98, 0.32666667, 0.65333333), (0.99, 0.33, 0.66),
    ]
    for (p, first, second) in thirds {
      #expect(near(try Constant(steps: 3).cumulative(to: p), [first, second, p]))
    }
  }

  @Test func numbersOfStepsThatCannotBe() {
    let schedules: [any Schedule] = [
      Constant(steps: 0), Geometric(steps: 0), Polynomial(steps: -1), Hybrid(tailSteps: 0),
      Hybrid(first: 1.1),
    ]
    for schedule in schedules {
      #expect(throws: PruningError.self) { try schedule.cumulative(to: 0.5) }
      #expect(Schedules.names.contains(schedule.name))
    }
  }
}
