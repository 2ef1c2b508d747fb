/// The variables of a cell whose gates lie side by side, in whatever layout the file has them.
struct GateVariables {
  enum Layout {
    /// One variable for all gates.
    case joined
    /// Keras 1: variables of each gate, in the order of the gates.
    case separate
    /// NVIDIA's library: every gate's matrices are transposed.
    case transposed
  }

  /// Floats of a time step.
  let inputs: Int
  let units: Int
  /// How many biases there are for every gate and unit: none, one, or those of the input and of the
  /// state.
  let biases: Int
  /// By role, one variable or one a gate.
  let kernels: [Parameter]
  let recurrent: [Parameter]
  let bias: [Parameter]
  let gates: Int
  let layout: Layout

  /// `gates` are the names that Keras 1 gives to the gates, in the order of the joined variables.
  /// `separateBiases`: whether the state has biases of its own.
  init(_ definition: Definition, units: Int, gates: [String], separateBiases: Bool = false)
    throws(LayerFault)
  {
    self.units = units
    self.gates = gates.count
    let isTransposed = definition.className.hasPrefix("CuDNN")
    let (width, wraps) = units.multipliedReportingOverflow(by: gates.count * 2)
    guard !wraps, width < 1 << 31 else { throw .bad("\(units) units are more than fit") }
    if gates.count > 1, definition.variables["kernel_\(gates[0])"] != nil {
      layout = .separate
      biases = 1
      var all: (kernels: [Parameter], recurrent: [Parameter], bias: [Parameter]) = ([], [], [])
      for gate in gates {
        let kernel = try definition.variable("kernel_\(gate)", rank: 2)
        let first = all.kernels.first ?? kernel
        guard kernel.shape == [first.shape[0], units] else {
          throw .weight(
            "'\(kernel.name)' has the shape \(Signal.text(kernel.shape)) for \(units) units")
        }
        all.kernels.append(kernel)
        all.recurrent.append(
          try definition.variable("recurrent_kernel_\(gate)", shape: [units, units]))
        all.bias.append(try definition.variable("bias_\(gate)", shape: [units]))
      }
      (kernels, recurrent, bias) = all
    } else {
      layout = isTransposed ? .transposed : .joined
      let width = units * gates.count
      let kernel = try definition.variable("kernel", rank: 2)
      guard kernel.shape[1] == width else {
        throw .weight("'kernel' has the shape \(Signal.text(kernel.shape)) for \(units) units")
      }
      kernels = [kernel]
      recurrent = [try definition.variable("recurrent_kernel", shape: [units, width])]
      if isTransposed {
        bias = [try definition.variable("bias", shape: [2 * width])]
      } else if definition.settings.hasBias {
        bias = [try definition.variable("bias", shape: separateBiases ? [2, width] : [width])]
      } else {
        bias = []
      }
      biases = bias.isEmpty ? 0 : isTransposed || separateBiases ? 2 : 1
    }
    inputs = kernels[0].shape[0]
    guard inputs > 0, inputs < 1 << 31 else {
      throw .weight("'\(kernels[0].name)' has the shape \(Signal.text(kernels[0].shape))")
    }
  }

  var parameters: [Parameter] { kernels + recurrent + bias }

  /// All gates' kernels as `[inputs][gates][units]`.
  func copyKernel(to target: UnsafeMutablePointer<Float>) {
    copy(kernels, rows: inputs, to: target)
  }

  /// All gates' recurrent kernels as `[units][gates][units]`.
  func copyRecurrentKernel(to target: UnsafeMutablePointer<Float>) {
    copy(recurrent, rows: units, to: target)
  }

  /// The biases as `[biases][gates][units]`.
  func copyBias(to target: UnsafeMutablePointer<Float>) {
    var place = target
    for part in bias {
      place.update(from: part.values, count: part.count)
      place += part.count
    }
  }

  private func copy(_ parts: [Parameter], rows: Int, to target: UnsafeMutablePointer<Float>) {
    let width = gates * units
    switch layout {
    case .joined: target.update(from: parts[0].values, count: rows * width)
    case .separate:
      for (gate, part) in parts.enumerated() {
        for row in 0..<rows {
          (target + row * width + gate * units).update(
            from: part.values + row * units, count: units)
        }
      }
    case .transposed:
      // A gate's matrix, its rows read one after another, is the transposed one:
      // `_convert_rnn_weights` in keras/engine/saving.py of Keras 2.2.4.
      for gate in 0..<gates {
        for place in 0..<rows * units {
          let (unit, row) = (place / rows, place % rows)
          target[row * width + gate * units + unit] =
            parts[0].values[place / units * width + gate * units + place % units]
        }
      }
    }
  }
}
