import Keras

/// Every layer that runs. A new one is a file under `Layers/` and a line here.
enum LayerList {
  static let all: [any Layer.Type] = [
    ActivationLayer.self,
    Attention.self,
    BatchNormalization.self,
    CategoryEncoding.self,
    CenterCrop.self,
    Concatenate.self,
    Conv.self,
    ConvTranspose.self,
    Cropping.self,
    Dense.self,
    DepthwiseConv.self,
    Dot.self,
    Dropout.self,
    EinsumDense.self,
    Embedding.self,
    Flatten.self,
    GlobalPooling.self,
    GroupNormalization.self,
    Highway.self,
    LayerNormalization.self,
    Masking.self,
    MaxoutDense.self,
    Merge.self,
    Merging.self,
    MultiHeadAttention.self,
    Normalization.self,
    ParametricSoftplus.self,
    Passing.self,
    Permute.self,
    Pooling.self,
    PReLU.self,
    RandomBrightness.self,
    RandomContrast.self,
    RandomFlip.self,
    RandomRotation.self,
    RandomTranslation.self,
    RandomZoom.self,
    RecurrentLayer<ConvLSTM>.self,
    RecurrentLayer<GRU>.self,
    RecurrentLayer<LSTM>.self,
    RecurrentLayer<SimpleRNN>.self,
    RepeatVector.self,
    Rescaling.self,
    Reshape.self,
    Resizing.self,
    RMSNormalization.self,
    SeparableConv.self,
    SoftmaxLayer.self,
    SReLU.self,
    TensorFlowOperation.self,
    UnitNormalization.self,
    UpSampling.self,
    ZeroPadding.self,
  ]

  static let byName: [String: any Layer.Type] = {
    var table: [String: any Layer.Type] = [:]
    for type in all {
      for name in type.classNames { table[name] = type }
    }
    return table
  }()

  /// What runs `layer`; nil where coppice does not know its class. Operations and layers of one name
  /// (`Add`) are told apart by the layer itself.
  static func type(for layer: LayerGraph.Layer) -> (any Layer.Type)? {
    if layer.isOperation {
      // Of what looks like an operation, and has no module that says so, a layer may be meant.
      return OperationList.byName[layer.className]
        ?? (layer.module == nil ? byName[layer.className] : nil)
    }
    if let type = byName[layer.className] { return type }
    // An operation in a legacy file whose own settings make it look like a layer (`Cast` has a
    // `dtype`).
    return layer.module == nil && layer.config["trainable"] == nil
      ? OperationList.byName[layer.className] : nil
  }
}

/// The functions that functional arithmetic leaves in a configuration (`x + y`, `x[:, 1:]`), by the
/// class of Keras 3's `Operation`. A new one is a file under `Operations/` and a line here.
enum OperationList {
  static let all: [any Trainable.Type] = [
    ArrangeOperation.self,
    BinaryOperation.self,
    CastOperation.self,
    ClipOperation.self,
    GateOperation.self,
    GatherOperation.self,
    JoinOperation.self,
    OneHotOperation.self,
    ProductOperation.self,
    ReduceOperation.self,
    Resizing.self,
    RowOperation.self,
    ShapeOperation.self,
    SplitOperation.self,
    UnaryOperation.self,
    ViewOperation.self,
    WhereOperation.self,
  ]

  static let byName: [String: any Trainable.Type] = {
    var table: [String: any Trainable.Type] = [:]
    for type in all {
      for name in type.classNames { table[name] = type }
    }
    return table
  }()
}
