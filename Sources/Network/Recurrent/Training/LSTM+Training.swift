extension LSTM: TrainableCell {
  /// The gates and activation(c).
  func kept(step: [Int]) -> Int { kernels.width + kernels.units }

  func trainingScratch(step: [Int], rows: Int, steps: Int) -> Int {
    max(products.scratch(rows: rows, steps: steps), GateActivations.scratch(units: kernels.units))
  }

  func prepareForTraining(wantsInputs: Bool) { products.prepare(wantsInputs: wantsInputs) }

  func begin(_ run: CellRun) { products.multiplyInput(run, into: run.kept(kernels.width)) }

  func train(_ run: CellRun, at time: Int) {
    let z = run.kept(kernels.width, at: time)
    products.multiplyState(
      run.state(at: time), run, into: z, stride: kernels.width, bias: kernels.bias(1),
      adding: true)
    gates.trainLSTM(
      z, before: run.state(1, at: time), after: run.state(1, at: time + 1),
      shown: run.kept(kernels.units, after: kernels.width, at: time),
      h: run.state(at: time + 1), rows: run.rows, units: kernels.units, scratch: run.scratch)
  }

  func back(_ run: CellRun, at time: Int, _ gradients: UnsafeMutablePointer<Float>) {
    let z = run.kept(kernels.width, at: time)
    gates.backLSTM(
      z, before: run.state(1, at: time), after: run.state(1, at: time + 1),
      shown: run.kept(kernels.units, after: kernels.width, at: time), dh: gradients,
      dc: gradients + run.rows * run.units, rows: run.rows, units: kernels.units,
      scratch: run.scratch)
    products.multiplyStateBack(z, stride: kernels.width, run, into: gradients, adding: false)
  }

  func finish(_ run: CellRun, _ frame: TrainingFrame, wantsInput: Bool) {
    let dz = run.kept(kernels.width)
    products.finishState(run, run.state(at: 0), dz, stride: kernels.width, frame)
    kernels.variables.addBias(1, dz, rows: run.rows * run.steps, frame)
    products.finishInput(run, dz, frame, wantsInput: wantsInput)
  }
}
