import JSON

/// How well a model did on data: schema `coppice.eval/1`.
public struct EvalReport: Sendable, Equatable {
  public static let schema = "coppice.eval/1"

  /// The data that the model was run on.
  public struct Data: Sendable, Equatable {
    public var file: String
    /// `train`, `test` or `all`.
    public var part: String
    public var samples: Int

    public init(file: String, part: String, samples: Int) {
      self.file = file
      self.part = part
      self.samples = samples
    }
  }

  /// One class of an output.
  public struct Class: Sendable, Equatable {
    public var name: String
    public var total: Int
    public var predicted: Int
    public var correct: Int

    public init(name: String, total: Int, predicted: Int, correct: Int) {
      self.name = name
      self.total = total
      self.predicted = predicted
      self.correct = correct
    }

    /// Nil of nothing.
    public var precision: Double? { share(correct, of: predicted) }
    public var recall: Double? { share(correct, of: total) }
    public var f1: Double? { share(2 * correct, of: predicted + total) }
  }

  /// One output of the model.
  public struct Output: Sendable, Equatable {
    public var name: String
    /// `classification`, `binary`, `multi-label` or `regression`.
    public var task: String
    public var lossName: String?
    /// `loss` and the metrics, in the order in which they are shown.
    public var metrics: JSON.Object
    public var classes: [Class] = []
    /// `confusion[true class][predicted class]`.
    public var confusion: [[Int]] = []

    public init(name: String, task: String, lossName: String?, metrics: JSON.Object) {
      self.name = name
      self.task = task
      self.lossName = lossName
      self.metrics = metrics
    }
  }

  public var file: String
  public var container: String
  public var data: Data
  /// Of the outputs that have labels; empty where none has.
  public var outputs: [Output]
  /// The weighted sum of the losses.
  public var loss: Double?
  /// Of the forward passes alone.
  public var samplesPerSecond: Double
  public var notes: [String] = []

  public init(
    file: String, container: String, data: Data, outputs: [Output], loss: Double?,
    samplesPerSecond: Double
  ) {
    self.file = file
    self.container = container
    self.data = data
    self.outputs = outputs
    self.loss = loss
    self.samplesPerSecond = samplesPerSecond
  }

  /// What the whole model's METRICS are: those of the only output, or all outputs' with their names
  /// in front, as Keras names them.
  public var metrics: JSON.Object {
    if outputs.count == 1 { return outputs[0].metrics }
    var members: [(String, JSON.Value)] = []
    if let loss { members.append(("loss", .optional(loss))) }
    for output in outputs {
      for (name, value) in output.metrics.members {
        members.append(("\(output.name)_\(name)", value))
      }
    }
    return JSON.Object(members)
  }

  public var json: JSON.Value {
    let about: JSON.Value = [
      "file": .string(data.file), "part": .string(data.part), "samples": .integer(data.samples),
    ]
    let found: JSON.Value = outputs.isEmpty ? .null : .object(metrics)
    var object = JSON.Object([
      ("schema", .string(Self.schema)), ("file", .string(file)), ("container", .string(container)),
      ("data", about), ("metrics", found), ("samples_per_second", .optional(samplesPerSecond)),
    ])
    if outputs.count == 1 {
      let only = outputs[0]
      if !only.classes.isEmpty { object["per_class"] = .array(only.classes.map(\.json)) }
      if !only.confusion.isEmpty { object["confusion"] = only.confusionJSON }
    }
    object["outputs"] = .array(outputs.map(\.json))
    if !notes.isEmpty { object["notes"] = .strings(notes) }
    return .object(object)
  }

  /// One record a figure of an output.
  public var csv: CSV {
    var csv = CSV(columns: ["file", "data", "part", "samples", "output", "metric", "value"])
    for output in outputs {
      for (name, value) in output.metrics.members {
        csv.add([
          .text(file), .text(data.file), .text(data.part), .integer(data.samples),
          .text(output.name), .text(name),
          value.integerValue.map(CSV.Field.integer) ?? .optional(value.doubleValue),
        ])
      }
      for one in output.classes {
        for (name, value) in [
          ("precision", one.precision), ("recall", one.recall), ("f1", one.f1),
        ] {
          csv.add([
            .text(file), .text(data.file), .text(data.part), .integer(data.samples),
            .text(output.name), .text("\(name) of \(one.name)"), .optional(value),
          ])
        }
      }
    }
    return csv
  }
}

extension EvalReport.Class {
  var json: JSON.Value {
    [
      "class": .string(name), "total": .integer(total), "predicted": .integer(predicted),
      "correct": .integer(correct), "precision": .optional(precision), "recall": .optional(recall),
      "f1": .optional(f1),
    ]
  }
}

extension EvalReport.Output {
  var confusionJSON: JSON.Value { .array(confusion.map { .array($0.map(JSON.Value.integer)) }) }

  var json: JSON.Value {
    var object = JSON.Object([
      ("name", .string(name)), ("task", .string(task)), ("loss_name", .optional(lossName)),
      ("metrics", .object(metrics)),
    ])
    if !classes.isEmpty { object["per_class"] = .array(classes.map(\.json)) }
    if !confusion.isEmpty { object["confusion"] = confusionJSON }
    return .object(object)
  }
}
