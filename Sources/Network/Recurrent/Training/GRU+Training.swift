extension GRU: TrainableCell {
  /// The gates, and either what the products of the state give or what is left of it by the reset.
  func kept(step: [Int]) -> Int { kernels.width + (resetsAfter ? kernels.width : kernels.units) }

  func trainingScratch(step: [Int], rows: Int, steps: Int) -> Int {
    scratchOfProducts(rows: rows, steps: steps) + 2 * rows * kernels.units
  }

  /// Behind it lies what has to stay while a product is taken.
  private func scratchOfProducts(rows: Int, steps: Int) -> Int {
    Floats.rounded(
      max(products.scratch(rows: rows, steps: steps), GateActivations.scratch(units: kernels.units))
    )
  }

  func prepareForTraining(wantsInputs: Bool) { products.prepare(wantsInputs: wantsInputs) }

  func begin(_ run: CellRun) { products.multiplyInput(run, into: run.kept(kernels.width)) }

  func train(_ run: CellRun, at time: Int) {
    let (units, width, rows) = (kernels.units, kernels.width, run.rows)
    let x = run.kept(width, at: time)
    let (before, after) = (run.state(at: time), run.state(at: time + 1))
    guard !resetsAfter else {
      let r = run.kept(width, after: width, at: time)
      products.multiplyState(
        before, run, into: r, stride: width, bias: kernels.bias(1), adding: false)
      return gates.trainGRU(
        x, r, before: before, after: after, rows: rows, units: units, scratch: run.scratch)
    }
    let r = run.scratch + scratchOfProducts(rows: rows, steps: run.steps)
    let reset = run.kept(units, after: width, at: time)
    products.multiplyState(before, run, into: r, stride: 2 * units, adding: false)
    gates.trainReset(
      x, r, before, mask: products.stateMask(run, gate: 2), into: reset, rows: rows, units: units,
      scratch: run.scratch)
    products.multiplyState(
      reset, part: 1, run, drops: false, into: x + 2 * units, stride: width, adding: true)
    gates.trainBlend(
      x, before: before, after: after, rows: rows, units: units, scratch: run.scratch)
  }

  func back(_ run: CellRun, at time: Int, _ gradients: UnsafeMutablePointer<Float>) {
    let (units, width, rows) = (kernels.units, kernels.width, run.rows)
    let x = run.kept(width, at: time)
    let before = run.state(at: time)
    guard !resetsAfter else {
      let r = run.kept(width, after: width, at: time)
      gates.backGRU(
        x, r, before: before, dh: gradients, rows: rows, units: units, scratch: run.scratch)
      return products.multiplyStateBack(r, stride: width, run, into: gradients, adding: true)
    }
    let dreset = run.scratch + scratchOfProducts(rows: rows, steps: run.steps)
    gates.backBlend(
      x, before: before, dh: gradients, rows: rows, units: units, scratch: run.scratch)
    products.multiplyStateBack(
      x + 2 * units, stride: width, part: 1, run, drops: false, into: dreset, adding: false)
    gates.backReset(
      x, before, mask: products.stateMask(run, gate: 2), dreset, dh: gradients, rows: rows,
      units: units, scratch: run.scratch)
    products.multiplyStateBack(x, stride: width, run, into: gradients, adding: true)
  }

  func finish(_ run: CellRun, _ frame: TrainingFrame, wantsInput: Bool) {
    let (units, width, rows) = (kernels.units, kernels.width, run.rows * run.steps)
    let dx = run.kept(width)
    if resetsAfter {
      let dr = run.kept(width, after: width)
      products.finishState(run, run.state(at: 0), dr, stride: width, frame)
      kernels.variables.addBias(1, dr, rows: rows, frame)
    } else {
      products.finishState(run, run.state(at: 0), dx, stride: width, frame)
      products.finishState(
        run, run.kept(units, after: width), part: 1, drops: false, dx + 2 * units, stride: width,
        frame)
    }
    products.finishInput(run, dx, frame, wantsInput: wantsInput)
  }
}
