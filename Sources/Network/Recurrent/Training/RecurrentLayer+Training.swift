extension RecurrentLayer: Trainable where Cell: TrainableCell {
  /// The input is kept in the order of the steps.
  var backwardReads: BackwardReads { [] }

  func prepareForTraining(wantsInputs: Bool) { cell.prepareForTraining(wantsInputs: wantsInputs) }

  private struct Sizes {
    var step: [Int]
    var steps: Int
    var inputs: Int
    var units: Int
    var own: Int

    /// Floats a row of what comes before the masks.
    func before(states: Int) -> Int { steps * (inputs + own) + states * (steps + 1) * units }
  }

  private func sizes(_ call: Invocation) -> Sizes? {
    guard let use = calls[call.number] else { return nil }
    let shape = call.inputs[use.sequence].shape
    let step = Array(shape.dropFirst())
    guard let state = try? cell.infer(step: step) else { return nil }
    return Sizes(
      step: step, steps: shape[0], inputs: step.reduce(1, *), units: state.reduce(1, *),
      own: cell.kept(step: step))
  }

  func kept(_ call: Invocation) -> Int {
    guard let sizes = sizes(call) else { return 0 }
    return sizes.before(states: Cell.states) + cell.dropout.inputMasks * sizes.inputs
      + cell.dropout.stateMasks * sizes.units
  }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    guard let sizes = sizes(call) else { return 0 }
    return 2 * (Cell.states + 1) * Floats.rounded(rows * sizes.units)
      + cell.trainingScratch(step: sizes.step, rows: rows, steps: sizes.steps)
  }

  /// The cell's memory of a chunk. Its scratch memory begins behind `used` states.
  private func run(_ frame: TrainingFrame, _ sizes: Sizes, used: Int) -> CellRun {
    let rows = frame.rows
    let states = frame.kept + sizes.steps * rows * sizes.inputs
    let own = states + Cell.states * (sizes.steps + 1) * rows * sizes.units
    let masks = frame.kept + rows * sizes.before(states: Cell.states)
    let dropout = cell.dropout
    return CellRun(
      rows: rows, steps: sizes.steps, step: sizes.step, inputs: sizes.inputs, units: sizes.units,
      x: frame.kept, states: states, own: own,
      inputMasks: dropout.inputMasks > 0 && frame.trains ? masks : nil,
      stateMasks: dropout.stateMasks > 0 && frame.trains
        ? masks + dropout.inputMasks * rows * sizes.inputs : nil,
      scratch: frame.scratch + used * Floats.rounded(rows * sizes.units))
  }

  /// The mask of the steps, where it counts. `shown` is `[rows][state…]`.
  private func mask(
    _ frame: TrainingFrame, _ use: RecurrentCall, _ run: CellRun,
    shown: UnsafeMutablePointer<Float>
  ) -> StepMask? {
    guard use.isMasked, let values = frame.mask(use.sequence),
      let shape = frame.call.masks[use.sequence]
    else { return nil }
    return StepMask(
      values, shape: shape, rows: run.rows, units: run.units, states: Cell.states, kept: shown,
      shown: shown)
  }

  /// The place of step `number` in the input.
  private func time(_ number: Int, of steps: Int) -> Int {
    options.goesBackwards ? steps - 1 - number : number
  }

  /// At which step's mask the output of step `number` becomes zero; nil where none does.
  private func zeroing(_ number: Int, of steps: Int) -> Int? {
    guard options.zeroesMasked else { return nil }
    let time = time(number, of: steps)
    return options.zeroesFromOtherEnd ? steps - 1 - time : time
  }

  // MARK: Forward

  func train(_ frame: TrainingFrame) {
    guard let use = calls[frame.call.number], let sizes = sizes(frame.call) else { return }
    let run = run(frame, sizes, used: 1)
    let (rows, steps, units) = (run.rows, run.steps, run.units)
    if frame.trains {
      let masks = frame.kept + rows * sizes.before(states: Cell.states)
      cell.dropout.fill(
        inputs: masks, width: run.inputs,
        states: masks + cell.dropout.inputMasks * rows * run.inputs, units: units, rows: rows,
        first: frame.firstRow, frame.random)
    }
    turn(frame.input(use.sequence), run, isBack: false)
    for index in 0..<Cell.states {
      if use.states.isEmpty {
        run.state(index, at: 0).update(repeating: 0, count: rows * units)
      } else {
        run.state(index, at: 0).update(from: frame.input(use.states[index]), count: rows * units)
      }
    }
    let mask = mask(frame, use, run, shown: frame.scratch)
    cell.begin(run)
    for number in 0..<steps {
      let time = time(number, of: steps)
      cell.train(run, at: number)
      let isShown = options.returnsSequences || number == steps - 1
      let place = frame.output() + (options.returnsSequences ? number * units : 0)
      let stride = options.returnsSequences ? steps * units : units
      guard let mask else {
        if isShown {
          Rows.copy(
            run.state(at: number + 1), to: place, stride: stride, rows: rows, width: units)
        }
        continue
      }
      for index in 0..<Cell.states {
        mask.hold(run.state(index, at: number), in: run.state(index, at: number + 1), time: time)
      }
      mask.take(run.state(at: number + 1), time: time, showing: options.showsState)
      if isShown { mask.show(in: place, stride: stride, zeroing: zeroing(number, of: steps)) }
    }
    if !options.returnsSequences, steps == 0 {
      frame.output().update(from: run.state(at: 0), count: rows * units)
    }
    if options.returnsState {
      for index in 0..<Cell.states {
        frame.output(1 + index).update(from: run.state(index, at: steps), count: rows * units)
      }
    }
  }

  /// Between the rows of `values` and the steps of the run. What is dropped for all gates alike is
  /// dropped here.
  private func turn(_ values: UnsafeMutablePointer<Float>, _ run: CellRun, isBack: Bool) {
    let masks = cell.dropout.inputMasks == 1 ? run.inputMasks : nil
    for number in 0..<run.steps {
      for row in 0..<run.rows {
        let mine = run.x + (number * run.rows + row) * run.inputs
        let other = values + (row * run.steps + time(number, of: run.steps)) * run.inputs
        let (from, to) = isBack ? (mine, other) : (other, mine)
        if let masks {
          let mask = masks + row * run.inputs
          for i in 0..<run.inputs { to[i] = from[i] * mask[i] }
        } else {
          to.update(from: from, count: run.inputs)
        }
      }
    }
  }

  // MARK: Back

  func backward(_ frame: TrainingFrame) {
    guard let use = calls[frame.call.number], let sizes = sizes(frame.call) else { return }
    let run = run(frame, sizes, used: 2 * (Cell.states + 1))
    let (rows, steps, units) = (run.rows, run.steps, run.units)
    let size = Floats.rounded(rows * units)
    // Of the states, of what masked steps keep of them, and of what they show.
    let gradients = frame.scratch
    let held = gradients + Cell.states * size
    let shown = held + Cell.states * size
    for index in 0..<Cell.states {
      let place = gradients + index * rows * units
      if options.returnsState {
        place.update(from: frame.outputGradient(1 + index), count: rows * units)
      } else {
        place.update(repeating: 0, count: rows * units)
      }
    }
    let mask = mask(frame, use, run, shown: shown)
    if !options.returnsSequences, steps == 0 {
      Sums.add(frame.outputGradient(), to: gradients, count: rows * units)
    }
    for number in (0..<steps).reversed() {
      let time = time(number, of: steps)
      let isShown = options.returnsSequences || number == steps - 1
      let dy = frame.outputGradient() + (options.returnsSequences ? number * units : 0)
      let stride = options.returnsSequences ? steps * units : units
      guard let mask else {
        if isShown {
          for row in 0..<rows {
            Sums.add(dy + row * stride, to: gradients + row * units, count: units)
          }
        }
        cell.back(run, at: number, gradients)
        continue
      }
      if isShown { mask.addShown(dy, stride: stride, zeroing: zeroing(number, of: steps)) }
      mask.giveShown(to: gradients, time: time, showing: options.showsState)
      for index in 0..<Cell.states {
        mask.setAside(
          gradients + index * rows * units, in: held + index * rows * units, time: time)
      }
      cell.back(run, at: number, gradients)
      for index in 0..<Cell.states {
        mask.giveBack(held + index * rows * units, to: gradients + index * rows * units, time: time)
      }
    }
    for (index, input) in use.states.enumerated() {
      frame.inputGradient(input)?.update(
        from: gradients + index * rows * units, count: rows * units)
    }
    let dx = frame.inputGradient(use.sequence)
    cell.finish(run, frame, wantsInput: dx != nil)
    if let dx { turn(dx, run, isBack: true) }
  }
}
