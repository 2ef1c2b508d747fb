import JSON

extension LayerCatalogue {
  static let reshaping: [String: LayerKind] = [
    "Flatten": LayerKind(output: { layer in
      guard let dimensions = layer.input.dimensions, let batch = dimensions.first else {
        return .unknown
      }
      return PartialShape([batch, PartialShape.product(dimensions.dropFirst())])
    }),
    "Reshape": LayerKind(output: { layer in
      guard let target = layer.value("target_shape", "dims").flatMap(LayerReading.list) else {
        return .unknown
      }
      var shape = target.map { size -> Int? in LayerReading.size(size).flatMap { $0 < 0 ? nil : $0 }
      }
      if let gap = shape.firstIndex(of: nil), let dimensions = layer.input.dimensions,
        let total = PartialShape.product(dimensions.dropFirst()),
        let known = PartialShape.product(shape[..<gap] + shape[(gap + 1)...]), known > 0
      {
        shape[gap] = total / known
      }
      return PartialShape([layer.input.dimensions?.first ?? nil] + shape)
    }),
    "Permute": LayerKind(output: { layer in
      guard
        let order = layer.value("dims").flatMap(LayerReading.list)?.compactMap(LayerReading.size),
        let dimensions = layer.input.dimensions, order.count == dimensions.count - 1,
        order.allSatisfy(dimensions.indices.contains)
      else { return .unknown }
      return PartialShape([dimensions[0]] + order.map { dimensions[$0] })
    }),
    "RepeatVector": LayerKind(
      counts: ["n"],
      output: { layer in
        PartialShape([layer.input.dimensions?.first ?? nil, layer.int("n"), layer.input.last])
      }),
  ]
}
