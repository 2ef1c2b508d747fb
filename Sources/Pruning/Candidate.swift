import Files
import Tensors

/// The kernel of a layer: its numbers where they lie, and what its axes mean.
public struct Kernel: Sendable {
  /// `layer/weight`, which tells it from every other.
  public let name: String
  public let shape: [Int]
  public let values: TensorValues
  public let axes: KernelAxes

  /// `source` holds as many elements of `type` as `shape` says.
  public init(
    name: String, shape: [Int], type: ElementType, source: any ByteSource, axes: KernelAxes? = nil
  ) {
    self.name = name
    self.shape = shape
    self.values = TensorValues(source, type: type)
    self.axes = axes ?? .standard(rank: shape.count)
    precondition(values.count == shape.reduce(1, *))
  }

  public var count: Int { values.count }
  public var layout: KernelLayout { KernelLayout(shape: shape, axes: axes) }

  /// The same kernel with the pruned weights read as zero.
  func masked(by mask: Mask) -> Kernel {
    Kernel(
      name: name, shape: shape, type: values.type,
      source: MaskedBytes(values.source, mask: mask, elementSize: values.type.size), axes: axes)
  }
}

/// A tensor whose weights may be pruned.
public struct Candidate: Sendable {
  public let kernel: Kernel
  /// The kernels around it, for criteria that look at them; nil where the network's graph is not
  /// known.
  public let neighbours: Neighbours?
  /// What its weights are multiplied with, for criteria that look at activations; nil where no data
  /// went through the network.
  public let inputs: InputNorms?
  /// What ways back through the network told of its weights, one number a weight, for criteria that
  /// ask for it.
  public let sensitivities: [Sensitivity: [Double]]

  public init(
    _ kernel: Kernel, neighbours: Neighbours? = nil, inputs: InputNorms? = nil,
    sensitivities: [Sensitivity: [Double]] = [:]
  ) {
    self.kernel = kernel
    self.neighbours = neighbours
    self.inputs = inputs
    self.sensitivities = sensitivities
  }

  /// The same candidate with these numbers.
  public func sensed(_ sensitivities: [Sensitivity: [Double]]) -> Candidate {
    Candidate(kernel, neighbours: neighbours, inputs: inputs, sensitivities: sensitivities)
  }

  public init(
    name: String, shape: [Int], type: ElementType, source: any ByteSource, axes: KernelAxes? = nil,
    neighbours: Neighbours? = nil
  ) {
    self.init(
      Kernel(name: name, shape: shape, type: type, source: source, axes: axes),
      neighbours: neighbours)
  }

  public var name: String { kernel.name }
  public var count: Int { kernel.count }
  public var values: TensorValues { kernel.values }
}

extension [Candidate] {
  /// The candidates with other numbers, as training left them: one list of floats each, in row-major
  /// order; and each sees its neighbours among them with theirs.
  public func holding(_ values: [[Float]]) -> [Candidate] {
    precondition(values.count == count)
    var kernels: [String: Kernel] = [:]
    for (candidate, values) in zip(self, values) {
      let old = candidate.kernel
      kernels[old.name] = Kernel(
        name: old.name, shape: old.shape, type: .float32,
        source: MemoryBytes(values.withUnsafeBytes { [UInt8]($0) }), axes: old.axes)
    }
    return map { candidate in
      Candidate(
        kernels[candidate.name] ?? candidate.kernel,
        neighbours: candidate.neighbours?.replacing(kernels), inputs: candidate.inputs)
    }
  }

  /// The candidates after a step: each with its mask, and each seeing its neighbours with theirs.
  func masked(by masks: [Mask]) -> [Candidate] {
    var kernels: [String: Kernel] = [:]
    for (candidate, mask) in zip(self, masks) {
      kernels[candidate.name] = candidate.kernel.masked(by: mask)
    }
    return map { candidate in
      Candidate(
        kernels[candidate.name] ?? candidate.kernel,
        neighbours: candidate.neighbours?.replacing(kernels), inputs: candidate.inputs)
    }
  }
}
