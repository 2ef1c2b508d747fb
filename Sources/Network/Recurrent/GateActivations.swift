import CKernels
import Keras

/// The two activations of a gated cell, and the arithmetic between them.
struct GateActivations {
  let activation: Activation
  let recurrent: Activation

  init(_ definition: Definition) throws(LayerFault) {
    // NVIDIA's library knows no others.
    let isFixed = definition.className.hasPrefix("CuDNN")
    activation =
      isFixed
      ? try Activation(named: "tanh", age: .three)
      : try definition.activation("activation", default: "tanh")
    recurrent =
      isFixed
      ? try Activation(named: "sigmoid", age: .three)
      : try definition.activation(
        "recurrent_activation", "inner_activation",
        default: definition.age == .three ? "sigmoid" : "hard_sigmoid")
    guard activation.keepsWidth, recurrent.keepsWidth else {
      throw .bad("the activation halves the state")
    }
  }

  /// The codes of both in CKernels, where it has both.
  var codes: (recurrent: ck_activation, activation: ck_activation)? {
    guard let recurrent = recurrent.code, let activation = activation.code else { return nil }
    return (recurrent, activation)
  }

  /// One step of an LSTM from z, `[rows][i, f, c, o][units]`, which is overwritten; c and h are
  /// `[rows][units]`.
  func lstm(
    _ z: UnsafeMutablePointer<Float>, c: UnsafeMutablePointer<Float>,
    h: UnsafeMutablePointer<Float>, rows: Int, units: Int
  ) {
    if let codes {
      ck_lstm_step(z, c, h, rows, Int32(units), codes.recurrent, codes.activation)
      return
    }
    for row in 0..<rows {
      let i = z + row * 4 * units
      let (f, g, o) = (i + units, i + 2 * units, i + 3 * units)
      let (cell, out) = (c + row * units, h + row * units)
      apply(recurrent, i, units)
      apply(recurrent, f, units)
      apply(recurrent, o, units)
      apply(activation, g, units)
      for k in 0..<units { cell[k] = f[k] * cell[k] + i[k] * g[k] }
      activation.apply(cell, out, rows: 1, width: units)
      for k in 0..<units { out[k] *= o[k] }
    }
  }

  /// One step of a GRU that resets after the product: x and r are `[rows][z, r, h][units]`, of which
  /// x is overwritten.
  func gru(
    _ x: UnsafeMutablePointer<Float>, _ r: UnsafePointer<Float>,
    h: UnsafeMutablePointer<Float>, rows: Int, units: Int
  ) {
    if let codes {
      ck_gru_step(x, r, h, rows, Int32(units), codes.recurrent, codes.activation)
      return
    }
    for row in 0..<rows {
      let (mine, state) = (x + row * 3 * units, r + row * 3 * units)
      for k in 0..<2 * units { mine[k] += state[k] }
      apply(recurrent, mine, units)
      apply(recurrent, mine + units, units)
      for k in 0..<units { mine[2 * units + k] += mine[units + k] * state[2 * units + k] }
    }
    gruBlend(x, h: h, rows: rows, units: units)
  }

  /// The first half of a GRU that resets before the product: x_z becomes z, and `reset` r·h, from r
  /// `[rows][z, r][units]`.
  func gruReset(
    _ x: UnsafeMutablePointer<Float>, _ r: UnsafePointer<Float>, h: UnsafePointer<Float>,
    into reset: UnsafeMutablePointer<Float>, rows: Int, units: Int
  ) {
    if let code = recurrent.code {
      ck_gru_reset(x, r, h, reset, rows, Int32(units), code)
      return
    }
    for row in 0..<rows {
      let (mine, state) = (x + row * 3 * units, r + row * 2 * units)
      for k in 0..<2 * units { mine[k] += state[k] }
      apply(recurrent, mine, units)
      apply(recurrent, mine + units, units)
      for k in 0..<units { reset[row * units + k] = mine[units + k] * h[row * units + k] }
    }
  }

  /// h = z·h + (1 − z)·activation(x_h).
  func gruBlend(
    _ x: UnsafeMutablePointer<Float>, h: UnsafeMutablePointer<Float>, rows: Int, units: Int
  ) {
    if let code = activation.code {
      ck_gru_blend(x, h, rows, Int32(units), code)
      return
    }
    for row in 0..<rows {
      let (z, candidate) = (x + row * 3 * units, x + row * 3 * units + 2 * units)
      let out = h + row * units
      apply(activation, candidate, units)
      for k in 0..<units { out[k] = z[k] * out[k] + (1 - z[k]) * candidate[k] }
    }
  }

  private func apply(_ activation: Activation, _ x: UnsafeMutablePointer<Float>, _ units: Int) {
    activation.apply(x, x, rows: 1, width: units)
  }
}

extension Activation {
  /// Its code in CKernels, if its parameter is the one that goes with the code.
  fileprivate var code: ck_activation? {
    switch kind {
    case .linear: ck_activation(CK_LINEAR)
    case .function(let code, let parameter):
      parameter == ck_default_parameter(code) ? code : nil
    default: nil
    }
  }
}

extension Activation {
  /// Whether what comes out is as wide as what goes in.
  var keepsWidth: Bool { kind != .glu }
}

extension GateKernels {
  /// The shape of the state, for time steps of this shape.
  func infer(step: [Int]) throws(LayerFault) -> [Int] {
    guard step == [variables.inputs] else {
      throw .bad(
        "takes \(variables.inputs) values a time step and is given the shape \(Signal.text(step))")
    }
    return [units]
  }
}
