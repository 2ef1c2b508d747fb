import JSON

extension LayerCatalogue {
  /// Layers without variables in the file: activations, dropout (whose seed is no part of it),
  /// preprocessing.
  static let weightless: [String: LayerKind] = {
    var all: [String: LayerKind] = [:]
    for name in shapePreserving { all[name] = LayerKind() }
    for name in changing { all[name] = LayerKind(output: { _ in .unknown }) }
    all["InputLayer"] = LayerKind(output: { layer in
      let value = layer.value("batch_shape", "batch_input_shape")
      return PartialShape(value.flatMap(LayerReading.list)?.map(LayerReading.size))
    })
    return all
  }()

  /// What goes through these layers keeps its shape, and each element its place.
  static let shapePreserving: [String] = [
    "Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "Softmax", "Identity", "Dropout",
    "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "GaussianNoise",
    "AlphaDropout", "ActivityRegularization", "Masking", "Rescaling", "RandomBrightness",
    "RandomContrast", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom",
    "RandomShear",
    "RandomHue", "RandomSaturation", "RandomSharpness", "RandomGaussianBlur", "RandomInvert",
    "RandomPosterization", "RandomColorJitter", "RandomColorDegeneration", "RandomPerspective",
    "RandomElasticTransform", "RandomErasing", "Solarization", "Equalization", "AutoContrast",
    "AugMix",
    "RandAugment", "CutMix", "MixUp", "RandomGrayscale",
  ]

  private static let changing: [String] = [
    "Lambda", "Cropping", "CenterCrop", "RandomCrop", "Resizing", "RandomHeight", "RandomWidth",
    "CategoryEncoding", "Discretization", "Hashing", "HashedCrossing", "StringLookup",
    "IntegerLookup", "TextVectorization", "IndexLookup", "FeatureSpace", "MelSpectrogram",
    "STFTSpectrogram", "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "InstanceMethod",
    "ClassMethod", "MaxNumBoundingBoxes", "Pipeline",
  ]
}
