import JSON

extension SweepPoint {
  public var json: JSON.Value {
    func metrics(_ metrics: Metrics?) -> JSON.Value { metrics.map { .object($0.values) } ?? .null }
    return [
      "schema": .string(Self.schema), "study": .string(study), "id": .string(coordinates.id),
      "point": coordinates.json, "steps": .integer(steps), "epochs": .integer(epochs),
      "zeros": .integer(zeros), "of": .integer(of), "validation": metrics(validation),
      "untrained": metrics(untrained), "test": metrics(test),
      "bytes": bytes.map(JSON.Value.integer) ?? .null, "seconds": .double(seconds),
      "scoring_passes": .integer(scoringPasses),
      "course": .array(
        course.map {
          [
            "epoch": .integer($0.epoch), "step": .integer($0.step),
            "sparsity": .double($0.sparsity),
            "value": $0.value.flatMap { $0.isFinite ? .double($0) : nil } ?? .null,
          ]
        }),
      "prune": report ?? .null,
    ]
  }

  /// Reads what `json` writes. Throws `StudyError.notASweepPoint`, with `path` in the message.
  public init(json: JSON.Value, path: String) throws(StudyError) {
    func metrics(_ name: String) -> Metrics? { json[name]?.objectValue.map(Metrics.init) }
    guard json["schema"]?.stringValue == Self.schema, let study = json["study"]?.stringValue,
      let coordinates = json["point"].flatMap(SweepCoordinates.init(json:)),
      json["id"]?.stringValue == coordinates.id, let steps = json["steps"]?.integerValue,
      let epochs = json["epochs"]?.integerValue, let zeros = json["zeros"]?.integerValue,
      let of = json["of"]?.integerValue, let test = metrics("test"),
      let seconds = json["seconds"]?.doubleValue,
      let passes = json["scoring_passes"]?.integerValue,
      let course = json["course"]?.arrayValue?.all({ one -> Epoch? in
        guard let epoch = one["epoch"]?.integerValue, let step = one["step"]?.integerValue,
          let sparsity = one["sparsity"]?.doubleValue
        else { return nil }
        return Epoch(
          epoch: epoch, step: step, sparsity: sparsity, value: one["value"]?.doubleValue)
      })
    else { throw .notASweepPoint(path: path) }
    self.init(
      study: study, coordinates: coordinates, steps: steps, epochs: epochs, zeros: zeros, of: of,
      validation: metrics("validation"), untrained: metrics("untrained"), test: test,
      bytes: json["bytes"]?.integerValue, seconds: seconds, scoringPasses: passes, course: course,
      // Points written before there was one have none.
      report: json["prune"]?.objectValue.map(JSON.Value.object))
  }
}

extension SweepCoordinates {
  var json: JSON.Value {
    [
      "kind": .string(kind.rawValue), "ratio": .double(ratio), "schedule": .string(schedule),
      "criterion": .string(criterion), "seed": .integer(seed), "variant": .string(variant),
    ]
  }

  init?(json: JSON.Value) {
    guard let kind = json["kind"]?.stringValue.flatMap(Kind.init(rawValue:)),
      let ratio = json["ratio"]?.doubleValue, let schedule = json["schedule"]?.stringValue,
      let criterion = json["criterion"]?.stringValue, let seed = json["seed"]?.integerValue,
      let variant = json["variant"]?.stringValue
    else { return nil }
    self.init(
      kind: kind, ratio: ratio, schedule: schedule, criterion: criterion, seed: seed,
      variant: variant)
  }
}

extension SweepPlan {
  public var json: JSON.Value {
    let fair: JSON.Value =
      switch fairness {
      case .equalBudget(let epochs): ["equal_budget": .integer(epochs)]
      case .bestOfGrid: "best_of_grid"
      }
    func strings(_ texts: [String]) -> JSON.Value { .array(texts.map(JSON.Value.string)) }
    return [
      "schema": .string(Self.schema), "study": .string(study),
      "ratios": .array(ratios.map(JSON.Value.double)), "schedules": strings(schedules),
      "criteria": strings(criteria), "seeds": .integer(seeds), "first_seed": .integer(firstSeed),
      "fair": fair, "variants": strings(variants), "metric": .string(metric),
    ]
  }

  /// Reads what `json` writes. Throws `StudyError.notASweepPoint`, with `path` in the message.
  public init(json: JSON.Value, path: String) throws(StudyError) {
    func strings(_ name: String) -> [String]? { json[name]?.arrayValue?.all(\.stringValue) }
    let fairness: Fairness? =
      if let epochs = json["fair"]?["equal_budget"]?.integerValue {
        .equalBudget(epochs)
      } else {
        json["fair"]?.stringValue == "best_of_grid" ? .bestOfGrid : nil
      }
    guard json["schema"]?.stringValue == Self.schema, let study = json["study"]?.stringValue,
      let ratios = json["ratios"]?.arrayValue?.all(\.doubleValue),
      let schedules = strings("schedules"), let criteria = strings("criteria"),
      let seeds = json["seeds"]?.integerValue, let firstSeed = json["first_seed"]?.integerValue,
      let fairness, let variants = strings("variants"), let metric = json["metric"]?.stringValue
    else { throw .notASweepPoint(path: path) }
    try self.init(
      study: study, ratios: ratios, schedules: schedules, criteria: criteria, seeds: seeds,
      firstSeed: firstSeed, fairness: fairness, variants: variants, metric: metric)
  }
}
