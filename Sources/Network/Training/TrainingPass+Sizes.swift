/// How a batch is cut: by the network and the size of the batch alone, so that results do not depend
/// on the machine.
extension TrainingPass {
  /// Parameters of which some call has a deferred product and another adds as it goes.
  static func ownDeferred(_ plan: TrainingPlan) -> Set<Int> {
    var own: Set<Int> = []
    for step in plan.steps where step.goesBack {
      let deferred = Set(step.deferred.map(\.kernel.place))
      for parameter in step.node.layer.parameters where !deferred.contains(parameter.place) {
        own.insert(parameter.place)
      }
    }
    return own
  }

  /// Multiply-adds of a sample on the way forward, about.
  static func work(_ plan: TrainingPlan) -> Int {
    plan.steps.reduce(0) { sum, step in
      let positions = max(
        step.node.call.inputs.first?.outer ?? 1, step.node.outputs.first?.outer ?? 1)
      let kernels = step.node.layer.parameters.filter { $0.shape.count > 1 }
      return sum + step.node.rowsPerSample * positions * kernels.reduce(0) { $0 + $1.count }
    }
  }

  /// As many lanes as keep cores busy, unless each would have next to nothing to do or the memory for
  /// gradients grew past reason.
  static func lanes(_ plan: TrainingPlan, batch: Int, slot: Int) -> Int {
    let byWork = batch * work(plan) / 8_000_000
    let byMemory = (64 << 20) / max(1, slot)
    return max(1, min(batch, max(2, min(8, byWork, byMemory))))
  }

  /// Rows that go through the layers together: few enough for a core's second-level cache.
  static func chunk(_ plan: TrainingPlan, rows: Int) -> Int {
    var floats = 1
    for step in plan.steps {
      let all = (step.node.inputPlaces + step.node.outputPlaces).reduce(0) {
        $0 + plan.values[$1].floats
      }
      floats = max(floats, 2 * all + step.kept * step.node.rowsPerSample)
    }
    let most = max(1, (1 << 18) / floats)
    let pieces = (rows + most - 1) / most
    return max(1, (rows + pieces - 1) / pieces)
  }
}
