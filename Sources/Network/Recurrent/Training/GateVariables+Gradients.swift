extension GateVariables {
  /// Adds xᵀ·dz to the gradients of the input kernels: `dz` begins with the first of `gates`, its rows
  /// `step` floats apart.
  func addKernel(
    _ x: UnsafePointer<Float>, rows: Int, _ dz: UnsafePointer<Float>, stride step: Int,
    gates: Range<Int>, _ frame: TrainingFrame
  ) {
    add(kernels, x, width: inputs, rows: rows, dz, step, gates, frame)
  }

  /// Adds hᵀ·dz to the gradients of the recurrent kernels.
  func addRecurrentKernel(
    _ h: UnsafePointer<Float>, rows: Int, _ dz: UnsafePointer<Float>, stride step: Int,
    gates: Range<Int>, _ frame: TrainingFrame
  ) {
    add(recurrent, h, width: units, rows: rows, dz, step, gates, frame)
  }

  /// Adds the sums of `dz`, `[rows][gates][units]`, to the gradient of the biases of the input, or
  /// with `1` of the state.
  func addBias(
    _ index: Int, _ dz: UnsafePointer<Float>, rows: Int, _ frame: TrainingFrame
  ) {
    guard index < biases else { return }
    let width = gates * units
    guard layout == .separate else {
      guard let gradient = frame.gradient(of: bias[0]) else { return }
      return ColumnSums.add(dz, rows: rows, width: width, to: gradient + index * width)
    }
    for (gate, part) in bias.enumerated() {
      guard let gradient = frame.gradient(of: part) else { continue }
      for row in 0..<rows {
        Sums.add(dz + row * width + gate * units, to: gradient, count: units)
      }
    }
  }

  private func add(
    _ parts: [Parameter], _ x: UnsafePointer<Float>, width: Int, rows: Int,
    _ dz: UnsafePointer<Float>, _ step: Int, _ range: Range<Int>, _ frame: TrainingFrame
  ) {
    let all = gates * units
    switch layout {
    case .joined:
      guard let gradient = frame.gradient(of: parts[0]) else { return }
      Product.multiplyTransposed(
        x, stride: width, columns: width, rows: rows, dz, stride: step,
        width: range.count * units, into: gradient + range.lowerBound * units, resultStride: all)
    case .separate:
      for gate in range {
        guard let gradient = frame.gradient(of: parts[gate]) else { continue }
        Product.multiplyTransposed(
          x, stride: width, columns: width, rows: rows,
          dz + (gate - range.lowerBound) * units, stride: step, width: units, into: gradient)
      }
    case .transposed:
      guard let gradient = frame.gradient(of: parts[0]) else { return }
      let joined = Floats.allocate(width * units)
      defer { joined.deallocate() }
      for gate in range {
        joined.update(repeating: 0, count: width * units)
        Product.multiplyTransposed(
          x, stride: width, columns: width, rows: rows,
          dz + (gate - range.lowerBound) * units, stride: step, width: units, into: joined)
        for place in 0..<width * units {
          let (unit, row) = (place / width, place % width)
          gradient[place / units * all + gate * units + place % units] +=
            joined[
              row * units + unit]
        }
      }
    }
  }
}
