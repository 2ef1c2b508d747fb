import JSON
import Tensors

/// The part of a checkpoint that is text. Numbers read back to the bit: the writer gives the shortest
/// digits that do, and NaN and the infinities by Python's names.
extension RunState {
  var json: JSON.Value {
    func counts(_ lists: [[Float]]) -> JSON.Value { .array(lists.map { .integer($0.count) }) }
    return [
      "run": .string(run), "epoch": .integer(epoch), "records": .array(records.map(\.json)),
      "current": current.map { current in
        [
          "record": current.record.json, "watch": current.watch?.json ?? .null,
          "best": counts(current.best),
        ]
      } ?? .null,
      "variables": counts(variables), "optimizer": counts(optimizer),
      "masks": .array(masks.map { .integer($0.count) }),
    ]
  }

  init?(_ json: JSON.Value, _ words: inout Checkpoint.Words) {
    func counts(_ value: JSON.Value?) -> [Int]? { value?.arrayValue?.wholes }
    guard let run = json["run"]?.stringValue, let epoch = json["epoch"]?.integerValue,
      let records = json["records"]?.arrayValue?.all(StepRecord.init(json:)),
      let variables = counts(json["variables"]).flatMap({ words.floats($0) }),
      let optimizer = counts(json["optimizer"]).flatMap({ words.floats($0) })
    else { return nil }
    self.init(run: run)
    self.epoch = epoch
    self.records = records
    self.variables = variables
    self.optimizer = optimizer
    if let now = json["current"], !now.isNull {
      guard let record = now["record"].flatMap(StepRecord.init(json:)),
        let best = counts(now["best"]).flatMap({ words.floats($0) }), let watch = now["watch"]
      else { return nil }
      let followed = StoppingRule.Watch(json: watch)
      guard watch.isNull || followed != nil else { return nil }
      current = Current(record: record, watch: followed, best: best)
    }
    guard let sizes = counts(json["masks"]) else { return nil }
    for size in sizes {
      guard let mask = words.mask(size) else { return nil }
      masks.append(mask)
    }
  }
}

extension StoppingRule.Watch {
  var json: JSON.Value {
    [
      "metric": .string(monitor.metric), "rises": .bool(monitor.direction == .rises),
      "patience": .integer(rule.patience), "min_delta": .double(rule.minDelta),
      "best": .double(best), "best_epoch": .integer(bestEpoch), "waiting": .integer(waiting),
      "epochs": .integer(epochs),
    ]
  }

  init?(json: JSON.Value) {
    guard let metric = json["metric"]?.stringValue, let rises = json["rises"]?.boolValue,
      let patience = json["patience"]?.integerValue, patience >= 0,
      let minDelta = json["min_delta"]?.doubleValue, minDelta >= 0,
      let best = json["best"]?.doubleValue, let bestEpoch = json["best_epoch"]?.integerValue,
      let waiting = json["waiting"]?.integerValue, let epochs = json["epochs"]?.integerValue
    else { return nil }
    self.init(
      StoppingRule(patience: patience, minDelta: minDelta),
      Monitor(metric, rises ? .rises : .falls), first: best)
    self.bestEpoch = bestEpoch
    self.waiting = waiting
    self.epochs = epochs
  }
}

extension StepRecord {
  var json: JSON.Value {
    func metrics(_ metrics: Metrics?) -> JSON.Value { metrics.map { .object($0.values) } ?? .null }
    let end: JSON.Value =
      switch ending {
      case .epochs: "epochs"
      case .patience: "patience"
      case .notFinite(let epoch, let batch): [.integer(epoch), .integer(batch)]
      }
    return [
      "step": .integer(step), "target": target.map(JSON.Value.double) ?? .null,
      "zeros": .integer(zeros), "of": .integer(of), "epochs_max": .integer(epochsMax),
      "best_epoch": .integer(bestEpoch), "before": metrics(before), "after": metrics(after),
      "ending": end,
      "trace": .array(
        trace.map {
          [
            "epoch": .integer($0.epoch), "loss": .double($0.loss),
            "validation": metrics($0.validation), "seconds": .double($0.seconds),
          ]
        }),
    ]
  }

  init?(json: JSON.Value) {
    func metrics(_ name: String, of json: JSON.Value) -> Metrics? {
      json[name]?.objectValue.map(Metrics.init)
    }
    guard let step = json["step"]?.integerValue, let zeros = json["zeros"]?.integerValue,
      let of = json["of"]?.integerValue, let epochsMax = json["epochs_max"]?.integerValue,
      let bestEpoch = json["best_epoch"]?.integerValue, let ending = json["ending"],
      let trace = json["trace"]?.arrayValue?.all({ one -> Epoch? in
        guard let epoch = one["epoch"]?.integerValue, let loss = one["loss"]?.doubleValue,
          let seconds = one["seconds"]?.doubleValue
        else { return nil }
        return Epoch(
          epoch: epoch, loss: loss, validation: metrics("validation", of: one), seconds: seconds)
      })
    else { return nil }
    self.init(
      step: step, target: json["target"]?.doubleValue, zeros: zeros, of: of, epochsMax: epochsMax)
    self.trace = trace
    self.bestEpoch = bestEpoch
    before = metrics("before", of: json)
    after = metrics("after", of: json)
    if let place = ending.arrayValue?.wholes, place.count == 2 {
      self.ending = .notFinite(epoch: place[0], batch: place[1])
    } else {
      self.ending = ending.stringValue == "patience" ? .patience : .epochs
    }
  }
}

extension [JSON.Value] {
  /// All of them read; nil where one cannot be.
  func all<Read>(_ read: (JSON.Value) -> Read?) -> [Read]? {
    let known = compactMap(read)
    return known.count == count ? known : nil
  }

  /// All of them as whole numbers of 0 or more.
  var wholes: [Int]? { all { $0.integerValue.flatMap { $0 >= 0 ? $0 : nil } } }
}
