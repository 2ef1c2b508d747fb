import JSON

extension LayerCatalogue {
  static let pooling: [String: LayerKind] = {
    var all: [String: LayerKind] = [:]
    for rank in 1...3 {
      for name in ["Max", "Average"] {
        all["\(name)Pooling\(rank)D"] = window(rank)
        all["Global\(name)Pooling\(rank)D"] = global(rank)
      }
      all["ZeroPadding\(rank)D"] = frame(rank, "padding", sign: 1)
      all["Cropping\(rank)D"] = frame(rank, "cropping", sign: -1)
      all["UpSampling\(rank)D"] = LayerKind(output: { layer in
        let factors = layer.ints("size", count: rank) ?? layer.ints("length", count: rank)
        let spatial = layer.spatial(rank).map { spatial in
          spatial.indices.map { i -> Int? in
            guard let factors else { return nil }
            return PartialShape.product([spatial[i], factors[i]])
          }
        }
        return layer.shape(spatial: spatial, channels: layer.channels, rank: rank)
      })
    }
    for name in ["Adaptive", "AdaptiveMax", "AdaptiveAverage"] {
      for rank in 1...3 { all["\(name)Pooling\(rank)D"] = LayerKind(output: { _ in .unknown }) }
    }
    return all
  }()

  private static func window(_ rank: Int) -> LayerKind {
    LayerKind(
      counts: ["pool_size", "strides", "pool_length", "stride"],
      output: { layer in
        // Keras 1 spells the one dimension `pool_length` and `stride`.
        let size = layer.ints("pool_size", count: rank) ?? layer.int("pool_length").map { [$0] }
        let strides = layer.ints("strides", count: rank) ?? layer.int("stride").map { [$0] } ?? size
        let padding = layer.text("padding", "border_mode") ?? "valid"
        let spatial = layer.spatial(rank).map { spatial in
          spatial.indices.map { i in
            Window.output(
              spatial[i], size.map { $0[i] }, stride: strides.map { $0[i] }, padding: padding)
          }
        }
        return layer.shape(spatial: spatial, channels: layer.channels, rank: rank)
      })
  }

  private static func global(_ rank: Int) -> LayerKind {
    LayerKind(output: { layer in
      if layer.flag("keepdims", default: false) {
        return layer.shape(
          spatial: [Int?](repeating: 1, count: rank), channels: layer.channels, rank: rank)
      }
      return PartialShape([layer.input.dimensions?.first ?? nil, layer.channels])
    })
  }

  /// Padding adds to each side, cropping takes away.
  private static func frame(_ rank: Int, _ key: String, sign: Int) -> LayerKind {
    LayerKind(output: { layer in
      let sides = sides(layer.value(key), rank)
      let spatial = layer.spatial(rank).map { spatial in
        spatial.indices.map { i -> Int? in
          guard let input = spatial[i], let (before, after) = sides?[i],
            abs(before) < 1 << 30, abs(after) < 1 << 30
          else { return nil }
          return max(0, input + sign * (before + after))
        }
      }
      return layer.shape(spatial: spatial, channels: layer.channels, rank: rank)
    })
  }

  /// One number for all sides, one for each dimension, or a pair for each dimension.
  private static func sides(_ value: JSON.Value?, _ rank: Int) -> [(Int, Int)]? {
    guard let value else { return nil }
    if let one = LayerReading.size(value) { return Array(repeating: (one, one), count: rank) }
    guard let list = LayerReading.list(value) else { return nil }
    if rank == 1, list.count == 2, let before = LayerReading.size(list[0]),
      let after = LayerReading.size(list[1])
    {
      return [(before, after)]
    }
    guard list.count == rank else { return nil }
    var sides: [(Int, Int)] = []
    for entry in list {
      if let one = LayerReading.size(entry) {
        sides.append((one, one))
      } else if let pair = LayerReading.list(entry)?.compactMap(LayerReading.size), pair.count == 2
      {
        sides.append((pair[0], pair[1]))
      } else {
        return nil
      }
    }
    return sides
  }
}
