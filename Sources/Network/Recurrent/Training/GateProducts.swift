/// A cell's kernels on both ways of training: the products of `GateKernels`, those with the transposed
/// kernels, and all of them where dropout gives every gate an input of its own.
final class GateProducts {
  private let kernels: GateKernels
  private let variables: GateVariables
  private let dropout: CellDropout
  private let gates: Int
  private let kernelBack: PackedTranspose
  private let stateBack: [PackedTranspose]
  /// `[inputs][gates][units]` and `[units][gates][units]`.
  private let kernel: UnsafeMutablePointer<Float>
  private let recurrent: UnsafeMutablePointer<Float>

  init(_ kernels: GateKernels, _ dropout: CellDropout) {
    self.kernels = kernels
    self.dropout = dropout
    variables = kernels.variables
    gates = variables.gates
    kernelBack = PackedTranspose(inputs: variables.inputs, outputs: kernels.width)
    let units = kernels.units
    stateBack = kernels.parts.map {
      PackedTranspose(inputs: units, outputs: $0.count * units)
    }
    kernel = Floats.allocate(variables.inputs * kernels.width)
    recurrent = Floats.allocate(units * kernels.width)
  }

  deinit {
    kernel.deallocate()
    recurrent.deallocate()
  }

  func prepare(wantsInputs: Bool) {
    kernels.prepare()
    let (units, width) = (kernels.units, kernels.width)
    variables.copyKernel(to: kernel)
    variables.copyRecurrentKernel(to: recurrent)
    if wantsInputs { kernelBack.pack(kernel, stride: width) }
    guard dropout.stateMasks == 0 else { return }
    for (part, back) in zip(kernels.parts, stateBack) {
      back.pack(recurrent + part.lowerBound * units, stride: width)
    }
  }

  /// For rows of one step or all of them, where every gate has a mask.
  func scratch(rows: Int, steps: Int) -> Int {
    (dropout.inputMasks > 1 || dropout.stateMasks > 0)
      ? rows * steps * max(variables.inputs, kernels.units) : 0
  }

  // MARK: The input

  /// The masks of the input by gate, where there are such.
  private func inputMasks(_ run: CellRun) -> UnsafeMutablePointer<Float>? {
    dropout.inputMasks > 1 ? run.inputMasks : nil
  }

  /// z = x·W + b of all steps.
  func multiplyInput(_ run: CellRun, into z: UnsafeMutablePointer<Float>) {
    let (units, width) = (kernels.units, kernels.width)
    let rows = run.rows * run.steps
    guard let masks = inputMasks(run) else {
      return kernels.multiplyInput(run.x, stride: run.inputs, rows: rows, into: z)
    }
    for gate in 0..<gates {
      mask(run.x, run, masks, gate, width: run.inputs, steps: run.steps)
      Product.multiply(
        run.scratch, stride: run.inputs, rows: rows, kernel + gate * units, stride: width,
        inner: run.inputs, columns: units, into: z + gate * units, stride: width)
    }
    addBias(kernels.bias(0), rows: rows, width: width, to: z, stride: width)
  }

  /// Adds to the gradients of the input's kernel and bias what `dz` of all steps gives, and writes
  /// that of the input over the input.
  func finishInput(
    _ run: CellRun, _ dz: UnsafePointer<Float>, _ frame: TrainingFrame, wantsInput: Bool
  ) {
    let (units, width) = (kernels.units, kernels.width)
    let rows = run.rows * run.steps
    variables.addBias(0, dz, rows: rows, frame)
    guard let masks = inputMasks(run) else {
      variables.addKernel(run.x, rows: rows, dz, stride: width, gates: 0..<gates, frame)
      if wantsInput {
        kernelBack.multiply(dz, stride: width, rows: rows, into: run.x, stride: run.inputs)
      }
      return
    }
    for gate in 0..<gates {
      mask(run.x, run, masks, gate, width: run.inputs, steps: run.steps)
      variables.addKernel(
        run.scratch, rows: rows, dz + gate * units, stride: width, gates: gate..<gate + 1, frame)
    }
    guard wantsInput else { return }
    run.x.update(repeating: 0, count: rows * run.inputs)
    for gate in 0..<gates {
      Product.multiply(
        dz + gate * units, stride: width, rows: rows, kernel + gate * units, stride: width,
        isTransposed: true, inner: units, columns: run.inputs, into: run.scratch,
        stride: run.inputs)
      mask(run.scratch, run, masks, gate, width: run.inputs, steps: run.steps)
      Sums.add(run.scratch, to: run.x, count: rows * run.inputs)
    }
  }

  // MARK: The state

  /// v·U of the gates in part `index`, added to or put in the place of `z`. `drops`: whether v is
  /// what dropout takes from.
  func multiplyState(
    _ v: UnsafePointer<Float>, part index: Int = 0, _ run: CellRun, drops: Bool = true,
    into z: UnsafeMutablePointer<Float>, stride: Int, bias: UnsafePointer<Float>? = nil,
    adding: Bool
  ) {
    guard drops, let masks = run.stateMasks else {
      return kernels.multiplyState(
        v, part: index, rows: run.rows, into: z, stride: stride, bias: bias, adding: adding)
    }
    let units = kernels.units
    let part = kernels.parts[index]
    for gate in part {
      mask(v, run, masks, gate, width: units, steps: 1)
      Product.multiply(
        run.scratch, stride: units, rows: run.rows, recurrent + gate * units,
        stride: kernels.width, inner: units, columns: units,
        into: z + (gate - part.lowerBound) * units, stride: stride, adding: adding)
    }
    addBias(bias, rows: run.rows, width: part.count * units, to: z, stride: stride)
  }

  /// The way back of `multiplyState`: `dz` by the transposed kernels, added to or put in the place of
  /// `dv`.
  func multiplyStateBack(
    _ dz: UnsafePointer<Float>, stride: Int, part index: Int = 0, _ run: CellRun,
    drops: Bool = true, into dv: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    let units = kernels.units
    guard dropout.stateMasks > 0 else {
      return stateBack[index].multiply(
        dz, stride: stride, rows: run.rows, into: dv, stride: units, adding: adding)
    }
    let part = kernels.parts[index]
    if !adding { dv.update(repeating: 0, count: run.rows * units) }
    for gate in part {
      Product.multiply(
        dz + (gate - part.lowerBound) * units, stride: stride, rows: run.rows,
        recurrent + gate * units, stride: kernels.width, isTransposed: true, inner: units,
        columns: units, into: run.scratch, stride: units)
      if drops, let masks = run.stateMasks {
        mask(run.scratch, run, masks, gate, width: units, steps: 1)
      }
      Sums.add(run.scratch, to: dv, count: run.rows * units)
    }
  }

  /// Adds to the gradient of the recurrent kernel what `dz` of all steps gives, with `v` of all steps.
  func finishState(
    _ run: CellRun, _ v: UnsafePointer<Float>, part index: Int = 0, drops: Bool = true,
    _ dz: UnsafePointer<Float>, stride: Int, _ frame: TrainingFrame
  ) {
    let units = kernels.units
    let rows = run.rows * run.steps
    let part = kernels.parts[index]
    guard drops, let masks = run.stateMasks else {
      return variables.addRecurrentKernel(
        v, rows: rows, dz, stride: stride, gates: part, frame)
    }
    for gate in part {
      mask(v, run, masks, gate, width: units, steps: run.steps)
      variables.addRecurrentKernel(
        run.scratch, rows: rows, dz + (gate - part.lowerBound) * units, stride: stride,
        gates: gate..<gate + 1, frame)
    }
  }

  /// What dropout multiplies the state by for a gate; nil where it does not.
  func stateMask(_ run: CellRun, gate: Int) -> UnsafePointer<Float>? {
    run.stateMasks.map { UnsafePointer($0 + gate * run.rows * kernels.units) }
  }

  // MARK: -

  /// Writes to the scratch memory what a gate sees of `v`, `[steps][rows][width]`.
  private func mask(
    _ v: UnsafePointer<Float>, _ run: CellRun, _ masks: UnsafePointer<Float>, _ gate: Int,
    width: Int, steps: Int
  ) {
    let count = run.rows * width
    let mask = masks + gate * count
    for step in 0..<steps {
      let (from, to) = (v + step * count, run.scratch + step * count)
      for i in 0..<count { to[i] = from[i] * mask[i] }
    }
  }

  private func addBias(
    _ bias: UnsafePointer<Float>?, rows: Int, width: Int, to z: UnsafeMutablePointer<Float>,
    stride: Int
  ) {
    guard let bias else { return }
    for row in 0..<rows { Sums.add(bias, to: z + row * stride, count: width) }
  }
}
