/// A layer that runs: config → shapes → forward, all of a class in one file under `Layers/`.
///
/// One object a layer of the configuration, however often the model calls it. A layer keeps its
/// settings and variables, by a call's number perhaps what `infer` worked out for it, and nothing
/// that `forward` does: what a call needs comes in the `Invocation` (shapes) and the `Frame`
/// (memory), so that calls run side by side on different rows.
///
/// Every row is computed by itself: its result never depends on what other rows are in the call.
protocol Layer: AnyObject, SendableMetatype {
  /// The classes, as configurations of all ages spell them.
  static var classNames: [String] { get }

  /// Whether `data_format` says where the layer's channels are. The layer itself always computes
  /// with channels last; the builder turns values around it where the file says otherwise.
  static var hasChannels: Bool { get }

  /// Reads the configuration and takes the variables. Throws where a setting is not what Keras
  /// takes, or not what coppice computes, or where a variable has another shape.
  init(_ definition: Definition) throws(LayerFault)

  var parameters: [Parameter] { get }

  /// The shapes of the outputs of such a call. Throws where the inputs do not fit.
  func infer(_ call: Invocation) throws(LayerFault) -> [Signal]

  /// Works out what `forward` keeps of the variables (packed kernels, folded scales). Called after
  /// the variables have changed, never during a run.
  func prepare()

  /// Floats of scratch memory for a call on `rows` rows.
  func scratch(_ call: Invocation, rows: Int) -> Int

  /// Computes the outputs of all rows of `frame`. Output memory holds anything before.
  func forward(_ frame: Frame)

  /// Whether the first output is the first input's bytes under another shape: then `forward` is not
  /// called, and nothing is copied.
  var isView: Bool { get }

  /// Whether the layer does something in training alone, and lets its input pass in prediction.
  var passes: Bool { get }

  /// Whether the first output may lie where the first input does.
  var worksInPlace: Bool { get }
}

extension Layer {
  static var hasChannels: Bool { false }
  var parameters: [Parameter] { [] }
  func prepare() {}
  func scratch(_ call: Invocation, rows: Int) -> Int { 0 }
  var isView: Bool { false }
  var passes: Bool { false }
  var worksInPlace: Bool { false }
}

/// The memory of one call of a layer for a chunk of rows.
struct Frame {
  let call: Invocation
  let outputs: [Signal]
  /// How many rows there are in every input and output.
  let rows: Int
  /// As much as `Layer.scratch` asked for, aligned to 64 bytes.
  let scratch: UnsafeMutablePointer<Float>
  /// By value of the plan: where its rows of this chunk begin, and where its mask does.
  let values: UnsafePointer<UnsafeMutablePointer<Float>>
  let masks: UnsafePointer<UnsafeMutablePointer<Float>?>
  let inputPlaces: [Int]
  let outputPlaces: [Int]
  /// Where the layer says that a value cannot be computed with.
  let faults: DataFaults

  /// `[rows][call.inputs[index].shape…]`
  @inline(__always)
  func input(_ index: Int = 0) -> UnsafeMutablePointer<Float> { values[inputPlaces[index]] }
  /// `[rows][outputs[index].shape…]`
  @inline(__always)
  func output(_ index: Int = 0) -> UnsafeMutablePointer<Float> { values[outputPlaces[index]] }
  /// `[rows][call.masks[index]…]`, nil where the input has no mask.
  func mask(_ index: Int = 0) -> UnsafeMutablePointer<Float>? { masks[inputPlaces[index]] }
  /// Where the layer writes the mask that it made.
  func outputMask(_ index: Int = 0) -> UnsafeMutablePointer<Float>? { masks[outputPlaces[index]] }

  /// Writes the first input as the first output, for layers that let it pass.
  func passInput() {
    let (x, y) = (input(), output())
    if x != y { y.update(from: x, count: rows * call.inputs[0].count) }
  }

  var inputShape: [Int] { call.inputs[0].shape }
  var outputShape: [Int] { outputs[0].shape }
}
