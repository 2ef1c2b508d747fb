import CKernels

/// What a thread does with the rows of a chunk: one call on the way forward, and one on the way back.
extension TrainingPass {
  func forward(
    _ index: Int, _ lane: Int, _ chunk: Range<Int>, _ inputs: [UnsafePointer<Float>],
    _ random: (Int) -> RandomStream
  ) {
    let frame = frame(index, lane, chunk, inputs, random, isBack: false)
    if let trainable = plan.steps[index].trainable {
      trainable.train(frame)
    } else {
      plan.steps[index].node.layer.forward(frame.frame)
    }
  }

  func gather(
    _ index: Int, _ lane: Int, _ chunk: Range<Int>, _ inputs: [UnsafePointer<Float>],
    _ random: (Int) -> RandomStream, isBack: Bool
  ) {
    guard let batched = plan.steps[index].batched else { return }
    let place = sums + lane * sumSize + sumPlaces[index]
    if chunk.lowerBound == workspaces[lane].range.lowerBound {
      place.update(repeating: 0, count: batched.sums(plan.steps[index].node.call))
    }
    let frame = frame(index, lane, chunk, inputs, random, isBack: isBack)
    if isBack {
      fillUnreached(plan.steps[index], frame)
      batched.gatherBack(frame, into: place)
    } else {
      batched.gather(frame, into: place)
    }
  }

  /// Puts the sums of the lanes together and has the layer make of them what it needs.
  func settle(_ index: Int, rows: Int, isBack: Bool) {
    let step = plan.steps[index]
    guard let batched = step.batched, !isBack || step.goesBack else { return }
    let count = batched.sums(step.node.call)
    let total = sums + sumPlaces[index]
    for lane in 1..<max(1, lanes) where !workspaces[lane].range.isEmpty {
      let other = total + lane * sumSize
      for i in 0..<count { total[i] += other[i] }
    }
    let (call, place) = (step.node.call, settled + settledPlaces[index])
    let count2 = rows * step.node.rowsPerSample
    if isBack {
      batched.settleBack(call, sums: total, rows: count2, into: place) { gradients[$0.place] }
    } else {
      batched.settle(call, sums: total, rows: count2, into: place)
    }
  }

  func fillUnreached(_ step: TrainingPlan.Step, _ frame: TrainingFrame) {
    for output in step.unreached {
      frame.outputGradient(output)
        .update(repeating: 0, count: frame.rows * step.node.outputs[output].count)
    }
  }

  /// The way back through a part, from the call that stops all rows behind it to its first.
  func back(
    _ part: Int, _ lane: Int, _ chunk: Range<Int>, _ inputs: [UnsafePointer<Float>],
    _ random: (Int) -> RandomStream, _ loss: LossGradient?
  ) {
    let steps = stepRange(part)
    if let loss {
      for (k, output) in plan.outputs.enumerated() {
        let value = plan.values[output]
        guard plan.hasGradient[value.storage], let place = memory.gradients[value.storage] else {
          continue
        }
        let mask = value.mask.map {
          UnsafePointer(base + (memory.values[$0.storage] ?? 0))
            + chunk.lowerBound * plan.storages[$0.storage].floats
        }
        loss(
          k, chunk, UnsafePointer(pointer(output, inputs, chunk.lowerBound)), mask,
          base + place + chunk.lowerBound * value.floats)
      }
    } else if plan.steps.indices.contains(steps.upperBound) {
      backward(steps.upperBound, lane, chunk, inputs, random)
    }
    for index in steps.reversed() {
      if plan.steps[index].batched != nil, index == steps.lowerBound {
        if plan.steps[index].goesBack {
          gather(index, lane, chunk, inputs, random, isBack: true)
        }
      } else {
        backward(index, lane, chunk, inputs, random)
      }
    }
  }

  func backward(
    _ index: Int, _ lane: Int, _ chunk: Range<Int>, _ inputs: [UnsafePointer<Float>],
    _ random: (Int) -> RandomStream
  ) {
    let step = plan.steps[index]
    guard step.goesBack, let trainable = step.trainable else { return }
    let frame = frame(index, lane, chunk, inputs, random, isBack: true)
    if step.batched == nil { fillUnreached(step, frame) }
    if let epilogue = step.epilogue {
      let gradient = frame.outputGradient()
      epilogue.backpropagate(
        x: nil, y: frame.output(), gradient, into: gradient,
        rows: frame.rows * step.node.outputs[0].outer, width: step.node.outputs[0].width)
    }
    trainable.backward(frame)
    for (k, value) in step.node.inputPlaces.enumerated() where step.targets[k] == .add {
      let workspace = workspaces[lane]
      guard let from = workspace.targets[k], let to = workspace.gradients[value] else { continue }
      Sums.add(from, to: to, count: plan.values[value].floats * chunk.count)
    }
  }
}
