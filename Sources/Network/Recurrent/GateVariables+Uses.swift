import Tensors

extension GateVariables {
  /// The input kernels, each as one use. None where the file has them as NVIDIA's library does, whose
  /// order no matrix of rows and outputs describes.
  var inputUses: [KernelUse] {
    switch layout {
    case .joined: [use(kernels[0], bias: 0, outputs: 0..<gates * units)]
    case .separate: zip(kernels, bias).map { separate($0, bias: $1) }
    case .transposed: []
    }
  }

  /// The recurrent kernels, with a use for each of `parts`, ranges of gates that are multiplied with
  /// the same state; and which part each use belongs to.
  func stateUses(parts: [Range<Int>]) -> [(use: KernelUse, part: Int)] {
    switch layout {
    case .joined:
      parts.enumerated().map { part, gates in
        let outputs = gates.lowerBound * units..<gates.upperBound * units
        return (use(recurrent[0], bias: max(0, biases - 1), outputs: outputs), part)
      }
    case .separate:
      zip(recurrent, bias).enumerated().map { gate, variables in
        (
          separate(variables.0, bias: variables.1),
          parts.firstIndex { $0.contains(gate) } ?? 0
        )
      }
    case .transposed: []
    }
  }

  private func use(_ kernel: Parameter, bias row: Int, outputs: Range<Int>) -> KernelUse {
    let matrices = KernelMatrices(shape: kernel.shape, inputs: [0], outputs: [1])
    return KernelUse(
      kernel, matrices.withOutputs(outputs), bias: bias.first,
      biasPlaces: outputs.map { row * gates * units + $0 })
  }

  private func separate(_ kernel: Parameter, bias: Parameter) -> KernelUse {
    KernelUse(
      kernel, KernelMatrices(shape: kernel.shape, inputs: [0], outputs: [1]), bias: bias,
      biasPlaces: Array(0..<units))
  }
}

extension GateKernels {
  /// The input kernels, then the recurrent ones.
  var kernelUses: [KernelUse] {
    variables.inputUses + variables.stateUses(parts: parts).map(\.use)
  }

  /// Which part of the recurrent kernel use `use` is; nil for an input kernel.
  func part(of use: Int) -> Int? {
    let first = variables.inputUses.count
    return use < first ? nil : variables.stateUses(parts: parts)[use - first].part
  }
}
