import CKernels

extension MaxoutDense: Trainable {
  var backwardReads: BackwardReads { [.inputs, .outputs] }

  /// What every map gives.
  func kept(_ call: Invocation) -> Int { kernel.shape[0] * kernel.shape[2] }

  func train(_ frame: TrainingFrame) {
    let (count, outputs) = (maps.count, kernel.shape[2])
    for (k, map) in maps.enumerated() {
      map.multiply(
        frame.input(), stride: map.inputs, into: frame.kept + k * outputs,
        stride: count * outputs, rows: frame.rows,
        bias: bias.map { UnsafePointer($0.values + k * outputs) })
    }
    for row in 0..<frame.rows {
      let (given, y) = (frame.kept + row * count * outputs, frame.output() + row * outputs)
      for i in 0..<outputs {
        var largest = given[i]
        for k in 1..<max(1, count) { largest = max(largest, given[k * outputs + i]) }
        y[i] = largest
      }
    }
  }

  func backward(_ frame: TrainingFrame) {
    let (count, inputs, outputs) = (maps.count, kernel.shape[1], kernel.shape[2])
    // The gradient goes in equal parts to all maps that gave the largest number.
    for row in 0..<frame.rows {
      let slopes = frame.kept + row * count * outputs
      let (y, dy) = (frame.output() + row * outputs, frame.outputGradient() + row * outputs)
      for i in 0..<outputs {
        let winners = (0..<count).count { slopes[$0 * outputs + i] == y[i] }
        for k in 0..<count {
          slopes[k * outputs + i] =
            slopes[k * outputs + i] == y[i] ? dy[i] / Float(winners) : 0
        }
      }
    }
    for k in 0..<count {
      let slopes = frame.kept + k * outputs
      if let gradient = frame.gradient(of: kernel) {
        Product.multiplyTransposed(
          frame.input(), stride: inputs, columns: inputs, rows: frame.rows, slopes,
          stride: count * outputs, width: outputs, into: gradient + k * inputs * outputs)
      }
      if let dx = frame.inputGradient() {
        Product.multiply(
          slopes, stride: count * outputs, rows: frame.rows, kernel.values + k * inputs * outputs,
          stride: outputs, isTransposed: true, inner: outputs, columns: inputs, into: dx,
          stride: inputs, adding: k > 0)
      }
    }
    if let bias, let gradient = frame.gradient(of: bias) {
      ColumnSums.add(frame.kept, rows: frame.rows, width: count * outputs, to: gradient)
    }
  }
}

extension Highway: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  /// The open gate, what the activation is given, and what it gives.
  func kept(_ call: Invocation) -> Int { 3 * width }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int { 2 * rows * width }

  func train(_ frame: TrainingFrame) {
    let (x, y, count) = (frame.input(), frame.output(), frame.rows * width)
    let (open, before) = (frame.kept, frame.kept + count)
    let after = before + count
    gate.multiply(
      x, stride: width, into: open, stride: width, rows: frame.rows,
      bias: carryBias.map { UnsafePointer($0.values) })
    ck_activate(ck_activation(CK_SIGMOID), 0, open, open, count)
    map.multiply(
      x, stride: width, into: before, stride: width, rows: frame.rows,
      bias: bias.map { UnsafePointer($0.values) })
    activation.apply(before, after, rows: frame.rows, width: width)
    for i in 0..<count { y[i] = after[i] * open[i] + (1 - open[i]) * x[i] }
  }

  func backward(_ frame: TrainingFrame) {
    let (x, dy, count) = (frame.input(), frame.outputGradient(), frame.rows * width)
    let (open, before) = (frame.kept, frame.kept + count)
    let after = before + count
    let (gateSlopes, mapSlopes) = (frame.scratch, frame.scratch + count)
    for i in 0..<count {
      gateSlopes[i] = dy[i] * (after[i] - x[i]) * open[i] * (1 - open[i])
      mapSlopes[i] = dy[i] * open[i]
    }
    activation.backpropagate(
      x: before, y: after, mapSlopes, into: mapSlopes, rows: frame.rows, width: width)
    for (kernel, bias, slopes) in [(carry, carryBias, gateSlopes), (kernel, bias, mapSlopes)] {
      if let gradient = frame.gradient(of: kernel) {
        Product.multiplyTransposed(
          x, stride: width, columns: width, rows: frame.rows, slopes, stride: width, width: width,
          into: gradient)
      }
      if let bias, let gradient = frame.gradient(of: bias) {
        ColumnSums.add(slopes, rows: frame.rows, width: width, to: gradient)
      }
    }
    guard let dx = frame.inputGradient() else { return }
    for i in 0..<count { dx[i] = dy[i] * (1 - open[i]) }
    for (kernel, slopes) in [(carry, gateSlopes), (kernel, mapSlopes)] {
      Product.multiply(
        slopes, stride: width, rows: frame.rows, kernel.values, stride: width, isTransposed: true,
        inner: width, columns: width, into: dx, stride: width, adding: true)
    }
  }
}
