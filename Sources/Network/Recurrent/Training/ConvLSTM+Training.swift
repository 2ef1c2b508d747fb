import CKernels

extension ConvLSTM: TrainableCell {
  private func positions(_ step: [Int]) -> Int {
    windows(step).input.reduce(1) { $0 * $1.output }
  }

  /// The gates and activation(c).
  func kept(step: [Int]) -> Int { 5 * positions(step) * filters }

  func trainingScratch(step: [Int], rows: Int, steps: Int) -> Int {
    guard let products = products[step] else { return 0 }
    let images = rows * steps
    return max(
      products.input.scratch(images: images, isMasked: dropout.inputMasks > 0),
      products.state.scratch(images: images, isMasked: dropout.stateMasks > 0),
      GateActivations.scratch(units: filters))
  }

  func prepareForTraining(wantsInputs: Bool) {
    prepare()
    joined(kernels) { values in for products in products.values { products.input.pack(values) } }
    joined(recurrent) { values in for products in products.values { products.state.pack(values) } }
  }

  func begin(_ run: CellRun) {
    var epilogue = ck_epilogue()
    epilogue.shift = UnsafePointer(bias)
    products[run.step]?.input.multiply(
      run.x, rows: run.rows, steps: run.steps, masks: run.inputMasks, epilogue,
      into: run.kept(4 * run.units), scratch: run.scratch)
  }

  func train(_ run: CellRun, at time: Int) {
    let z = run.kept(4 * run.units, at: time)
    var epilogue = ck_epilogue()
    epilogue.accumulate = true
    products[run.step]?.state.multiply(
      run.state(at: time), rows: run.rows, steps: 1, masks: run.stateMasks, epilogue, into: z,
      scratch: run.scratch)
    // Every position is a unit's row of its own.
    gates.trainLSTM(
      z, before: run.state(1, at: time), after: run.state(1, at: time + 1),
      shown: run.kept(run.units, after: 4 * run.units, at: time), h: run.state(at: time + 1),
      rows: run.rows * run.units / filters, units: filters, scratch: run.scratch)
  }

  func back(_ run: CellRun, at time: Int, _ gradients: UnsafeMutablePointer<Float>) {
    let z = run.kept(4 * run.units, at: time)
    gates.backLSTM(
      z, before: run.state(1, at: time), after: run.state(1, at: time + 1),
      shown: run.kept(run.units, after: 4 * run.units, at: time), dh: gradients,
      dc: gradients + run.rows * run.units, rows: run.rows * run.units / filters, units: filters,
      scratch: run.scratch)
    products[run.step]?.state.input(
      z, rows: run.rows, steps: 1, masks: run.stateMasks, into: gradients, scratch: run.scratch)
  }

  func finish(_ run: CellRun, _ frame: TrainingFrame, wantsInput: Bool) {
    guard let products = products[run.step] else { return }
    let dz = run.kept(4 * run.units)
    addBias(dz, rows: run.rows * run.steps * run.units / filters, frame)
    withJoinedGradient(recurrent, frame) {
      products.state.addKernel(
        run.state(at: 0), dz, rows: run.rows, steps: run.steps, masks: run.stateMasks, to: $0,
        scratch: run.scratch)
    }
    withJoinedGradient(kernels, frame) {
      products.input.addKernel(
        run.x, dz, rows: run.rows, steps: run.steps, masks: run.inputMasks, to: $0,
        scratch: run.scratch)
    }
    guard wantsInput else { return }
    products.input.input(
      dz, rows: run.rows, steps: run.steps, masks: run.inputMasks, into: run.x,
      scratch: run.scratch)
  }

  private func addBias(_ dz: UnsafePointer<Float>, rows: Int, _ frame: TrainingFrame) {
    for (gate, bias) in biases.enumerated() {
      guard let gradient = frame.gradient(of: bias) else { continue }
      guard biases.count > 1 else {
        return ColumnSums.add(dz, rows: rows, width: 4 * filters, to: gradient)
      }
      for row in 0..<rows {
        Sums.add(dz + (row * 4 + gate) * filters, to: gradient, count: filters)
      }
    }
  }

  /// Calls `add` with a place for the gradient of all gates side by side, and adds what it adds there
  /// to the variables that are trained.
  private func withJoinedGradient(
    _ parts: [Parameter], _ frame: TrainingFrame, _ add: (UnsafeMutablePointer<Float>) -> Void
  ) {
    let gradients = parts.map { frame.gradient(of: $0) }
    guard parts.count > 1 else {
      if let gradient = gradients.first ?? nil { add(gradient) }
      return
    }
    guard gradients.contains(where: { $0 != nil }) else { return }
    let joined = Floats.allocate(parts.count * parts[0].count)
    defer { joined.deallocate() }
    add(joined)
    for (gate, gradient) in gradients.enumerated() {
      guard let gradient else { continue }
      for row in 0..<parts[gate].count / filters {
        Sums.add(
          joined + (row * parts.count + gate) * filters, to: gradient + row * filters,
          count: filters)
      }
    }
  }
}
