import JSON

extension SweepTable {
  public static let schema = "coppice.sweep/1"

  public var json: JSON.Value {
    [
      "schema": .string(Self.schema), "plan": plan.json, "metric": .string(plan.metric),
      "dense": .finite(dense), "rows": .array(rows.map(\.json)),
      "comparisons": .array(comparisons.map(\.json)), "crossovers": .array(changes.map(\.json)),
      "missing": .array(missing.map { .string($0.id) }),
      "notes": .array(notes.map(JSON.Value.string)),
    ]
  }
}

extension JSON.Value {
  /// null for nil, NaN and the infinities.
  static func finite(_ value: Double?) -> JSON.Value {
    value.flatMap { $0.isFinite ? .double($0) : nil } ?? .null
  }
}

extension Summary {
  var json: JSON.Value {
    [
      "n": .integer(count), "mean": .finite(mean), "std": .finite(deviation),
      "half_width_95": .finite(halfWidth()),
    ]
  }
}

extension SweepTable.Row {
  var json: JSON.Value {
    [
      "criterion": .string(criterion), "schedule": schedule.map(JSON.Value.string) ?? .null,
      "ratio": .double(ratio), "variant": .string(variant), "result": result.json,
      "untrained": untrained?.json ?? .null, "steps": .integer(steps), "epochs": epochs.json,
      "zeros": .integer(zeros), "bytes": bytes?.json ?? .null, "seconds": seconds.json,
      "by_seed": .object(
        JSON.Object(
          bySeed.sorted { $0.key < $1.key }.map { ("\($0.key)", JSON.Value.finite($0.value)) })),
    ]
  }
}

extension SweepTable.Comparison {
  var json: JSON.Value {
    [
      "criterion": .string(criterion), "first": .string(first), "second": .string(second),
      "ratio": .double(ratio), "difference": paired.difference.json,
      "better": .string(paired.verdict.rawValue),
    ]
  }
}

extension SweepTable.Change {
  var json: JSON.Value {
    [
      "criterion": .string(criterion), "first": .string(first), "second": .string(second),
      "at": .array(
        crossovers.map {
          [
            "ratio": .finite($0.ratio), "low": .double($0.interval.lowerBound),
            "high": .double($0.interval.upperBound), "open_below": .bool($0.isOpenBelow),
            "open_above": .bool($0.isOpenAbove),
          ]
        }),
    ]
  }
}
