import JSON

/// What is in a model file: schema `coppice.inspect/1`.
///
/// Totals are counted from `tensors`, so that they cannot disagree with it. A tensor that the file
/// holds under two names belongs in the list once.
public struct InspectReport: Sendable, Equatable {
  public static let schema = "coppice.inspect/1"

  public var file: String
  /// `keras-h5`, `keras-weights-h5`, `keras3-weights-h5`, `keras-archive`, `hdf5` or `csrm`.
  public var container: String
  public var kerasVersion: String?
  public var backend: String?
  public var modelName: String?
  /// Size of the file.
  public var bytes: Int
  /// In the order of the model.
  public var tensors: [TensorFacts]
  public var otherBytes: OtherBytes

  /// Asked for by `--histogram`: all prunable tensors together.
  public var histogram: MagnitudeHistogram?
  /// Asked for by `--estimate`.
  public var estimate: PackingEstimate?
  /// What a person should know: disagreements of config and weights, odd layouts.
  public var notes: [String] = []

  /// Tensors folded by layer, for `--layers`.
  public var showsLayers = false
  /// `-v`: the table has a row for every tensor of the optimizer, rather than one for all, and says
  /// why a tensor is left alone.
  public var isVerbose = false
  /// nil keeps the order of the model.
  public var order: InspectColumn?

  public init(
    file: String, container: String, bytes: Int, tensors: [TensorFacts], otherBytes: OtherBytes,
    kerasVersion: String? = nil, backend: String? = nil, modelName: String? = nil
  ) {
    self.file = file
    self.container = container
    self.bytes = bytes
    self.tensors = tensors
    self.otherBytes = otherBytes
    self.kerasVersion = kerasVersion
    self.backend = backend
    self.modelName = modelName
  }

  /// Bytes of the file that are no weights.
  public struct OtherBytes: Sendable, Equatable {
    /// Optimizer state, as stored.
    public var optimizer: Int
    /// Values of attributes, the config among them.
    public var attributes: Int
    /// The rest: headers, names, trees, free space, the zip's own records.
    public var metadata: Int

    public init(optimizer: Int, attributes: Int, metadata: Int) {
      self.optimizer = optimizer
      self.attributes = attributes
      self.metadata = metadata
    }
  }
}

extension InspectReport {
  /// All tensors but the optimizer's.
  var modelTensors: [TensorFacts] { tensors.filter { !$0.isOptimizer } }
  var optimizerTensors: [TensorFacts] { tensors.filter(\.isOptimizer) }
  var prunableTensors: [TensorFacts] { tensors.filter(\.prunable) }

  /// Elements of all tensors, optimizer state aside.
  public var parameters: Int { modelTensors.reduce(0) { $0 + $1.count } }
  /// Elements of the prunable tensors.
  public var prunable: Int { prunableTensors.reduce(0) { $0 + $1.count } }
  /// Zeros among the prunable elements, -0.0 too.
  public var zeros: Int { prunableTensors.reduce(0) { $0 + $1.zeros } }
  public var allZeros: Int { modelTensors.reduce(0) { $0 + $1.zeros } }
  /// NaN and infinite elements, optimizer state aside.
  public var nonfinite: Int { modelTensors.reduce(0) { $0 + $1.nan + $1.inf } }
  /// Zeros ÷ prunable elements; nil where nothing is prunable.
  public var sparsity: Double? { share(zeros, of: prunable) }
  /// Zeros of all tensors ÷ all elements, optimizer state aside.
  public var overallSparsity: Double? { share(allZeros, of: parameters) }
}
