import JSON

extension LayerCatalogue {
  static let attention: [String: LayerKind] = [
    "MultiHeadAttention": LayerKind(
      counts: ["num_heads", "key_dim", "value_dim"], slots: multiHead,
      output: { layer in
        layer.flag("return_attention_scores", default: false) || layer.value("output_shape") != nil
          ? .unknown : layer.input
      }),
    "GroupedQueryAttention": grouped, "GroupQueryAttention": grouped,
    "Attention": LayerKind(
      slots: { layer in
        (layer.flag("use_scale", default: false) ? [Slot(.scale, [])] : [])
          + (layer.value("score_mode") == "concat"
            ? [Slot(.scale, [], name: "concat_score_weight")] : [])
      },
      output: attended),
    "AdditiveAttention": LayerKind(
      slots: { layer in
        layer.flag("use_scale", default: true) ? [Slot(.scale, [layer.input.last])] : []
      },
      output: attended),
  ]

  /// (batch, queries, width of the values).
  private static func attended(_ layer: LayerReading) -> PartialShape {
    layer.inputs.count > 1 ? layer.input.with(last: layer.inputs[1].last) : .unknown
  }

  private static func multiHead(_ layer: LayerReading) -> [Slot] {
    let heads = layer.int("num_heads")
    let keyWidth = layer.int("key_dim")
    let valueWidth = layer.int("value_dim") ?? keyWidth
    // Called as (query, value, key), the key being the value where it is not given.
    let query = layer.input
    let value = layer.inputs.count > 1 ? layer.inputs[1] : .unknown
    let key = layer.inputs.count > 2 ? layer.inputs[2] : value
    var projections: [(String, PartialShape, Int?)] = [
      ("query", query, keyWidth), ("key", key, keyWidth),
    ]
    if layer.flag("use_gate", default: false) { projections.append(("gate", query, valueWidth)) }
    projections.append(("value", value, valueWidth))
    // Keras 3 saves the projections under properties, Keras 2 under the attributes themselves.
    let mark = layer.age == .three ? "" : "_"
    var slots: [Slot] = []
    for (name, input, width) in projections {
      slots += projection(
        name, group: "\(mark)\(name)_dense", kernel: [input.last, heads, width],
        bias: [heads, width],
        layer)
    }
    let output = layer.value("output_shape")
    let outputShape =
      output == nil
      ? [query.last]
      : (output.flatMap(LayerReading.list) ?? [output ?? .null]).map(LayerReading.size)
    return slots
      + projection(
        "attention_output", group: "\(mark)output_dense",
        kernel: [heads, valueWidth] + outputShape,
        bias: outputShape, layer)
  }

  private static let grouped = LayerKind(
    counts: ["head_dim", "num_query_heads", "num_key_value_heads"],
    slots: { layer in
      let (width, queries) = (layer.int("head_dim"), layer.int("num_query_heads"))
      let others = layer.int("num_key_value_heads")
      let query = layer.input.last
      let value = layer.inputs.count > 1 ? layer.inputs[1].last : nil
      let key = layer.inputs.count > 2 ? layer.inputs[2].last : value
      var slots = projection(
        "query", group: "_query_dense", kernel: [query, queries, width], bias: [queries, width],
        layer)
      slots += projection(
        "key", group: "_key_dense", kernel: [key, others, width], bias: [others, width], layer)
      if layer.flag("use_gate", default: false) {
        slots += projection("gate", group: "_gate_dense", kernel: nil, bias: nil, layer)
      }
      slots += projection(
        "value", group: "_value_dense", kernel: [value, others, width], bias: [others, width], layer
      )
      return slots
        + projection(
          "attention_output", group: "_output_dense", kernel: [queries, width, query],
          bias: [query],
          layer)
    })

  private static func projection(
    _ name: String, group: String, kernel: [Int?]?, bias: [Int?]?, _ layer: LayerReading
  ) -> [Slot] {
    [Slot(.kernel, kernel, name: "\(name)/kernel", group: group, owner: "EinsumDense")]
      + (layer.hasBias
        ? [Slot(.bias, bias, name: "\(name)/bias", group: group, owner: "EinsumDense")] : [])
  }
}
