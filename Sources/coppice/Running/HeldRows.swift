import Datasets
import JSON
import Network
import Reports

/// Rows in memory, and room for one batch of them.
final class HeldRows {
  /// Bytes that rows may take in memory.
  static let memory = 8 << 30
  let rows: TrainingRows
  /// Rows of a batch at most.
  let batch: Int
  /// How the targets of each output are given; nil where there are none.
  let forms: [Evaluation.TargetForm?]
  private let room: [UnsafeMutablePointer<Float>]
  private let classes: [UnsafeMutablePointer<Int32>?]
  private let floats: [UnsafeMutablePointer<Float>?]
  private let weights: UnsafeMutablePointer<Float>

  init(_ rows: TrainingRows, batch: Int, outputs: Int) {
    self.rows = rows
    self.batch = batch
    let part = rows.part
    forms = part.forms(outputs: outputs)
    room = part.inputs.map { .allocate(capacity: max(1, batch * $0.itemCount)) }
    classes = part.targets.map {
      $0.hasClasses ? .allocate(capacity: max(1, batch * $0.positions)) : nil
    }
    floats = part.targets.map {
      $0.hasClasses ? nil : .allocate(capacity: max(1, batch * $0.positions * $0.width))
    }
    weights = .allocate(capacity: batch)
  }

  deinit {
    for room in room { room.deallocate() }
    for room in classes { room?.deallocate() }
    for room in floats { room?.deallocate() }
    weights.deallocate()
  }

  /// Where `gather` leaves the inputs, `[rows][shape…]` each.
  var inputs: [UnsafePointer<Float>] { room.map { UnsafePointer($0) } }

  /// Takes a batch in, and gives its targets by output.
  func gather(
    _ chosen: ArraySlice<Int>, varied variation: TrainingRows.Variation? = nil
  ) -> [Evaluation.Targets?] {
    for (index, room) in room.enumerated() {
      rows.gather(chosen, input: index, varied: variation, into: room)
    }
    var targets = [Evaluation.Targets?](repeating: nil, count: forms.count)
    for (index, target) in rows.part.targets.enumerated() {
      if let room = classes[index] {
        rows.gatherClasses(chosen, target: index, into: room)
        targets[target.output] = .classes(UnsafePointer(room))
      } else if let room = floats[index] {
        rows.gatherFloats(chosen, target: index, into: room)
        targets[target.output] = .values(UnsafePointer(room))
      }
    }
    return targets
  }

  /// What the rows of a batch weigh; nil where all weigh 1.
  func gatherWeights(_ chosen: ArraySlice<Int>) -> UnsafePointer<Float>? {
    guard rows.weights != nil else { return nil }
    rows.gatherWeights(chosen, into: weights)
    return UnsafePointer(weights)
  }

  /// How the model of `pair` does on some of the rows.
  func metrics(
    _ measured: [Int], of pair: ModelOnData, _ options: Evaluation.Options
  ) throws -> JSON.Object {
    let evaluation = try Evaluation(
      pair.network, of: pair.model, targets: forms, options: options)
    let room = OutputRoom(pair.network, rows: batch)
    for start in stride(from: 0, to: measured.count, by: batch) {
      let chosen = measured[start..<min(measured.count, start + batch)]
      let targets = gather(chosen)
      try pair.network.predict(
        inputs, rows: chosen.count, into: room.results, masks: room.masks)
      room.add(to: evaluation, targets: targets, weights: gatherWeights(chosen), rows: chosen.count)
    }
    return EvalReport.metrics(
      of: ModelOnData.Outcome(
        findings: evaluation.findings, notes: [], samples: measured.count, seconds: 1))
  }
}
