extension SimpleRNN: TrainableCell {
  /// What the activation is given.
  func kept(step: [Int]) -> Int { kernels.units }

  func trainingScratch(step: [Int], rows: Int, steps: Int) -> Int {
    products.scratch(rows: rows, steps: steps)
  }

  func prepareForTraining(wantsInputs: Bool) { products.prepare(wantsInputs: wantsInputs) }

  func begin(_ run: CellRun) { products.multiplyInput(run, into: run.kept(kernels.units)) }

  func train(_ run: CellRun, at time: Int) {
    let z = run.kept(kernels.units, at: time)
    products.multiplyState(
      run.state(at: time), run, into: z, stride: kernels.units, adding: true)
    activation.apply(z, run.state(at: time + 1), rows: run.rows, width: kernels.units)
  }

  func back(_ run: CellRun, at time: Int, _ gradients: UnsafeMutablePointer<Float>) {
    let z = run.kept(kernels.units, at: time)
    activation.backpropagate(
      x: z, y: run.state(at: time + 1), gradients, into: z, rows: run.rows, width: kernels.units)
    products.multiplyStateBack(z, stride: kernels.units, run, into: gradients, adding: false)
  }

  func finish(_ run: CellRun, _ frame: TrainingFrame, wantsInput: Bool) {
    let dz = run.kept(kernels.units)
    products.finishState(run, run.state(at: 0), dz, stride: kernels.units, frame)
    products.finishInput(run, dz, frame, wantsInput: wantsInput)
  }
}
