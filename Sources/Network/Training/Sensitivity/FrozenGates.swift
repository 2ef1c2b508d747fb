import CKernels
import Keras

/// What holds the corners of a network where they are, so that second derivatives can be had from
/// differences: on which side of its corners each value of a piecewise linear activation is, and which
/// element of a window is its maximum.
///
/// A pass that records decides anew; the passes after it go by what was decided, whatever the values are
/// by then. So a ReLU that a small step of the weights would turn on stays off, and what is left is
/// smooth: its derivatives are those that differentiating twice gives.
final class FrozenGates: @unchecked Sendable {
  /// Changed between passes alone.
  var isRecording = true
  /// Rows of a batch at most.
  let batch: Int

  init(batch: Int) { self.batch = batch }

  /// The layer that stands in for that of `node`; nil where it has no corners, or not of these kinds.
  func gate(for node: Plan.Node) -> (any Trainable)? {
    guard node.outputs.count == 1, let input = node.call.inputs.first else { return nil }
    if let layer = node.layer as? ActivationLayer,
      let pieces = PiecewiseLinear(layer.activation.kind)
    {
      return FrozenActivation(
        layer, pieces, self, places: batch * node.rowsPerSample * input.count)
    }
    if let layer = node.layer as? any Choosing, layer.chooses {
      return FrozenChoice(
        layer, self, places: batch * node.rowsPerSample * node.outputs[0].count)
    }
    return nil
  }
}

/// A function of one number that is `slopes[i]·x + offsets[i]` between corner `i - 1`, which belongs to
/// it not, and corner `i`, which does.
struct PiecewiseLinear {
  let corners: [Float]
  let slopes: [Float]
  let offsets: [Float]

  init?(_ kind: Activation.Kind) {
    switch kind {
    case .function(let code, let parameter):
      switch Int(code) {
      case CK_RELU: (corners, slopes, offsets) = ([0], [0, 1], [0, 0])
      case CK_RELU6: (corners, slopes, offsets) = ([0, 6], [0, 1, 0], [0, 0, 6])
      case CK_LEAKY_RELU: (corners, slopes, offsets) = ([0], [parameter, 1], [0, 0])
      case CK_HARD_SIGMOID:
        (corners, slopes, offsets) = ([-3, 3], [0, 1 / 6, 0], [0, 0.5, 1])
      case CK_HARD_SIGMOID_FIFTH:
        (corners, slopes, offsets) = ([-2.5, 2.5], [0, 0.2, 0], [0, 0.5, 1])
      case CK_HARD_TANH: (corners, slopes, offsets) = ([-1, 1], [0, 1, 0], [-1, 0, 1])
      default: return nil
      }
    case .relu(let slope, let maximum, let threshold):
      guard threshold >= 0, maximum > threshold else { return nil }
      corners = maximum < .infinity ? [threshold, maximum] : [threshold]
      slopes = maximum < .infinity ? [slope, 1, 0] : [slope, 1]
      offsets = [-slope * threshold, 0] + (maximum < .infinity ? [maximum] : [])
    case .threshold(let above, let other):
      (corners, slopes, offsets) = ([above], [0, 1], [other, 0])
    case .linear, .softmax, .logSoftmax, .sparsemax, .glu: return nil
    }
  }

  @inline(__always)
  func piece(of x: Float) -> UInt8 {
    var piece: UInt8 = 0
    for corner in corners where x > corner { piece += 1 }
    return piece
  }
}

/// A piecewise linear activation, on the pieces that were recorded.
final class FrozenActivation: Trainable {
  static let classNames: [String] = []

  private let inner: ActivationLayer
  private let function: PiecewiseLinear
  private let gates: FrozenGates
  /// By place in the batch.
  private let pieces: UnsafeMutablePointer<UInt8>

  init(_ inner: ActivationLayer, _ function: PiecewiseLinear, _ gates: FrozenGates, places: Int) {
    (self.inner, self.function, self.gates) = (inner, function, gates)
    pieces = .allocate(capacity: max(1, places))
    pieces.initialize(repeating: 0, count: max(1, places))
  }

  /// No configuration has one.
  init(_ definition: Definition) throws(LayerFault) {
    throw .unsupported("an activation that is held in a configuration")
  }

  deinit { pieces.deallocate() }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] { try inner.infer(call) }
  func forward(_ frame: Frame) { inner.forward(frame) }
  var backwardReads: BackwardReads { [] }
  var trainsInPlace: Bool { true }

  func train(_ frame: TrainingFrame) {
    let width = frame.call.inputs[0].count
    let own = pieces + frame.firstRow * width
    let (x, y, count) = (frame.input(), frame.output(), frame.rows * width)
    if gates.isRecording { for i in 0..<count { own[i] = function.piece(of: x[i]) } }
    function.slopes.withUnsafeBufferPointer { slopes in
      function.offsets.withUnsafeBufferPointer { offsets in
        for i in 0..<count { y[i] = slopes[Int(own[i])] * x[i] + offsets[Int(own[i])] }
      }
    }
  }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let width = frame.call.inputs[0].count
    let own = pieces + frame.firstRow * width
    let dy = frame.outputGradient()
    function.slopes.withUnsafeBufferPointer { slopes in
      for i in 0..<frame.rows * width { dx[i] = slopes[Int(own[i])] * dy[i] }
    }
  }
}

/// A layer each of whose results is one of its input's elements.
protocol Choosing: Trainable {
  /// Whether it is set up to be one.
  var chooses: Bool { get }
  /// Writes for each element of the output which of the input's in the same row it is, the first of
  /// equals.
  func choose(_ frame: TrainingFrame, into places: UnsafeMutablePointer<Int32>)
}

/// A maximum, on the elements that were recorded.
final class FrozenChoice: Trainable {
  static let classNames: [String] = []

  private let inner: any Choosing
  private let gates: FrozenGates
  private let chosen: UnsafeMutablePointer<Int32>

  init(_ inner: any Choosing, _ gates: FrozenGates, places: Int) {
    (self.inner, self.gates) = (inner, gates)
    chosen = .allocate(capacity: max(1, places))
    chosen.initialize(repeating: 0, count: max(1, places))
  }

  /// No configuration has one.
  init(_ definition: Definition) throws(LayerFault) {
    throw .unsupported("a maximum that is held in a configuration")
  }

  deinit { chosen.deallocate() }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] { try inner.infer(call) }
  func scratch(_ call: Invocation, rows: Int) -> Int { inner.scratch(call, rows: rows) }
  func forward(_ frame: Frame) { inner.forward(frame) }
  var backwardReads: BackwardReads { [] }

  func train(_ frame: TrainingFrame) {
    let (from, to) = (frame.call.inputs[0].count, frame.frame.outputs[0].count)
    let own = chosen + frame.firstRow * to
    if gates.isRecording { inner.choose(frame, into: own) }
    let (x, y) = (frame.input(), frame.output())
    for row in 0..<frame.rows {
      for i in row * to..<(row + 1) * to { y[i] = x[row * from + Int(own[i])] }
    }
  }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let (from, to) = (frame.call.inputs[0].count, frame.frame.outputs[0].count)
    let own = chosen + frame.firstRow * to
    let dy = frame.outputGradient()
    dx.update(repeating: 0, count: frame.rows * from)
    for row in 0..<frame.rows {
      for i in row * to..<(row + 1) * to { dx[row * from + Int(own[i])] += dy[i] }
    }
  }
}
