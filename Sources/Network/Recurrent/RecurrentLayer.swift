import Keras

/// A layer that runs a cell over the time steps of its input, its first dimension.
///
/// The cell takes a step of all rows at once. A row whose step is masked keeps its states, and gives
/// what it gave in the step before: zeros at first, or always zeros where the layer is told so.
final class RecurrentLayer<Cell: RecurrentCell>: Layer {
  static var classNames: [String] { Cell.layerNames }

  let cell: Cell
  let options: RecurrentOptions
  private let age: KerasAge
  /// By number of the call.
  private(set) var calls: [Int: RecurrentCall] = [:]

  convenience init(_ definition: Definition) throws(LayerFault) {
    try self.init(
      definition, RecurrentOptions(definition.settings, isStandalone: definition.isStandalone))
  }

  init(_ definition: Definition, _ options: RecurrentOptions) throws(LayerFault) {
    cell = try Cell(definition)
    self.options = options
    age = definition.age
  }

  var parameters: [Parameter] { cell.parameters }

  func prepare() { cell.prepare() }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let use = try RecurrentCall(call, age: age)
    calls[call.number] = use
    let input = call.inputs[use.sequence]
    guard input.rank >= 2 else {
      throw .bad("takes time steps of several values and is given the shape \(input.text)")
    }
    let state = try cell.infer(step: Array(input.shape.dropFirst()))
    guard use.states.isEmpty || use.states.count == Cell.states else {
      throw .bad("begins with \(Cell.states) states and is given \(use.states.count)")
    }
    for index in use.states where call.inputs[index].shape != state {
      throw .bad(
        "the initial state has the shape \(call.inputs[index].text) instead of \(Signal.text(state))"
      )
    }
    if let mask = call.masks[use.sequence], use.isMasked {
      let inner = mask.dropFirst()
      let covers = inner.allSatisfy { $0 == 1 } || Array(state.prefix(inner.count)) == Array(inner)
      guard mask.first == input.shape[0], covers else {
        throw .bad("the mask \(Signal.text(mask)) does not fit the input \(input.text)")
      }
    }
    let output =
      options.returnsSequences
      ? Signal([input.shape[0]] + state, mask: .same(as: use.sequence)) : Signal(state)
    return [output]
      + (options.returnsState ? [Signal](repeating: Signal(state), count: Cell.states) : [])
  }

  func scratch(_ call: Invocation, rows: Int) -> Int {
    guard let use = calls[call.number] else { return 0 }
    let step = Array(call.inputs[use.sequence].shape.dropFirst())
    guard let state = try? cell.infer(step: step) else { return 0 }
    let size = Floats.rounded(rows * state.reduce(1, *) * Cell.states)
    return (call.masks[use.sequence] == nil || !use.isMasked ? 1 : 3) * size
      + cell.scratch(step: step, rows: rows)
  }

  func forward(_ frame: Frame) { run(frame, before: nil) }

  /// A time step that the cell is about to take, of rows that are not masked in it where `counts`.
  struct Step {
    let x: UnsafePointer<Float>
    let stride: Int
    let shape: [Int]
    let states: UnsafePointer<Float>
    /// Floats of a state.
    let units: Int
    let scratch: UnsafeMutablePointer<Float>
    let counts: (_ row: Int) -> Bool
  }

  private func run(_ frame: Frame, before: ((Step) -> Void)?) {
    guard let use = calls[frame.call.number] else { return }
    let (rows, count) = (frame.rows, Cell.states)
    let shape = frame.call.inputs[use.sequence].shape
    let (steps, step) = (shape[0], Array(shape.dropFirst()))
    let width = step.reduce(1, *)
    let units =
      options.returnsSequences
      ? frame.outputShape.dropFirst().reduce(1, *) : frame.outputShape.reduce(1, *)
    let size = Floats.rounded(rows * units * count)
    let states = frame.scratch
    for index in 0..<count {
      let place = states + index * rows * units
      if use.states.isEmpty {
        place.update(repeating: 0, count: rows * units)
      } else {
        place.update(from: frame.input(use.states[index]), count: rows * units)
      }
    }
    let x = frame.input(use.sequence)
    var mask: StepMask?
    var scratch = states + size
    if use.isMasked, let values = frame.mask(use.sequence),
      let shape = frame.call.masks[use.sequence]
    {
      mask = StepMask(
        values, shape: shape, rows: rows, units: units, states: count, kept: scratch,
        shown: scratch + size)
      scratch += 2 * size
    }
    for number in 0..<steps {
      let time = options.goesBackwards ? steps - 1 - number : number
      let isAnything = mask?.keep(states, time: time) ?? true
      if isAnything {
        if let before {
          before(
            Step(
              x: x + time * width, stride: steps * width, shape: step, states: states, units: units,
              scratch: scratch,
              counts: { mask?.counts(row: $0, at: time) ?? true }))
        }
        cell.advance(
          x + time * width, stride: steps * width, step: step, states, rows: rows, scratch: scratch)
      }
      guard let mask else {
        if options.returnsSequences {
          Rows.copy(
            states, to: frame.output() + number * units, stride: steps * units, rows: rows,
            width: units)
        }
        continue
      }
      mask.restore(states, time: time, showing: options.showsState)
      if options.returnsSequences || number == steps - 1 {
        let zeroed = options.zeroesFromOtherEnd ? steps - 1 - time : time
        mask.show(
          in: frame.output() + (options.returnsSequences ? number * units : 0),
          stride: options.returnsSequences ? steps * units : units,
          zeroing: options.zeroesMasked ? zeroed : nil)
      }
    }
    if !options.returnsSequences, mask == nil || steps == 0 {
      frame.output().update(from: states, count: rows * units)
    }
    if options.returnsState {
      for index in 0..<count {
        frame.output(1 + index).update(from: states + index * rows * units, count: rows * units)
      }
    }
  }
}

extension RecurrentLayer: Calibrated where Cell: CalibratedCell {
  var kernelUses: [KernelUse] { cell.kernelUses }

  /// Runs the layer, and gives the rows that are not masked step by step.
  func giveInputs(of use: Int, in frame: Frame, to take: RowTaker) {
    withoutActuallyEscaping(take) { take in
      run(frame) { [cell] step in
        var row = 0
        while row < frame.rows {
          var end = row
          while end < frame.rows, step.counts(end) { end += 1 }
          if end > row {
            cell.giveInputs(
              of: use, step.x + row * step.stride, stride: step.stride, step: step.shape,
              step.states + row * step.units, rows: end - row, scratch: step.scratch, to: take)
          }
          row = end + 1
        }
      }
    }
  }
}
