import JSON

extension LayerCatalogue {
  /// Layers of one matrix on the last axis, and lookups.
  static let dense: [String: LayerKind] = [
    "Dense": LayerKind(
      counts: ["units", "output_dim"],
      slots: { layer in
        let units = layer.int("units", "output_dim")
        return [Slot(.kernel, [layer.input.last, units])] + bias(layer, [units])
      },
      output: { layer in layer.input.with(last: layer.int("units", "output_dim")) }),
    "TimeDistributedDense": LayerKind(
      counts: ["output_dim"],
      slots: { layer in
        let units = layer.int("output_dim")
        return [Slot(.kernel, [layer.input.last, units])] + bias(layer, [units])
      },
      output: { layer in layer.input.with(last: layer.int("output_dim")) }),
    "EinsumDense": LayerKind(
      slots: { layer in
        let equation = EinsumShapes(layer)
        var slots = [Slot(.kernel, equation?.kernel)]
        if layer.value("bias_axes") != nil { slots.append(Slot(.bias, equation?.bias)) }
        return slots
      },
      output: { layer in PartialShape(EinsumShapes(layer)?.output) }),
    "MaxoutDense": LayerKind(
      slots: { layer in
        let (features, units) = (layer.int("nb_feature"), layer.int("output_dim"))
        return [Slot(.kernel, [features, layer.input.last, units])]
          + bias(layer, [features, units])
      },
      output: { layer in layer.input.with(last: layer.int("output_dim")) }),
    "Highway": LayerKind(
      slots: { layer in
        let width = layer.input.last
        return [
          Slot(.kernel, [width, width]), Slot(.kernel, [width, width], name: "carry_kernel"),
        ] + (layer.hasBias ? [Slot(.bias, [width]), Slot(.bias, [width], name: "carry_bias")] : [])
      }),
    "Embedding": LayerKind(
      counts: ["input_dim", "output_dim"],
      slots: { layer in [Slot(.embeddings, [layer.int("input_dim"), layer.int("output_dim")])] },
      output: { layer in
        PartialShape(layer.input.dimensions.map { $0 + [layer.int("output_dim")] })
      }),
  ]

  /// The bias of that shape, where the layer has one.
  static func bias(_ layer: LayerReading, _ shape: [Int?]?, group: String = "") -> [Slot] {
    layer.hasBias ? [Slot(.bias, shape, group: group)] : []
  }
}

/// The shapes in an EinsumDense, from its equation `abc,cd->abd`.
private struct EinsumShapes {
  var kernel: [Int?]
  var bias: [Int?]?
  var output: [Int?]

  init?(_ layer: LayerReading) {
    guard let equation = layer.text("equation"), !equation.contains("...") else { return nil }
    let sides = equation.split(separator: "->", omittingEmptySubsequences: false)
    guard sides.count == 2 else { return nil }
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard terms.count == 2 else { return nil }
    var sizes: [Character: Int] = [:]
    if let input = layer.input.dimensions, input.count == terms[0].count {
      for (letter, size) in zip(terms[0], input) { if let size { sizes[letter] = size } }
    }
    // `output_shape` leaves out the batch, and null stands for what the input has.
    let given = layer.value("output_shape")
    let shape = given.flatMap(LayerReading.list) ?? given.map { [$0] } ?? []
    if shape.count == sides[1].count - 1 {
      for (letter, size) in zip(sides[1].dropFirst(), shape) {
        if let size = LayerReading.size(size) { sizes[letter] = size }
      }
    }
    kernel = terms[1].map { sizes[$0] }
    output = sides[1].map { sizes[$0] }
    if let axes = layer.text("bias_axes"),
      let first = sides[1].firstIndex(where: { axes.contains($0) })
    {
      // From the first axis of the bias on; an axis that it does not have is 1.
      bias = sides[1][first...].map { axes.contains($0) ? sizes[$0] : 1 }
    }
  }
}
