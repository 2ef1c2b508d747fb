import JSON
import Testing

@testable import Studies

struct SweepTests {
  private func plan(_ variants: [String] = [""]) throws -> SweepPlan {
    try SweepPlan(
      study: "s", ratios: [0.9, 0.7], schedules: ["one-shot", "geometric"],
      criteria: ["magnitude"], seeds: 3, firstSeed: 5,
      fairness: variants.count > 1 ? .bestOfGrid : .equalBudget(20), variants: variants)
  }

  private func point(_ at: SweepCoordinates, _ accuracy: Double, validation: Double? = nil)
    -> SweepPoint
  {
    func metrics(_ value: Double) -> Metrics {
      Metrics(JSON.Object([("accuracy", .double(value))]))
    }
    return SweepPoint(
      study: "s", coordinates: at, steps: at.schedule == "geometric" ? 4 : 1, epochs: 20,
      zeros: Int(at.ratio * 100), of: 100, validation: validation.map(metrics),
      untrained: metrics(0.1), test: metrics(accuracy), bytes: 1000, seconds: 2,
      course: [.init(epoch: 0, step: 1, sparsity: at.ratio, value: accuracy)])
  }

  /// One shot is better by 0.02 at 0.7 and worse by 0.06 at 0.9; seeds move both alike.
  private func accuracy(_ at: SweepCoordinates) -> Double {
    let base = 0.8 + Double(at.seed) * 0.01
    guard at.kind == .pruned else { return base - 0.3 }
    guard at.schedule == "one-shot" else { return base }
    return base + (at.ratio == 0.7 ? 0.02 : -0.06) + Double(at.seed % 2) * 0.001
  }

  @Test func everyRunIsOnceInThePlan() throws {
    let all = try plan(["a", "b"]).coordinates
    #expect(all.count == 1 + 2 * (3 + 2 * 2 * 3))
    #expect(Set(all.map(\.id)).count == all.count)
    #expect(all[0].id == "dense-s5" && all[1].id == "untrained-0.7-magnitude-s5")
    #expect(all[4].id == "pruned-0.7-one-shot-magnitude-a-s5")
    let odd = SweepCoordinates(
      kind: .pruned, ratio: 0.5, schedule: "x", criterion: "taylor*0.5+random*0.5", seed: 0)
    #expect(odd.id == "pruned-0.5-x-taylor_2a0.5_2brandom_2a0.5-s0")
    #expect(throws: StudyError.emptySweep(option: "--ratios")) {
      try SweepPlan(
        study: "", ratios: [], schedules: ["a"], criteria: ["b"], seeds: 1, fairness: .bestOfGrid)
    }
    #expect(throws: StudyError.sweepRepeats(option: "--schedules")) {
      try SweepPlan(
        study: "", ratios: [0.1], schedules: ["a", "a"], criteria: ["b"], seeds: 1,
        fairness: .bestOfGrid)
    }
  }

  @Test(arguments: [1, 2, 5, 40])
  func shardsAreAllRunsOnce(count: Int) throws {
    let all = try plan().coordinates
    let parts = try (1...count).map { try #require(Shard(index: $0, count: count)).part(of: all) }
    #expect(Set(parts.flatMap { $0 }) == Set(all))
    #expect(parts.reduce(0) { $0 + $1.count } == all.count)
  }

  @Test func shardsFromTextAndFromSLURM() throws {
    #expect(Shard("2/8") == Shard(index: 2, count: 8))
    for bad in ["0/8", "9/8", "2", "2/8/1", "a/b", ""] { #expect(Shard(bad) == nil) }
    func slurm(_ id: String, _ count: String, _ least: String? = nil, _ step: String? = nil) throws
      -> Shard?
    {
      let all = [
        "SLURM_ARRAY_TASK_ID": id, "SLURM_ARRAY_TASK_COUNT": count, "SLURM_ARRAY_TASK_MIN": least,
        "SLURM_ARRAY_TASK_STEP": step,
      ]
      return try Shard(environment: { all[$0] ?? nil })
    }
    #expect(try slurm("0", "8") == Shard(index: 1, count: 8))
    #expect(try slurm("8", "8", "1") == Shard(index: 8, count: 8))
    #expect(try slurm("12", "4", "0", "4") == Shard(index: 4, count: 4))
    #expect(try Shard(environment: { _ in nil }) == nil)
    // --array=1,5,9 has gaps.
    #expect(throws: StudyError.self) { try slurm("9", "3", "1") }
    #expect(throws: StudyError.self) { try slurm("x", "3") }
  }

  @Test func pointsAndPlansReadBack() throws {
    for at in try plan(["a", "b"]).coordinates {
      var one = point(at, 0.1 + 0.2, validation: 1 / 3)
      if at.kind == .pruned { one.report = ["schema": "coppice.prune/1", "seed": 3] }
      let text = one.json.text(.compact)
      #expect(try SweepPoint(json: JSON.parse(text), path: "p") == one)
    }
    for plan in [try plan(), try plan(["a", "b"])] {
      #expect(try SweepPlan(json: JSON.parse(plan.json.text(.compact)), path: "p") == plan)
    }
    var damaged = point(try plan().coordinates[4], 0.5).json
    if var object = damaged.objectValue {
      object["id"] = "pruned-0.8"
      damaged = .object(object)
    }
    #expect(throws: StudyError.notASweepPoint(path: "p")) {
      try SweepPoint(json: damaged, path: "p")
    }
  }

  @Test func theTableSaysWhichIsBetterAndWhere() throws {
    let plan = try plan()
    let table = try SweepTable(plan, plan.coordinates.map { point($0, accuracy($0)) })
    #expect(table.missing.isEmpty && table.notes.isEmpty)
    #expect(
      table.rows.map(\.schedule) == [nil, "one-shot", "geometric", nil, "one-shot", "geometric"])
    #expect(table.rows[2].result.count == 3 && abs(table.rows[2].result.mean - 0.86) < 1e-12)
    let deviation = try #require(table.rows[2].result.deviation)
    #expect(abs(deviation - 0.01) < 1e-12)
    #expect(table.comparisons.map(\.paired.verdict) == [.first, .second])
    let change = try #require(table.changes.first)
    #expect(change.crossovers.count == 1)
    #expect(abs(change.crossovers[0].ratio - 0.75) < 0.01)
    #expect(change.crossovers[0].interval.contains(change.crossovers[0].ratio))
    #expect(table.json["schema"]?.stringValue == "coppice.sweep/1")
    #expect(table.json["rows"]?.arrayValue?.count == 6)
  }

  @Test func duplicatesMissingRunsAndStrangers() throws {
    let plan = try plan()
    var points = plan.coordinates.map { point($0, accuracy($0)) }
    var again = points[3]
    again.seconds = 99
    #expect(try SweepTable(plan, points + [again]) == SweepTable(plan, points))
    again.zeros += 1
    #expect(throws: StudyError.pointsDiffer(id: again.coordinates.id)) {
      try SweepTable(plan, points + [again])
    }
    let gone = points.remove(at: 6)
    let partial = try SweepTable(plan, points)
    #expect(partial.missing == [gone.coordinates] && partial.notes.count == 1)
    #expect(partial.comparisons[0].paired.difference.count == 2)
    points[0].study = "other"
    #expect(throws: StudyError.otherStudy(id: "dense-s5")) { try SweepTable(plan, points) }
    let none = try SweepTable(plan, [])
    #expect(none.rows.isEmpty && none.comparisons.isEmpty && none.missing.count == 19)
  }

  /// Validation picks the variant, and the test part is what is said of it, though another looks
  /// better there.
  @Test func bestOfGridIsPickedOnValidation() throws {
    let plan = try plan(["a", "b"])
    let table = try SweepTable(
      plan,
      plan.coordinates.map {
        point($0, $0.variant == "a" ? 0.9 : 0.7, validation: $0.variant == "a" ? 0.6 : 0.8)
      })
    let pruned = table.rows.filter { $0.schedule != nil }
    #expect(pruned.allSatisfy { $0.variant == "b" && $0.result.mean.rounded(toPlaces: 6) == 0.7 })
    #expect(table.comparisons.allSatisfy { $0.paired.verdict == .tie })
    #expect(table.changes.allSatisfy { $0.crossovers.isEmpty })
  }

  @Test func unequalZerosAreSaid() throws {
    let plan = try plan()
    let points = plan.coordinates.map { at in
      var one = point(at, 0.5)
      if at.schedule == "geometric", at.ratio == 0.9 { one.zeros -= 1 }
      return one
    }
    #expect(try SweepTable(plan, points).notes.count == 1)
  }

  @Test func foldersHoldAPlanAndItsRuns() throws {
    let plan = try plan()
    let (one, two) = (try Folder(), try Folder())
    let folders = [SweepFolder(one.path), SweepFolder(two.path)]
    for (place, folder) in folders.enumerated() {
      try folder.begin(plan)
      try folder.begin(plan)
      let shard = try #require(Shard(index: place + 1, count: 2))
      for at in shard.part(of: plan.coordinates).dropLast() {
        try folder.write(point(at, accuracy(at)))
      }
    }
    #expect(try folders[0].points(of: plan).count == 9)
    let table = try #require(try SweepFolder.table(of: folders))
    #expect(table.missing.count == 2 && table.rows.count == 6)
    #expect(try folders[0].point(plan.coordinates[1]) == nil)
    var other = plan
    other.seeds = 4
    #expect(throws: StudyError.otherPlan(path: one.path + "/sweep.json")) {
      try folders[0].begin(other)
    }
    // A file under another run's name.
    let strange = plan.coordinates[0]
    try one.write(
      Array(point(plan.coordinates[2], 1).json.text(.compact).utf8), strange.id + ".json")
    #expect(throws: StudyError.notASweepPoint(path: one.path + "/\(strange.id).json")) {
      try folders[0].point(strange)
    }
  }

  @Test func theCourseCountsEpochsOverAllSteps() {
    var first = StepRecord(step: 1, target: 0.5, zeros: 50, of: 100, epochsMax: 2)
    first.before = Metrics(JSON.Object([("accuracy", 0.25)]))
    first.trace = [.init(epoch: 1, loss: 1, validation: nil, seconds: 0)]
    var second = first
    second.step = 2
    second.zeros = 90
    let course = SweepPoint.course(of: [first, second], metric: "accuracy")
    #expect(course.map(\.epoch) == [0, 1, 1, 2] && course.map(\.step) == [1, 1, 2, 2])
    #expect(course.map(\.sparsity) == [0.5, 0.5, 0.9, 0.9])
    #expect(course.map(\.value) == [0.25, nil, 0.25, nil])
  }
}

extension Double {
  fileprivate func rounded(toPlaces places: Int) -> Double {
    let scale = (0..<places).reduce(1.0) { value, _ in value * 10 }
    return (self * scale).rounded() / scale
  }
}
