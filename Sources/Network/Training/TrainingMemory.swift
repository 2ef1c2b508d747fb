/// Where the values of a whole batch and their gradients lie: `[batch][floats]` each.
///
/// Time goes by parts, forward and back again; what is not needed at the same time may lie at the same
/// place.
struct TrainingMemory {
  /// Floats from the start, by storage.
  private(set) var values: [Int?]
  private(set) var gradients: [Int?]
  /// By step: what is left for the way back.
  private(set) var kept: [Int]
  private(set) var count = 0

  private struct Need {
    var floats: Int
    var from: Int
    var to: Int
  }

  init(_ plan: TrainingPlan, batch: Int) {
    let last = plan.parts - 1
    let end = 2 * last + 1
    // The way back through part p comes at this time; a call that stops all rows is the first of its
    // part, and goes back with the one before.
    func back(_ step: TrainingPlan.Step) -> Int {
      2 * last - (step.batched == nil ? step.part : max(0, step.part - 1))
    }
    var values = [Need?](repeating: nil, count: plan.storages.count)
    var gradients = [Need?](repeating: nil, count: plan.storages.count)
    func touch(_ needs: inout [Need?], _ storage: Int, _ time: Int) {
      let floats = plan.storages[storage].floats
      var need = needs[storage] ?? Need(floats: floats, from: time, to: time)
      need.from = min(need.from, time)
      need.to = max(need.to, time)
      needs[storage] = need
    }
    func touchValue(_ value: Int, _ time: Int) {
      touch(&values, plan.values[value].storage, time)
      if let mask = plan.values[value].mask { touch(&values, mask.storage, time) }
    }
    var kept: [Need] = []
    for step in plan.steps {
      let floats = step.kept * step.node.rowsPerSample
      kept.append(Need(floats: floats, from: step.part, to: step.goesBack ? back(step) : step.part))
      // A call that stops all rows has its sums taken in the part before.
      let forward = step.batched == nil ? step.part : step.part - 1
      for value in step.node.inputPlaces {
        touchValue(value, forward)
        touchValue(value, step.part)
      }
      for value in step.node.outputPlaces { touchValue(value, step.part) }
      guard step.goesBack else { continue }
      let reads = step.trainable?.backwardReads ?? []
      for (k, value) in step.node.inputPlaces.enumerated() {
        if reads.contains(.inputs) { touchValue(value, back(step)) }
        if let mask = plan.values[value].mask { touch(&values, mask.storage, back(step)) }
        if step.targets[k] != .unwanted {
          touch(&gradients, plan.values[value].storage, back(step))
        }
      }
      for value in step.node.outputPlaces {
        if reads.contains(.outputs) || step.epilogue != nil { touchValue(value, back(step)) }
        touch(&gradients, plan.values[value].storage, back(step))
        if step.batched != nil { touch(&gradients, plan.values[value].storage, back(step) - 1) }
      }
      for product in step.deferred {
        touchValue(step.node.inputPlaces[product.input], end)
        touch(&gradients, plan.values[step.node.outputPlaces[product.output]].storage, end)
      }
    }
    for value in plan.outputs {
      touchValue(value, end)
      if plan.hasGradient[plan.values[value].storage] {
        touch(&gradients, plan.values[value].storage, last)
      }
    }
    self.values = [Int?](repeating: nil, count: values.count)
    self.gradients = [Int?](repeating: nil, count: gradients.count)
    self.kept = [Int](repeating: 0, count: kept.count)
    var placed: [(range: Range<Int>, need: Need)] = []
    func place(_ need: Need) -> Int {
      let size = Floats.rounded(need.floats * batch) + Arena.guarded
      var start = 0
      let others = placed.filter { $0.need.from <= need.to && need.from <= $0.need.to }
        .sorted { $0.range.lowerBound < $1.range.lowerBound }
      for other in others {
        if start + size <= other.range.lowerBound { break }
        start = max(start, other.range.upperBound)
      }
      placed.append((start..<start + size, need))
      count = max(count, start + size)
      return start
    }
    for storage in values.indices {
      guard plan.storages[storage].kind == .arena, let need = values[storage] else { continue }
      self.values[storage] = place(need)
    }
    for (step, need) in kept.enumerated() where need.floats > 0 { self.kept[step] = place(need) }
    for storage in gradients.indices {
      guard let need = gradients[storage] else { continue }
      self.gradients[storage] = place(need)
    }
  }
}
