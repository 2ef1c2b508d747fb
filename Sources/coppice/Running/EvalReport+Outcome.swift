import Datasets
import JSON
import Network
import Reports

extension EvalReport {
  /// The report of a run of `data`'s evaluation part.
  init(
    file: String, container: String, data: DataSet, _ outcome: ModelOnData.Outcome,
    notes: [String], classes: Bool, confusion: Bool
  ) {
    let part = data.evaluation
    var outputs: [Output] = []
    for found in outcome.findings?.outputs ?? [] {
      var output = Output(
        name: found.name, task: found.task.rawValue, lossName: found.lossName,
        metrics: found.metrics)
      let names = part.targets.first { $0.name == found.name }?.classNames
      if let counts = found.classes {
        let all = counts.classes.enumerated().map { place, one in
          Class(
            name: names.flatMap { $0.indices.contains(place) ? $0[place] : nil } ?? "\(place)",
            total: one.total, predicted: one.predicted, correct: one.correct)
        }
        if classes { output.classes = all }
        if confusion, !counts.matrix.isEmpty {
          let width = all.count
          output.confusion = (0..<width).map { row in
            Array(counts.matrix[row * width..<(row + 1) * width])
          }
        }
      }
      outputs.append(output)
    }
    self.init(
      file: file, container: container,
      data: .init(file: data.path(of: part), part: part.name, samples: outcome.samples), outputs: outputs,
      loss: outcome.findings?.loss, samplesPerSecond: outcome.samplesPerSecond)
    self.notes = notes
    for found in outcome.findings?.outputs ?? [] where found.nonfinite > 0 {
      self.notes.append(
        "\(found.nonfinite) of \(found.items) items have NaN or infinity in output '\(found.name)'")
    }
  }

  /// The METRICS of a run by themselves.
  static func metrics(of outcome: ModelOnData.Outcome) -> JSON.Object {
    EvalReport(
      file: "", container: "", data: .init(file: "", part: "", samples: outcome.samples),
      outputs: (outcome.findings?.outputs ?? []).map {
        .init(name: $0.name, task: $0.task.rawValue, lossName: $0.lossName, metrics: $0.metrics)
      }, loss: outcome.findings?.loss, samplesPerSecond: outcome.samplesPerSecond
    ).metrics
  }

  /// What `--require` can ask for.
  var requirements: [Requirement.Metric: Double] { metrics.requirements }
}

extension JSON.Object {
  /// What `--require` can ask of METRICS: the loss, which is NaN where it is no number, so that nothing
  /// holds of it, and the accuracy, of several outputs the lowest.
  var requirements: [Requirement.Metric: Double] {
    var values: [Requirement.Metric: Double] = [:]
    if let loss = self["loss"] { values[.loss] = loss.doubleValue ?? .nan }
    let accuracies = members.filter { $0.0 == "accuracy" || $0.0.hasSuffix("_accuracy") }
    values[.accuracy] = accuracies.compactMap(\.1.doubleValue).min()
    return values
  }
}

extension Evaluation.Output {
  /// `loss` and all figures by their names.
  var metrics: JSON.Object {
    var members: [(String, JSON.Value)] = []
    if let loss { members.append(("loss", loss.isFinite ? .double(loss) : .null)) }
    for score in scores {
      switch score.value {
      case .count(let count): members.append((score.name, .integer(count)))
      case .number(let number):
        members.append((score.name, number.isFinite ? .double(number) : .null))
      }
    }
    return JSON.Object(members)
  }
}
