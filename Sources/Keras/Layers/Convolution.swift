import JSON

extension LayerCatalogue {
  static let convolution: [String: LayerKind] = {
    var all: [String: LayerKind] = [:]
    for rank in 1...3 {
      for name in ["Conv\(rank)D", "Convolution\(rank)D"] { all[name] = plain(rank) }
      for name in ["Conv\(rank)DTranspose", "Convolution\(rank)DTranspose"] {
        all[name] = transposed(rank)
      }
      if rank < 3 {
        all["DepthwiseConv\(rank)D"] = depthwise(rank)
        for name in ["SeparableConv\(rank)D", "SeparableConvolution\(rank)D"] {
          all[name] = separable(rank)
        }
        all["LocallyConnected\(rank)D"] = local(rank)
      }
    }
    for name in ["AtrousConvolution1D", "AtrousConv1D"] { all[name] = plain(1) }
    for name in ["AtrousConvolution2D", "AtrousConv2D"] { all[name] = plain(2) }
    for name in ["Deconvolution2D", "Deconv2D"] { all[name] = transposed(2) }
    return all
  }()

  private static let counts = [
    "filters", "nb_filter", "kernel_size", "strides", "dilation_rate", "groups", "depth_multiplier",
    "nb_row", "nb_col", "filter_length",
  ]

  private static func plain(_ rank: Int) -> LayerKind {
    LayerKind(
      counts: counts,
      slots: { layer in
        let geometry = Convolution(layer, rank)
        let filters = geometry.filters
        let groups = layer.int("groups") ?? 1
        let perGroup = layer.channels.flatMap { groups > 0 && $0 % groups == 0 ? $0 / groups : nil }
        var shape = geometry.kernel + [perGroup, filters]
        if layer.age == .one {
          // Conv1D is a 2D kernel of width 1; Theano's order is (out, in, …).
          if rank == 1 { shape = [geometry.kernel[0], 1, layer.input.last, filters] }
          if layer.value("dim_ordering") == "th" { shape = [filters, perGroup] + geometry.kernel }
        }
        return [Slot(.kernel, shape)] + bias(layer, [filters])
      },
      output: { layer in
        let geometry = Convolution(layer, rank)
        return layer.shape(spatial: geometry.output, channels: geometry.filters, rank: rank)
      })
  }

  private static func transposed(_ rank: Int) -> LayerKind {
    LayerKind(
      counts: counts,
      slots: { layer in
        let geometry = Convolution(layer, rank)
        let shape = layer.age == .one ? nil : geometry.kernel + [geometry.filters, layer.channels]
        return [Slot(.kernel, shape)] + bias(layer, [geometry.filters])
      },
      output: { layer in
        let geometry = Convolution(layer, rank)
        return layer.shape(
          spatial: geometry.transposedOutput, channels: geometry.filters, rank: rank)
      })
  }

  private static func depthwise(_ rank: Int) -> LayerKind {
    LayerKind(
      counts: counts,
      slots: { layer in
        let geometry = Convolution(layer, rank)
        let multiplier = layer.int("depth_multiplier") ?? 1
        return [
          Slot(
            .depthwiseKernel, geometry.kernel + [layer.channels, multiplier],
            // Keras 3 calls it just so.
            name: layer.age == .three ? "kernel" : nil)
        ]
          + bias(layer, [geometry.times(multiplier, layer.channels)])
      },
      output: { layer in
        let geometry = Convolution(layer, rank)
        let channels = geometry.times(layer.int("depth_multiplier") ?? 1, layer.channels)
        return layer.shape(spatial: geometry.output, channels: channels, rank: rank)
      })
  }

  private static func separable(_ rank: Int) -> LayerKind {
    LayerKind(
      counts: counts,
      slots: { layer in
        let geometry = Convolution(layer, rank)
        let multiplier = layer.int("depth_multiplier") ?? 1
        let ones = [Int?](repeating: 1, count: rank)
        let between = geometry.times(multiplier, layer.channels)
        let isTheano = layer.value("dim_ordering") == "th"
        return [
          Slot(.depthwiseKernel, isTheano ? nil : geometry.kernel + [layer.channels, multiplier]),
          Slot(.pointwiseKernel, isTheano ? nil : ones + [between, geometry.filters]),
        ] + bias(layer, [geometry.filters])
      },
      output: { layer in
        let geometry = Convolution(layer, rank)
        return layer.shape(spatial: geometry.output, channels: geometry.filters, rank: rank)
      })
  }

  /// Unshared weights: the kernel's shape depends on the implementation chosen.
  private static func local(_ rank: Int) -> LayerKind {
    LayerKind(
      counts: counts,
      slots: { layer in [Slot(.kernel, nil)] + bias(layer, nil) },
      output: { layer in
        let geometry = Convolution(layer, rank)
        return layer.shape(spatial: geometry.output, channels: geometry.filters, rank: rank)
      })
  }
}

/// The numbers of a convolution in the words of each Keras, and what they make of the spatial
/// dimensions (keras-files.md, section 6, shapes and padding).
struct Convolution {
  let kernel: [Int?]
  let filters: Int?
  private let strides: [Int]
  private let dilation: [Int]
  private let padding: String
  private let input: [Int?]?
  private let outputPadding: [Int?]?

  init(_ layer: LayerReading, _ rank: Int) {
    if let size = layer.ints("kernel_size", count: rank) {
      kernel = size
    } else if let length = layer.int("filter_length") {
      kernel = [length]
    } else {
      let keys = ["kernel_dim1", "kernel_dim2", "kernel_dim3"]
      let rowsAndColumns = [layer.int("nb_row"), layer.int("nb_col")]
      kernel =
        rank == 2
        ? rowsAndColumns : keys.prefix(rank).map { layer.config[$0].flatMap(LayerReading.size) }
    }
    filters = layer.int("filters", "nb_filter")
    let ones = [Int](repeating: 1, count: rank)
    strides =
      layer.ints("strides", count: rank) ?? layer.ints("subsample", count: rank)
      ?? layer.ints("subsample_length", count: rank) ?? ones
    dilation =
      layer.ints("dilation_rate", count: rank) ?? layer.ints("atrous_rate", count: rank) ?? ones
    padding = layer.text("padding", "border_mode") ?? "valid"
    input = layer.spatial(rank)
    outputPadding = layer.ints("output_padding", count: rank)
  }

  func times(_ multiplier: Int, _ channels: Int?) -> Int? {
    channels.flatMap { PartialShape.product([$0, multiplier]) }
  }

  var output: [Int?]? {
    guard let input, input.count == kernel.count else { return nil }
    return input.indices.map { i in
      Window.output(
        input[i], kernel[i], stride: strides[i], dilation: dilation[i], padding: padding)
    }
  }

  /// Valid: (n − 1)s + max(k, s); same: ns; with an output padding p: (n − 1)s + k − 2(k/2) + p for
  /// same.
  var transposedOutput: [Int?]? {
    guard let input, input.count == kernel.count else { return nil }
    return input.indices.map { i in
      guard let n = input[i], let k = kernel[i], n > 0, k > 0, k < 1 << 30, n < 1 << 30,
        strides[i] > 0,
        strides[i] < 1 << 30
      else { return nil }
      let s = strides[i]
      if outputPadding != nil || dilation[i] != 1 { return nil }
      return padding == "same" ? n * s : (n - 1) * s + max(k, s)
    }
  }
}

/// One dimension under a sliding window.
enum Window {
  static func output(
    _ input: Int?, _ kernel: Int?, stride: Int?, dilation: Int = 1, padding: String
  ) -> Int? {
    guard let input, let kernel, let stride, stride > 0, kernel > 0, dilation > 0, kernel < 1 << 30,
      dilation < 1 << 30
    else { return nil }
    switch padding {
    case "valid":
      let reach = (kernel - 1) * dilation + 1
      return input >= reach ? (input - reach) / stride + 1 : nil
    case "same", "causal": return (input + stride - 1) / stride
    default: return nil
    }
  }
}
