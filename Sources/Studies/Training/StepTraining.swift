/// The training after one pruning event: epoch after epoch, until the epochs or the patience are
/// over, and then the best weights back in place.
struct StepTraining {
  let trainer: any Trainer
  let plan: FineTuningPlan
  let observer: RunObserver

  /// Measures the model as it is, and begins.
  func begin(_ record: StepRecord, _ state: inout RunState) throws {
    var record = record
    let rule = plan.rule(of: max(record.step, 1))
    let measured = try trainer.evaluate(.validation)
    if measured == nil, rule.patience > 0, record.epochsMax > 0 {
      throw StudyError.nothingToMonitor
    }
    record.before = measured
    record.after = measured
    let watch = try measured.map {
      let monitor = plan.monitor ?? .standard(among: $0)
      return StoppingRule.Watch(rule, monitor, first: try monitor.value(in: $0))
    }
    state.current = RunState.Current(record: record, watch: watch, best: trainer.snapshot())
    trainer.restartOptimizer()
    try observer.observe(.stepBegan(record))
  }

  /// Trains the step that `state` is in to its end.
  func finish(_ state: inout RunState) throws {
    guard var current = state.current else { return }
    while current.record.epochs < current.record.epochsMax, current.watch?.isOver != true {
      do {
        try trainOneEpoch(&current, &state)
      } catch TrainingFault.notFinite(let batch) {
        current.record.ending = .notFinite(epoch: current.record.epochs + 1, batch: batch)
        break
      }
    }
    if current.watch?.isOver == true { current.record.ending = .patience }
    trainer.restore(current.best)
    state.records.append(current.record)
    state.current = nil
    try observer.observe(.stepEnded(current.record))
    try store(state)
  }

  private func trainOneEpoch(_ current: inout RunState.Current, _ state: inout RunState) throws {
    let result = try trainer.trainEpoch(
      EpochPlan(
        epoch: state.epoch, step: current.record.step, epochInStep: current.record.epochs,
        epochsOfStep: current.record.epochsMax))
    if plan.recalibrates { try trainer.recalibrateStatistics() }
    let measured = try trainer.evaluate(.validation)
    current.record.trace.append(
      StepRecord.Epoch(
        epoch: current.record.epochs + 1, loss: result.loss, validation: measured,
        seconds: result.seconds))
    // Without anything to judge by, the last epoch is the best.
    var improved = true
    if let measured, let monitor = current.watch?.monitor {
      improved = try current.watch?.see(monitor.value(in: measured)) ?? true
    }
    if improved {
      current.best = trainer.snapshot()
      current.record.bestEpoch = current.record.epochs
      current.record.after = measured
    }
    state.epoch += 1
    state.current = current
    try observer.observe(.epochEnded(current.record, improved: improved))
    try store(state)
  }

  func store(_ state: RunState) throws {
    guard let checkpoint = observer.checkpoint else { return }
    var whole = state
    whole.variables = trainer.snapshot()
    whole.optimizer = trainer.optimizerSnapshot()
    try checkpoint(whole)
  }

  /// Puts the trainer where `state` was stored.
  func resume(_ state: RunState) throws {
    if !state.masks.isEmpty { trainer.setMasks(state.masks) }
    trainer.restore(state.variables)
    try trainer.restoreOptimizer(state.optimizer)
  }
}
