import JSON

extension LayerCatalogue {
  static let normalisation: [String: LayerKind] = [
    "BatchNormalization": batch, "BatchNormalizationV1": batch, "BatchNormalizationV2": batch,
    "SyncBatchNormalization": batch,
    "LayerNormalization": LayerKind(slots: { layer in
      let shape = axes(layer, standard: -1)
      return scaled(layer, shape)
    }),
    "GroupNormalization": LayerKind(slots: { layer in scaled(layer, axes(layer, standard: -1)) }),
    "RMSNormalization": LayerKind(slots: { layer in
      [Slot(.scale, axes(layer, standard: -1))]
    }),
    "UnitNormalization": LayerKind(),
    // Its wrapped layer comes after its own variable.
    "SpectralNormalization": LayerKind(slots: { layer in
      var kernel = Slot(.kernel, nil)
      kernel.isAlias = true
      return [kernel, Slot(.vectorU, nil, trainable: false)]
    }),
    "Normalization": LayerKind(slots: { layer in
      // Constants in the configuration make no variables.
      if layer.value("mean") != nil || layer.value("input_mean") != nil { return [] }
      let shape: [Int?]? = layer.value("axis").map { _ in axes(layer, standard: -1) } ?? []
      return [
        Slot(.mean, shape, trainable: false), Slot(.variance, shape, trainable: false),
        Slot(.count, [], trainable: false),
      ]
    }),
    "PReLU": LayerKind(slots: { layer in
      var shape = layer.input.dimensions.map { Array($0.dropFirst()) }
      for axis in layer.value("shared_axes").flatMap(LayerReading.list) ?? [] {
        // Axes count from 1, the batch being 0.
        guard let axis = axis.integerValue, let rank = shape?.count, axis >= 1, axis <= rank
        else { continue }
        shape?[axis - 1] = 1
      }
      return [Slot(.alpha, shape)]
    }),
    "ParametricSoftplus": LayerKind(slots: { _ in
      [Slot(.alpha, nil), Slot(.alpha, nil, name: "beta")]
    }),
    "SReLU": LayerKind(slots: { _ in
      ["t_left", "a_left", "t_right", "a_right"].map { Slot(.alpha, nil, name: $0) }
    }),
  ]

  private static let batch = LayerKind(slots: { layer in
    var shape = axes(layer, standard: -1)
    // Keras 1 had modes of its own, of which only mode 0 keeps one value a channel.
    if layer.age == .one, let mode = layer.int("mode"), mode != 0 { shape = nil }
    return scaled(layer, shape) + [
      Slot(.movingMean, shape, trainable: false), Slot(.movingVariance, shape, trainable: false),
    ]
  })

  private static func scaled(_ layer: LayerReading, _ shape: [Int?]?) -> [Slot] {
    (layer.flag("scale", default: true) ? [Slot(.gamma, shape)] : [])
      + (layer.flag("center", default: true) && !layer.flag("rms_scaling", default: false)
        ? [Slot(.beta, shape)] : [])
  }

  /// The input's dimensions along `axis`, which may be a list.
  private static func axes(_ layer: LayerReading, standard: Int) -> [Int?]? {
    guard let value = layer.value("axis") else { return [layer.input.dimension(standard)] }
    if let axis = LayerReading.size(value) { return [layer.input.dimension(axis)] }
    guard let list = LayerReading.list(value) else { return nil }
    return list.map { LayerReading.size($0).flatMap(layer.input.dimension) }
  }
}
