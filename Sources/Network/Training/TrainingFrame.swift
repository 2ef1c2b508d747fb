/// The memory of one call of a layer for a chunk of rows, on the way forward and on the way back.
struct TrainingFrame {
  let frame: Frame
  /// `[rows][kept…]`
  let kept: UnsafeMutablePointer<Float>
  /// The first row of the chunk among the rows of the batch.
  let firstRow: Int
  /// Samples of the whole batch.
  let batchRows: Int
  /// `[rows]`: what a layer that `penalizes` adds to the sum of losses; nil for the others.
  let penalties: UnsafeMutablePointer<Double>?
  /// Whether layers do as in training, or as in prediction.
  let trains: Bool
  /// Numbers drawn for this call in this step.
  let random: RandomStream
  /// What a `Batched` layer made of its sums.
  let settled: UnsafeMutablePointer<Float>
  /// By value of the plan: the gradient's rows of this chunk; nil where there is none.
  let gradients: UnsafePointer<UnsafeMutablePointer<Float>?>
  /// By input of the call; nil where nobody wants it.
  let inputGradients: UnsafePointer<UnsafeMutablePointer<Float>?>
  /// By `Parameter.place`; nil for one that is not trained.
  let parameterGradients: UnsafePointer<UnsafeMutablePointer<Float>?>

  var call: Invocation { frame.call }
  var rows: Int { frame.rows }
  var scratch: UnsafeMutablePointer<Float> { frame.scratch }
  var inputShape: [Int] { frame.inputShape }
  var outputShape: [Int] { frame.outputShape }

  /// `[rows][call.inputs[index].shape…]`
  @inline(__always)
  func input(_ index: Int = 0) -> UnsafeMutablePointer<Float> { frame.input(index) }
  /// `[rows][outputs[index].shape…]`
  @inline(__always)
  func output(_ index: Int = 0) -> UnsafeMutablePointer<Float> { frame.output(index) }
  func mask(_ index: Int = 0) -> UnsafeMutablePointer<Float>? { frame.mask(index) }

  /// The gradient of output `index`, `[rows][shape…]`.
  @inline(__always)
  func outputGradient(_ index: Int = 0) -> UnsafeMutablePointer<Float> {
    guard let gradient = gradients[frame.outputPlaces[index]] else {
      preconditionFailure("an output on the way back has a gradient")
    }
    return gradient
  }

  /// Where the gradient of input `index` goes, `[rows][shape…]`; nil where nobody wants it.
  @inline(__always)
  func inputGradient(_ index: Int = 0) -> UnsafeMutablePointer<Float>? { inputGradients[index] }

  /// Where gradients of `parameter` are added up, in its own shape; nil where it is not trained.
  @inline(__always)
  func gradient(of parameter: Parameter) -> UnsafeMutablePointer<Float>? {
    parameterGradients[parameter.place]
  }
}

extension TrainingFrame {
  /// Writes zeros where a gradient is asked for that the layer has none for, such as a mask's.
  func clearInputGradients() {
    for (index, input) in call.inputs.enumerated() {
      inputGradient(index)?.update(repeating: 0, count: rows * input.count)
    }
  }
}
