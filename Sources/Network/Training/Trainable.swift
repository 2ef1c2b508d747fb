/// A layer that training goes through: what it does beyond predicting.
///
/// A layer that a gradient has to pass, or that has variables to be trained, has to be one. Like
/// `Layer`, it keeps nothing of a pass in the object: what the way forward leaves for the way back
/// lies in the frame.
protocol Trainable: Layer {
  /// Floats a row that `train` leaves for `backward` in `TrainingFrame.kept`.
  func kept(_ call: Invocation) -> Int

  /// Floats of scratch memory of `train` and `backward` on `rows` rows.
  func trainingScratch(_ call: Invocation, rows: Int) -> Int

  /// Which values `backward` reads. What it does not read may be gone by then.
  var backwardReads: BackwardReads { get }

  /// Whether in training the first output may lie where the first input does. Both have one gradient
  /// then, which `backward` overwrites.
  var trainsInPlace: Bool { get }

  /// Whether in training it adds something to the loss beside what its outputs do: what, it writes to
  /// `TrainingFrame.penalties`.
  var penalizes: Bool { get }

  /// Works out what the passes keep of the variables, after every update. `wantsInputs`: whether
  /// anybody asks for gradients of inputs.
  func prepareForTraining(wantsInputs: Bool)

  /// Computes the outputs as training has them: all rows of the frame.
  func train(_ frame: TrainingFrame)

  /// From the gradients of the outputs to those of inputs and variables:
  /// - writes all of the gradient of every input that is wanted (adds nothing to it),
  /// - adds to the gradients of variables.
  ///
  /// It may overwrite the gradients of its outputs. A layer of products gets the gradient before its
  /// activation.
  func backward(_ frame: TrainingFrame)

  /// Kernels whose gradients are products over the whole batch, taken when all rows are through.
  func deferredProducts(_ call: Invocation) -> [DeferredProduct]
}

/// What of a call's values the way back reads.
struct BackwardReads: OptionSet {
  let rawValue: Int
  static let inputs = BackwardReads(rawValue: 1)
  static let outputs = BackwardReads(rawValue: 2)
}

/// `kernel gradient = inputᵀ · output gradient`, both taken as `[rows][width]` over the batch: what
/// `backward` leaves of the output gradient is the right-hand side.
struct DeferredProduct {
  var kernel: Parameter
  /// Which input of the call, and its width: the rows of the kernel.
  var input = 0
  var inputWidth: Int
  /// Which output of the call, and its width: the columns of the kernel.
  var output = 0
  var outputWidth: Int
}

extension Trainable {
  func kept(_ call: Invocation) -> Int { 0 }
  func trainingScratch(_ call: Invocation, rows: Int) -> Int { scratch(call, rows: rows) }
  var backwardReads: BackwardReads { [.inputs, .outputs] }
  var trainsInPlace: Bool { false }
  var penalizes: Bool { false }
  func prepareForTraining(wantsInputs: Bool) { prepare() }
  func train(_ frame: TrainingFrame) { forward(frame.frame) }
  func deferredProducts(_ call: Invocation) -> [DeferredProduct] { [] }
}

/// A layer whose rows depend on each other in training, through a few sums over the batch (batch
/// normalisation).
///
/// Sums are taken lane by lane in doubles and put together in the order of the lanes; one thread then
/// makes of them what all rows need.
protocol Batched: Trainable {
  /// Whether it sums over the batch: one that is frozen predicts.
  var isBatched: Bool { get }
  /// Doubles of each of the two sums.
  func sums(_ call: Invocation) -> Int
  /// Floats of what `settle` makes of the sums, for both ways.
  func settled(_ call: Invocation) -> Int
  /// Adds what the rows of the frame give, on the way forward.
  func gather(_ frame: TrainingFrame, into sums: UnsafeMutablePointer<Double>)
  /// Makes of the sums what `train` needs, and updates moving statistics.
  func settle(
    _ call: Invocation, sums: UnsafePointer<Double>, rows: Int,
    into settled: UnsafeMutablePointer<Float>)
  /// Adds what the rows of the frame give, on the way back.
  func gatherBack(_ frame: TrainingFrame, into sums: UnsafeMutablePointer<Double>)
  /// Makes of the sums what `backward` needs, and adds to the gradients of the variables.
  func settleBack(
    _ call: Invocation, sums: UnsafePointer<Double>, rows: Int,
    into settled: UnsafeMutablePointer<Float>,
    gradient: (Parameter) -> UnsafeMutablePointer<Float>?)
}

/// A layer that changes variables before a training step begins, whatever the step's rows are.
protocol StepOpening: Layer {
  /// Whether it changed any.
  func openStep() -> Bool
}
