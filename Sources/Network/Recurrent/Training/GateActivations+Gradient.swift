import CKernels

/// Cells' arithmetic that keeps what the way back needs, and that way. What is said of the layout of
/// gates in `GateActivations` holds here too.
///
/// Where the derivatives of both activations can be told from their results, gates are kept as they
/// are after the activation; else before it, and are worked out anew on the way back.
extension GateActivations {
  var keepsResults: Bool { activation.isToldFromOutput && recurrent.isToldFromOutput }

  /// Whether CKernels has whole steps of both.
  private var isUsual: Bool {
    guard let codes else { return false }
    return Int(codes.recurrent) == CK_SIGMOID && Int(codes.activation) == CK_TANH
  }

  /// Floats of scratch memory for `units`.
  static func scratch(units: Int) -> Int { 6 * units }

  // MARK: LSTM

  /// z becomes what is kept of the gates, `shown` activation(c), and `after` and h the states.
  func trainLSTM(
    _ z: UnsafeMutablePointer<Float>, before: UnsafePointer<Float>,
    after: UnsafeMutablePointer<Float>, shown: UnsafeMutablePointer<Float>,
    h: UnsafeMutablePointer<Float>, rows: Int, units: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    if isUsual { return ck_lstm_step_train(z, before, after, shown, h, rows, Int32(units)) }
    for row in 0..<rows {
      let kept = z + row * 4 * units
      let gates = keepsResults ? kept : scratch
      lstmGates(kept, into: gates, units)
      let (i, f, g, o) = (gates, gates + units, gates + 2 * units, gates + 3 * units)
      let place = row * units
      let (old, cell, out) = (before + place, after + place, h + place)
      for k in 0..<units { cell[k] = f[k] * old[k] + i[k] * g[k] }
      activation.apply(cell, shown + place, rows: 1, width: units)
      for k in 0..<units { out[k] = o[k] * shown[place + k] }
    }
  }

  /// From the gradients of h and c after the step: z becomes its own gradient, and `dc` that of c
  /// before the step.
  func backLSTM(
    _ z: UnsafeMutablePointer<Float>, before: UnsafePointer<Float>, after: UnsafePointer<Float>,
    shown: UnsafePointer<Float>, dh: UnsafePointer<Float>, dc: UnsafeMutablePointer<Float>,
    rows: Int, units: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    if isUsual { return ck_lstm_step_back(z, before, shown, dh, dc, rows, Int32(units)) }
    let dcell = scratch + 4 * units
    for row in 0..<rows {
      let kept = z + row * 4 * units
      let gates = keepsResults ? kept : scratch
      if !keepsResults { lstmGates(kept, into: gates, units) }
      let (i, f, g, o) = (gates, gates + units, gates + 2 * units, gates + 3 * units)
      let place = row * units
      let (old, shown, dh, dc) = (before + place, shown + place, dh + place, dc + place)
      for k in 0..<units { dcell[k] = dh[k] * o[k] }
      activation.backpropagate(
        x: after + place, y: shown, dcell, into: dcell, rows: 1, width: units)
      let d = scratch + 5 * units
      for k in 0..<units { dcell[k] += dc[k] }
      // Every gate's gradient is taken before its place in `kept` is overwritten, and i and g need
      // each other: g goes first into what is no longer needed.
      for k in 0..<units { d[k] = dh[k] * shown[k] }
      back(recurrent, kept + 3 * units, o, d, units)
      for k in 0..<units {
        dc[k] = dcell[k] * f[k]
        d[k] = dcell[k] * old[k]
      }
      back(recurrent, kept + units, f, d, units)
      for k in 0..<units {
        d[k] = dcell[k] * g[k]
        dcell[k] *= i[k]
      }
      back(recurrent, kept, i, d, units)
      back(activation, kept + 2 * units, g, dcell, units)
    }
  }

  private func lstmGates(
    _ z: UnsafePointer<Float>, into gates: UnsafeMutablePointer<Float>, _ units: Int
  ) {
    for gate in 0..<4 {
      (gate == 2 ? activation : recurrent).apply(
        z + gate * units, gates + gate * units, rows: 1, width: units)
    }
  }

  /// Writes over what is kept of a gate its gradient.
  private func back(
    _ activation: Activation, _ kept: UnsafeMutablePointer<Float>, _ y: UnsafePointer<Float>,
    _ dy: UnsafePointer<Float>, _ units: Int
  ) {
    activation.backpropagate(x: kept, y: y, dy, into: kept, rows: 1, width: units)
  }

  // MARK: GRU

  /// A step that resets after the product: x becomes what is kept of the gates; `r` stays h·U + b.
  func trainGRU(
    _ x: UnsafeMutablePointer<Float>, _ r: UnsafePointer<Float>, before: UnsafePointer<Float>,
    after: UnsafeMutablePointer<Float>, rows: Int, units: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    if isUsual { return ck_gru_step_train(x, r, before, after, rows, Int32(units)) }
    for row in 0..<rows {
      let (kept, state) = (x + row * 3 * units, r + row * 3 * units)
      let gates = keepsResults ? kept : scratch
      for k in 0..<2 * units { kept[k] += state[k] }
      recurrentGates(kept, into: gates, units)
      for k in 0..<units { kept[2 * units + k] += gates[units + k] * state[2 * units + k] }
      blend(kept, gates, before + row * units, after + row * units, units)
    }
  }

  /// The first half of a step that resets before the product: x_z and x_r become what is kept of
  /// them, and `reset` r·v, from r `[rows][z, r][units]` and what the gate sees of the state.
  func trainReset(
    _ x: UnsafeMutablePointer<Float>, _ r: UnsafePointer<Float>, _ h: UnsafePointer<Float>,
    mask: UnsafePointer<Float>?, into reset: UnsafeMutablePointer<Float>, rows: Int, units: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      let (kept, state) = (x + row * 3 * units, r + row * 2 * units)
      let gates = keepsResults ? kept : scratch
      for k in 0..<2 * units { kept[k] += state[k] }
      recurrentGates(kept, into: gates, units)
      let (seen, target) = (h + row * units, reset + row * units)
      for k in 0..<units { target[k] = gates[units + k] * seen[k] }
      guard let mask else { continue }
      for k in 0..<units { target[k] *= mask[row * units + k] }
    }
  }

  /// The second half: x_h becomes what is kept of it, and `after` z·before + (1 − z)·h'.
  func trainBlend(
    _ x: UnsafeMutablePointer<Float>, before: UnsafePointer<Float>,
    after: UnsafeMutablePointer<Float>, rows: Int, units: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      let kept = x + row * 3 * units
      let gates = keepsResults ? kept : scratch
      if !keepsResults { recurrentGates(kept, into: gates, units) }
      blend(kept, gates, before + row * units, after + row * units, units)
    }
  }

  /// The way back of `trainGRU`: x and r become their gradients, and `dh` becomes that of the state
  /// before the step as far as it does not go through products.
  func backGRU(
    _ x: UnsafeMutablePointer<Float>, _ r: UnsafeMutablePointer<Float>,
    before: UnsafePointer<Float>, dh: UnsafeMutablePointer<Float>, rows: Int, units: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    if isUsual { return ck_gru_step_back(x, r, before, dh, rows, Int32(units)) }
    let (reset, d) = (scratch + 3 * units, scratch + 4 * units)
    for row in 0..<rows {
      let (kept, state) = (x + row * 3 * units, r + row * 3 * units)
      let gates = gates(kept, scratch, units)
      reset.update(from: gates + units, count: units)
      backBlend(kept, gates, before + row * units, dh + row * units, d, units)
      // What is kept of the candidate is its gradient now.
      let candidate = kept + 2 * units
      for k in 0..<units { d[k] = candidate[k] * state[2 * units + k] }
      back(recurrent, kept + units, reset, d, units)
      state.update(from: kept, count: 2 * units)
      for k in 0..<units { state[2 * units + k] = candidate[k] * reset[k] }
    }
  }

  /// The way back of `trainBlend`: x_z and x_h become their gradients, `dh` as for `backGRU`.
  func backBlend(
    _ x: UnsafeMutablePointer<Float>, before: UnsafePointer<Float>,
    dh: UnsafeMutablePointer<Float>, rows: Int, units: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      let kept = x + row * 3 * units
      backBlend(
        kept, gates(kept, scratch, units), before + row * units, dh + row * units,
        scratch + 4 * units, units)
    }
  }

  /// The way back of `trainReset`: x_r becomes its gradient, and `dh` gets what comes to the state
  /// through `reset`, whose gradient is `dreset`.
  func backReset(
    _ x: UnsafeMutablePointer<Float>, _ h: UnsafePointer<Float>, mask: UnsafePointer<Float>?,
    _ dreset: UnsafeMutablePointer<Float>, dh: UnsafeMutablePointer<Float>, rows: Int, units: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let d = scratch + 4 * units
    for row in 0..<rows {
      let kept = x + row * 3 * units + units
      var reset = kept
      if !keepsResults {
        recurrent.apply(kept, scratch, rows: 1, width: units)
        reset = scratch
      }
      let (seen, dr, to) = (h + row * units, dreset + row * units, dh + row * units)
      if let mask { for k in 0..<units { dr[k] *= mask[row * units + k] } }
      for k in 0..<units {
        d[k] = dr[k] * seen[k]
        to[k] += dr[k] * reset[k]
      }
      back(recurrent, kept, reset, d, units)
    }
  }

  /// z, r and h' from what is kept of them.
  private func gates(
    _ kept: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>, _ units: Int
  ) -> UnsafeMutablePointer<Float> {
    guard !keepsResults else { return kept }
    recurrentGates(kept, into: scratch, units)
    activation.apply(kept + 2 * units, scratch + 2 * units, rows: 1, width: units)
    return scratch
  }

  private func recurrentGates(
    _ z: UnsafePointer<Float>, into gates: UnsafeMutablePointer<Float>, _ units: Int
  ) {
    recurrent.apply(z, gates, rows: 1, width: units)
    recurrent.apply(z + units, gates + units, rows: 1, width: units)
  }

  private func blend(
    _ kept: UnsafePointer<Float>, _ gates: UnsafeMutablePointer<Float>,
    _ before: UnsafePointer<Float>, _ after: UnsafeMutablePointer<Float>, _ units: Int
  ) {
    let candidate = gates + 2 * units
    activation.apply(kept + 2 * units, candidate, rows: 1, width: units)
    for k in 0..<units { after[k] = gates[k] * before[k] + (1 - gates[k]) * candidate[k] }
  }

  private func backBlend(
    _ kept: UnsafeMutablePointer<Float>, _ gates: UnsafePointer<Float>,
    _ before: UnsafePointer<Float>, _ dh: UnsafeMutablePointer<Float>,
    _ d: UnsafeMutablePointer<Float>, _ units: Int
  ) {
    let (z, candidate) = (gates, gates + 2 * units)
    let dcandidate = d + units
    for k in 0..<units {
      d[k] = dh[k] * (before[k] - candidate[k])
      dcandidate[k] = dh[k] * (1 - z[k])
      dh[k] *= z[k]
    }
    back(recurrent, kept, z, d, units)
    back(activation, kept + 2 * units, candidate, dcandidate, units)
  }
}
