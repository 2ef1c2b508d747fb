/// Which axes of a kernel run over its inputs and which over its outputs. Both are runs of
/// neighbouring axes; they overlap where a layer ties inputs and outputs together.
public struct KernelAxes: Hashable, Sendable {
  public let input: Range<Int>
  public let output: Range<Int>

  public init(input: Range<Int>, output: Range<Int>) {
    self.input = input
    self.output = output
  }

  /// `[…, in, out]`: Dense, embedding, recurrent and all but the following convolution kernels, and
  /// any tensor of which nothing else is known. With one axis, all of it is output.
  public static func standard(rank: Int) -> KernelAxes {
    switch rank {
    case 0: KernelAxes(input: 0..<0, output: 0..<0)
    case 1: KernelAxes(input: 0..<0, output: 0..<1)
    default: KernelAxes(input: rank - 2..<rank - 1, output: rank - 1..<rank)
    }
  }

  /// `[…, out, in]`: Conv2DTranspose and its kin. The rank is 2 or more.
  public static func transposed(rank: Int) -> KernelAxes {
    KernelAxes(input: rank - 1..<rank, output: rank - 2..<rank - 1)
  }

  /// `[…, in, multiplier]`, output channel `in * multiplier + m`: DepthwiseConv and the depthwise
  /// half of SeparableConv. Each output reads one input channel. The rank is 2 or more.
  public static func depthwise(rank: Int) -> KernelAxes {
    KernelAxes(input: rank - 2..<rank - 1, output: rank - 2..<rank)
  }

  /// `[in…, out…]` with `inputs` axes of inputs: EinsumDense and attention, whose query, key and
  /// value kernels are `[model, heads, size]` (1) and whose output kernel is `[heads, size, model]`
  /// (2).
  public static func projection(inputs: Int, rank: Int) -> KernelAxes {
    KernelAxes(input: 0..<inputs, output: inputs..<rank)
  }
}

/// A kernel as a matrix: what one output reads, in storage order, by outputs.
///
/// A convolution's rows are its positions (height, width, input channel), flattened in that order; a
/// Dense kernel's are its inputs. Element (row, output) lies at
/// `(row / after * outputs + output) * after + row % after`; `after` is 1 but for transposed kernels.
public struct KernelLayout: Hashable, Sendable {
  /// Weights that each output has.
  public let rows: Int
  public let outputs: Int
  /// Elements from one output to the next.
  public let after: Int
  /// Input channels.
  public let inputs: Int
  /// Elements from one input channel to the next.
  @usableFromInline let inputStride: Int
  /// Whether an output's index tells its input channel (depthwise kernels).
  @usableFromInline let inputFollowsOutput: Bool

  /// The axes lie inside `shape`, whose product does not overflow.
  public init(shape: [Int], axes: KernelAxes) {
    precondition(axes.input.upperBound <= shape.count && axes.output.upperBound <= shape.count)
    func product(_ part: Range<Int>) -> Int { shape[part].reduce(1, *) }
    outputs = product(axes.output)
    after = product(axes.output.upperBound..<shape.count)
    rows = product(0..<axes.output.lowerBound) * after
    inputs = product(axes.input)
    inputStride = product(axes.input.upperBound..<shape.count)
    inputFollowsOutput = axes.input.overlaps(axes.output)
  }

  /// The input channel of element `index`.
  @inlinable
  public func input(of index: Int) -> Int { index / inputStride % inputs }

  /// The output of element `index`.
  @inlinable
  public func output(of index: Int) -> Int { index / after % outputs }

  /// The row of element `index`: its place among the weights of its output.
  @inlinable
  public func row(of index: Int) -> Int { index / after / outputs * after + index % after }

  /// The element at `row` and `output`.
  @inlinable
  public func index(row: Int, output: Int) -> Int {
    (row / after * outputs + output) * after + row % after
  }

  /// Calls `body` with the place in `range`, from 0, the input channel and the output of each of its
  /// elements. Divides once a row where a row is a run of elements, not once an element.
  @inlinable
  public func forEachPlace(
    in range: Range<Int>, _ body: (_ place: Int, _ input: Int, _ output: Int) -> Void
  ) {
    guard after == 1, !inputFollowsOutput, outputs > 0 else {
      for index in range { body(index - range.lowerBound, input(of: index), output(of: index)) }
      return
    }
    var index = range.lowerBound
    while index < range.upperBound {
      let input = input(of: index)
      let first = index % outputs
      let end = min(range.upperBound, index - first + outputs)
      for place in index..<end { body(place - range.lowerBound, input, first + place - index) }
      index = end
    }
  }
}
