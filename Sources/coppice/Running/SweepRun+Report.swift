import CSRM
import Documents
import JSON
import Parallel
import Pruning
import Reports
import Studies

extension SweepRun {
  /// What `prune` would say of one run, had it been a command of its own: the model was packed in
  /// thought only, so there is no output, and what was measured is on the test part.
  func report(
    _ loop: IterativePruning, _ records: [StepRecord], of set: PrunableSet, test: Metrics,
    _ packed: PackSummary, pruned: Container, seed: Int, seconds: Double
  ) throws -> PruneReport {
    var result = try PruneResult(applying: loop.state.masks, to: set.candidates, file: shown)
    result.target = loop.goals.last?.share
    let receipt = Delivery.Receipt(
      file: "", kind: .csrm, bytes: packed.totalBytes, packed: packed)
    var report = PruneReport(
      command: command.objectValue ?? JSON.Object(), version: Coppice.configuration.version,
      seed: seed, threads: Parallel.threads, input: input, output: nil,
      plan: records.map {
        PruneReport.PlannedStep(step: $0.step, target: $0.target, epochsMax: $0.epochsMax)
      },
      sparsity: .init(
        target: result.target, before: result.tensors.reduce(0) { $0 + $1.zerosBefore },
        pruned: result.pruned, of: result.of),
      sizes: try SizeTable.measured(opened, pruned: pruned, receipt: receipt),
      tensors: set.facts(result, packed), seconds: seconds)
    report.steps = records.map(PruneReport.Step.init)
    report.metrics = PruneReport.Metrics(dense: dense.values, pruned: test.values, readBack: nil)
    report.notes = records.compactMap(\.note)
    return report
  }
}
