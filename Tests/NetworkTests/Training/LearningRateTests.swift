import Testing

@testable import Network

/// Rates of a run of 10 steps, two an epoch.
struct LearningRateTests {
  @Test(
    arguments: [
      ("constant", [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
      // keras.optimizers.schedules.CosineDecay(1.0, 10)
      (
        "cosine",
        [
          1, 0.9755282581, 0.9045084972, 0.7938926261, 0.6545084972, 0.5, 0.3454915028,
          0.2061073739, 0.09549150281, 0.02447174185, 0,
        ]
      ),
      // CosineDecay(1.0, 10, alpha=0.2)
      (
        "cosine:0.2",
        [
          1, 0.9804226065, 0.9236067977, 0.8351141009, 0.7236067977, 0.6, 0.4763932023,
          0.3648858991, 0.2763932023, 0.2195773935, 0.2,
        ]
      ),
      ("step:2", [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01]),
      ("step:2:0.5", [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]),
      ("milestones:3,1", [1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.01]),
      ("milestones:1:0.5", [1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]),
      ("warmup:2", [0.01, 0.2575, 0.505, 0.7525, 1, 1, 1, 1, 1, 1, 1]),
      (
        "warmup:2+cosine",
        [
          0.01, 0.2575, 0.505, 0.7525, 1, 0.9330127019, 0.75, 0.5, 0.25, 0.06698729811, 0,
        ]
      ),
    ] as [(String, [Double])])
  func ratesFollowTheirPlan(text: String, expected: [Double]) throws {
    let plan = try LearningRatePlan(text)
    let schedule = plan.schedule(rate: 1, stepsPerEpoch: 2)
    for (step, wanted) in expected.enumerated() {
      #expect(abs(schedule.rate(atStep: step, of: 10) - wanted) < 1e-9, "step \(step)")
    }
    let half = plan.schedule(rate: 0.5, stepsPerEpoch: 2)
    if !text.hasSuffix("0.2") {
      #expect(abs(half.rate(atStep: 5, of: 10) - expected[5] / 2) < 1e-9)
    }
  }

  @Test(
    arguments: [
      "", "cos", "cosine:-1", "cosine:x", "step", "step:0", "step:2:0", "step:1.5",
      "milestones:", "milestones:1,x", "warmup:0", "warmup:2+", "warmup:2+step", "cosine+step:2",
      "constant:1",
    ])
  func whatIsNoPlanIsRefused(text: String) {
    #expect(throws: OptimizerFault.self) { try LearningRatePlan(text) }
  }

  /// Runs without end, of no length, and epochs without number.
  @Test func rangesEndSomewhere() throws {
    #expect(CosineDecay(1).rate(atStep: 30, of: 10) < 1e-12)
    #expect(CosineDecay(1).rate(atStep: 0, of: 0) == 1)
    #expect(WarmUp(CosineDecay(1), steps: 20).rate(atStep: 10, of: 10) < 1)
    #expect(StepDecay(1, every: 1).rate(atStep: 1 << 40, of: 10) == 0)
    let long = try LearningRatePlan("step:1000000000")
    #expect(throws: OptimizerFault.self) { try LearningRatePlan("step:9223372036854775807") }
    #expect(long.schedule(rate: 1, stepsPerEpoch: 9).rate(atStep: 5, of: 10) == 1)
  }
}
