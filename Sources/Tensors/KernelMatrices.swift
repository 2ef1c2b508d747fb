/// A kernel, or a part of one, as the matrices that a layer multiplies rows of inputs by.
///
/// There are `groups` matrices of `[inputs][outputs]`, each with inputs of its own: one for a Dense
/// kernel, one a group for a grouped convolution, one a channel for a depthwise one. Element (group,
/// input, output) lies at the sum of its three offsets, so that any order of axes can be described.
public struct KernelMatrices: Sendable, Hashable {
  /// Where in the tensor each group, input and output begins, in elements.
  public let groupOffsets: [Int]
  public let inputOffsets: [Int]
  public let outputOffsets: [Int]

  public var groups: Int { groupOffsets.count }
  /// Weights that each output has.
  public var inputs: Int { inputOffsets.count }
  /// Outputs of each group.
  public var outputs: Int { outputOffsets.count }
  /// How many elements of the tensor it covers.
  public var count: Int { groups * inputs * outputs }

  /// A row-major tensor of `shape`, each of whose axes is named once: `inputs` are multiplied and
  /// added up, in this order.
  public init(shape: [Int], groups: [Int] = [], inputs: [Int], outputs: [Int]) {
    precondition((groups + inputs + outputs).sorted() == Array(shape.indices))
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    func offsets(_ axes: [Int]) -> [Int] {
      axes.reduce([0]) { offsets, axis in
        offsets.flatMap { start in (0..<shape[axis]).map { start + $0 * strides[axis] } }
      }
    }
    groupOffsets = offsets(groups)
    inputOffsets = offsets(inputs)
    outputOffsets = offsets(outputs)
  }

  /// Element (group, input, output) at the sum of its offsets.
  public init(groupOffsets: [Int] = [0], inputOffsets: [Int], outputOffsets: [Int]) {
    self.groupOffsets = groupOffsets
    self.inputOffsets = inputOffsets
    self.outputOffsets = outputOffsets
  }

  /// The part with these outputs of each group.
  public func withOutputs(_ range: Range<Int>) -> KernelMatrices {
    KernelMatrices(
      groupOffsets: groupOffsets, inputOffsets: inputOffsets,
      outputOffsets: Array(outputOffsets[range]))
  }

  @inlinable
  public func element(group: Int, input: Int, output: Int) -> Int {
    groupOffsets[group] + inputOffsets[input] + outputOffsets[output]
  }
}
