import Studies

extension PruneReport.Step {
  /// A step as the prune–train loop recorded it.
  public init(_ record: StepRecord) {
    self.init(
      step: record.step, target: record.target, achieved: record.achieved, epochs: record.epochs,
      seconds: record.seconds, before: record.before?.values, after: record.after?.values)
  }
}

extension RunEvent {
  /// One line for people who follow the run where there is no terminal: `step 2 of 11, epoch 3 of 10:
  /// loss 0.3214, validation accuracy 91.20 %, the best so far`. Nil for what needs no line.
  /// `steps` is how many there are; `metric` what the run goes by.
  public func line(steps: Int, metric: String) -> String? {
    func value(_ metrics: Metrics?) -> String {
      guard let number = metrics?[metric] else { return "" }
      return ", validation \(metric) \(metricText(metric, .double(number)))"
    }
    func place(_ record: StepRecord) -> String {
      record.step > 0 ? "step \(record.step) of \(steps), " : ""
    }
    switch self {
    case .stepBegan(let record):
      guard record.step > 0 else { return nil }
      return "\(place(record))\(percent(record.achieved)) pruned: "
        + "\(grouped(record.zeros)) of \(grouped(record.of))\(value(record.before))"
    case .epochEnded(let record, let improved):
      guard let epoch = record.trace.last else { return nil }
      let best = improved && epoch.validation != nil ? ", the best so far" : ""
      return "\(place(record))epoch \(epoch.epoch) of \(record.epochsMax): "
        + "loss \(significant(epoch.loss))\(value(epoch.validation))\(best)"
    case .stepEnded(let record):
      guard record.epochsMax > 0 else { return nil }
      let kept = record.bestEpoch > 0 ? "epoch \(record.bestEpoch)" : "the weights before training"
      let reason =
        switch record.ending {
        case .epochs: ""
        case .patience:
          " after \(counted(record.epochs - record.bestEpoch, "epoch")) without better"
        case .notFinite(let epoch, _): ", since the loss was not finite in epoch \(epoch)"
        }
      return "\(place(record))kept \(kept)\(reason)\(value(record.after))"
    }
  }
}
