import Files
import Pruning
import Tensors
import Testing

@testable import Studies

struct IterativePruningTests {
  private let start = [weights(60), weights(41, from: 3)]
  private func candidates(_ values: [[Float]]) -> [Candidate] {
    values.enumerated().map { index, values in
      Candidate(
        name: "t\(index)", shape: [values.count], type: .float32,
        source: MemoryBytes(values.withUnsafeBytes { [UInt8]($0) }))
    }
  }

  private func run(
    _ trainer: PlayedTrainer, _ schedule: any Schedule, to p: Double = 0.9, epochs: [Int],
    patience: [Int]? = nil, observer: RunObserver = RunObserver()
  ) throws -> IterativePruning {
    try IterativePruning(
      trainer, PrunePlan(target: .sparsity(p), schedule: schedule), candidates(start),
      training: FineTuningPlan(
        epochs: epochs, patience: try patience.map { try PatienceList($0) }, recalibrates: true),
      file: "m.h5", run: "this run", observer: observer)
  }

  @Test func withoutTrainingAllSchedulesGiveOneShotsMask() throws {
    let schedules: [any Schedule] = [
      OneShot(), Constant(steps: 4), Geometric(steps: 3), Hybrid(), Polynomial(steps: 5),
      Manual([0.2, 0.9]),
    ]
    var masks: [[Mask]] = []
    for schedule in schedules {
      let trainer = PlayedTrainer(start, trace: [0.5])
      let steps = try schedule.cumulative(to: 0.9).count
      let loop = try run(trainer, schedule, epochs: [Int](repeating: 0, count: steps))
      let records = try loop.run()
      #expect(records.count == steps && records.last?.zeros == 91 && records.last?.of == 101)
      #expect(trainer.restarts == steps && trainer.recalibrations == steps && trainer.plans.isEmpty)
      masks.append(loop.state.masks)
    }
    for mask in masks { #expect(mask == masks[0]) }
    #expect(masks[0].reduce(0) { $0 + $1.pruned } == 91)
  }

  /// The best weights are a copy: what is trained past them does not touch them, nor the statistics.
  @Test func theBestEpochIsWhatIsKept() throws {
    let trainer = PlayedTrainer(start, trace: [0.6, 0.9, 0.7, 0.7, 0.1])
    trainer.afterPruning = [0.5]
    var atBest: [[Float]] = []
    let loop = try run(
      trainer, OneShot(), epochs: [5],
      observer: RunObserver(observe: { event in
        if case .epochEnded(let record, true) = event, record.epochs == 2 {
          atBest = trainer.snapshot()
        }
      }))
    let record = try loop.run()[0]
    #expect(trainer.snapshot() == atBest && trainer.statistics == [2])
    #expect(record.bestEpoch == 2 && record.epochs == 5 && record.ending == .epochs)
    #expect(record.before?["accuracy"] == 0.5 && record.after?["accuracy"] == 0.9)
  }

  @Test func theStatePrunedIsKeptWhereTrainingDoesNotHelp() throws {
    let trainer = PlayedTrainer(start, trace: [0.3])
    trainer.afterPruning = [0.5]
    let record = try run(trainer, OneShot(), epochs: [9], patience: [3]).run()[0]
    #expect(record.bestEpoch == 0 && record.epochs == 3 && record.ending == .patience)
    #expect(trainer.statistics == [0] && record.after?["accuracy"] == 0.5)
  }

  @Test func patienceIsTakenFromTheListStepByStep() throws {
    let trainer = PlayedTrainer(start, trace: [0.1])
    let records = try run(
      trainer, Geometric(steps: 4), epochs: [20, 20, 20, 5], patience: [7, 2, 0]
    ).run()
    // 0 is no early stopping, and the last of the list stands for the fourth step too.
    #expect(records.map(\.epochs) == [7, 2, 20, 5])
    #expect(trainer.plans.map(\.epoch) == Array(0..<34))
    #expect(trainer.plans[8] == EpochPlan(epoch: 8, step: 2, epochInStep: 1, epochsOfStep: 20))
    #expect(trainer.restarts == 4)
  }

  @Test func hybridRunsAllItsSteps() throws {
    let trainer = PlayedTrainer(start, trace: [0.1])
    let records = try run(trainer, Hybrid(tailSteps: 4), epochs: [2, 1, 1, 1, 1]).run()
    #expect(records.count == 5 && records.last?.zeros == 91)
    #expect(records.map(\.step) == [1, 2, 3, 4, 5])
  }

  @Test func prunedWeightsStayExactlyZero() throws {
    let trainer = PlayedTrainer(start, trace: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    var before: [Mask] = []
    let loop = try run(
      trainer, Constant(steps: 3), epochs: [2, 2, 2],
      observer: RunObserver(observe: { event in
        guard case .stepEnded = event else { return }
        for (old, new) in zip(before, trainer.masks) { #expect(new.isPart(of: old)) }
        before = trainer.masks
      }))
    try loop.run()
    for (mask, values) in zip(trainer.masks, trainer.tensors) {
      for i in values.indices { #expect((values[i].bitPattern == 0) == !mask[i]) }
    }
    let leaking = PlayedTrainer(start, trace: [0.1, 0.9])
    leaking.leaksMaskedWeights = true
    #expect(throws: StudyError.revived(file: "m.h5", tensor: "t0")) {
      try run(leaking, OneShot(), epochs: [2]).run()
    }
  }

  @Test func lossThatIsNotFiniteEndsTheStepAndKeepsTheBest() throws {
    let trainer = PlayedTrainer(start, trace: [0.6, 0.7, 0.8, 0.9])
    trainer.failsAt = 3
    let records = try run(trainer, Constant(steps: 3), epochs: [2, 2, 2]).run()
    // The second step's second epoch failed; the epoch counts on from where it was.
    #expect(records.map(\.epochs) == [2, 1, 0])
    #expect(records[1].ending == .notFinite(epoch: 2, batch: 7) && records[1].bestEpoch == 1)
    #expect(records[1].note?.contains("step 2, epoch 2, batch 8") == true)
    #expect(records[0].note == nil)
    #expect(trainer.tensors.allSatisfy { $0.allSatisfy(\.isFinite) })
    #expect(records[2].zeros == 91)
  }

  @Test func withoutValidationTheLastEpochIsKept() throws {
    let trainer = PlayedTrainer(start, trace: [0.9, 0.1])
    trainer.hasValidation = false
    let record = try run(trainer, OneShot(), epochs: [3]).run()[0]
    #expect(record.bestEpoch == 3 && trainer.statistics == [3] && record.after == nil)
    #expect(throws: StudyError.nothingToMonitor) {
      try run(trainer, OneShot(), epochs: [3], patience: [2]).run()
    }
  }

  /// From every checkpoint on, stored and read back, the run ends with the same bytes and records.
  @Test func aResumedRunEndsTheSame() throws {
    func trainer() -> PlayedTrainer {
      PlayedTrainer(start, trace: [0.1, 0.5, 0.4, 0.45, 0.3, 0.6, 0.2, 0.7])
    }
    let whole = trainer()
    var stored: [RunState] = []
    let loop = try run(
      whole, Geometric(steps: 3), epochs: [3, 3, 3], patience: [2],
      observer: RunObserver(checkpoint: { stored.append($0) }))
    let records = try loop.run()
    #expect(stored.count == records.reduce(0) { $0 + $1.epochs } + 3)
    let folder = try Folder()
    for (index, state) in stored.enumerated() {
      let path = folder.path + "/\(index)"
      try Checkpoint.write(state, to: path)
      let read = try Checkpoint.read(path)
      #expect(read == state)
      let again = trainer()
      let rest = try run(again, Geometric(steps: 3), epochs: [3, 3, 3], patience: [2])
      try rest.resume(from: read)
      #expect(try rest.run() == records)
      #expect(again.snapshot() == whole.snapshot() && again.masks == whole.masks)
    }
  }

  @Test func whatIsNoCheckpointOfThisRunIsRefused() throws {
    let folder = try Folder()
    let path = folder.path + "/c"
    var state = RunState(run: "another run")
    state.variables = [[1, .nan, -0.0]]
    state.masks = [Mask(count: 70, keeping: true)]
    try Checkpoint.write(state, to: path)
    let loop = try run(PlayedTrainer(start, trace: [0]), OneShot(), epochs: [1])
    #expect(throws: StudyError.otherRun(file: "m.h5")) {
      try loop.resume(from: try Checkpoint.read(path))
    }
    let bytes = try MappedFile(path: path).bytes()
    for length in stride(from: 0, to: bytes.count, by: 7) {
      try folder.write(Array(bytes[..<length]), "c")
      #expect(throws: StudyError.notACheckpoint(path: path)) { try Checkpoint.read(path) }
    }
    for place in stride(from: 0, to: bytes.count, by: 5) {
      var damaged = bytes
      damaged[place] ^= 4
      try folder.write(damaged, "c")
      #expect(throws: StudyError.notACheckpoint(path: path)) { try Checkpoint.read(path) }
    }
  }

  @Test func fineTuningRespectsZeros() throws {
    let values: [[Float]] = [[0, 1, -0.0, 2], [3, 0]]
    let trainer = PlayedTrainer(values, trace: [0.1, 0.9, 0.2])
    let tuning = FineTuning(
      trainer, FineTuningPlan(epochs: [3]), respectingZerosOf: 2, file: "m.h5", run: "r")
    let record = try tuning.run()
    #expect(record.step == 0 && record.zeros == 3 && record.of == 6 && record.bestEpoch == 2)
    #expect(trainer.tensors[0][0] == 0 && trainer.tensors[0][2].sign == .plus)
    #expect(trainer.tensors[0][1] != 1)
    let free = PlayedTrainer(values, trace: [0.1])
    try FineTuning(
      free, FineTuningPlan(epochs: [1]), respectingZerosOf: nil, file: "m.h5", run: "r"
    ).run()
    #expect(free.tensors[0][0] == 0 || free.masks.isEmpty)
  }

  @Test func sensitivityUndoesWhatItPrunes() throws {
    let trainer = PlayedTrainer(start, trace: [0.4])
    let found = try LayerSensitivity(
      of: trainer, candidates(start), plan: PrunePlan(target: .sparsity(0)), ratios: [0, 0.5, 1],
      file: "m.h5")
    #expect(found.rows.map { $0.cells.map(\.zeros) } == [[0, 30, 60], [0, 21, 41]])
    #expect(trainer.tensors == start && found.dense["accuracy"] == 0.4)
  }
}
