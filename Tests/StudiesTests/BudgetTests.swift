import Pruning
import Testing

@testable import Studies

struct BudgetTests {
  @Test func totalsAreDividedToTheLastEpoch() throws {
    func split(_ total: Int, _ kind: ScheduleKind, _ steps: Int) throws -> [Int] {
      try EpochBudget(.total(total)).epochs(of: kind, steps: steps)
    }
    #expect(try split(100, .oneShot, 1) == [100])
    #expect(try split(100, .even, 8) == [12, 12, 12, 12, 12, 12, 12, 16])
    #expect(try split(100, .hybrid, 5) == [50, 12, 12, 12, 14])
    #expect(try split(5, .hybrid, 5) == [1, 1, 1, 1, 1])
    #expect(try split(6, .hybrid, 5) == [2, 1, 1, 1, 1])
    for kind in [ScheduleKind.even, .hybrid] {
      for steps in 1...12 {
        for total in steps...40 {
          let parts = try split(total, kind, steps)
          #expect(
            parts.count == steps && parts.reduce(0, +) == total && parts.allSatisfy { $0 > 0 })
        }
      }
    }
    #expect(throws: StudyError.fewEpochs(4, steps: 5)) { try split(4, .even, 5) }
  }

  @Test func stepsHaveTheirOwnNumbers() throws {
    func epochs(_ form: EpochBudget.Form, most: Int? = nil) throws -> [Int] {
      try EpochBudget(form, most: most).epochs(of: .even, steps: 3)
    }
    #expect(try epochs(.perStep(4)) == [4, 4, 4])
    #expect(try epochs(.perStep(2, last: 9)) == [2, 2, 9])
    #expect(try epochs(.perStep(0, last: 9), most: 5) == [0, 0, 5])
    #expect(try epochs(.total(30), most: 4) == [4, 4, 4])
  }

  @Test func kindsFollowFromTheSchedule() {
    #expect(ScheduleKind(OneShot(), steps: 1) == .oneShot)
    #expect(ScheduleKind(Geometric(steps: 1), steps: 1) == .oneShot)
    #expect(ScheduleKind(Geometric(steps: 3), steps: 3) == .even)
    #expect(ScheduleKind(Hybrid(), steps: 5) == .hybrid)
  }
}
