import JSON

extension LayerCatalogue {
  static let recurrent: [String: LayerKind] = {
    var all: [String: LayerKind] = [:]
    for (name, gates) in [("SimpleRNN", 1), ("LSTM", 4), ("GRU", 3)] {
      all[name] = layer(gates, group: "cell")
      all["\(name)Cell"] = layer(gates, group: "")
    }
    all["CuDNNLSTM"] = fused(gates: 4)
    all["CuDNNGRU"] = fused(gates: 3)
    for rank in 1...3 {
      all["ConvLSTM\(rank)D"] = convolutional(rank, group: "cell")
      all["ConvLSTM\(rank)DCell"] = convolutional(rank, group: "")
    }
    all["RNN"] = LayerKind(output: { _ in .unknown })
    all["StackedRNNCells"] = LayerKind(output: { _ in .unknown })
    all["Bidirectional"] = LayerKind(output: { _ in .unknown })
    all["TimeDistributed"] = LayerKind(output: { _ in .unknown })
    return all
  }()

  private static func layer(_ gates: Int, group: String) -> LayerKind {
    LayerKind(
      counts: ["units", "output_dim"],
      slots: { layer in
        let units = layer.int("units", "output_dim")
        let width = units.flatMap { PartialShape.product([$0, gates]) }
        if layer.age == .one, layer.value("output_dim") != nil {
          return keras1(layer, gates, units: units)
        }
        // Both biases of a GRU that resets after the product lie in one variable.
        let resetsAfter = gates == 3 && layer.flag("reset_after", default: layer.age == .three)
        return [
          Slot(.kernel, [layer.input.last, width], group: group),
          Slot(.recurrentKernel, [units, width], group: group),
        ] + bias(layer, resetsAfter ? [2, width] : [width], group: group)
      },
      output: { layer in recurrentOutput(layer, units: layer.int("units", "output_dim")) })
  }

  /// Keras 1 keeps a matrix a gate (keras-files.md, section 5), unless it was told to keep one.
  private static func keras1(_ layer: LayerReading, _ gates: Int, units: Int?) -> [Slot] {
    let names = gates == 4 ? ["_i", "_c", "_f", "_o"] : gates == 3 ? ["_z", "_r", "_h"] : [""]
    if gates > 1, layer.value("consume_less") == "gpu" {
      let width = units.map { $0 * gates }
      return [
        Slot(.kernel, [layer.input.last, width]), Slot(.recurrentKernel, [units, width]),
        Slot(.bias, [width]),
      ]
    }
    return names.flatMap { name in
      [
        Slot(.kernel, [layer.input.last, units], name: "kernel\(name)"),
        Slot(.recurrentKernel, [units, units], name: "recurrent_kernel\(name)"),
        Slot(.bias, [units], name: "bias\(name)"),
      ]
    }
  }

  /// NVIDIA's layout keeps two biases for every gate.
  private static func fused(gates: Int) -> LayerKind {
    LayerKind(
      counts: ["units"],
      slots: { layer in
        let units = layer.int("units")
        let width = units.flatMap { PartialShape.product([$0, gates]) }
        return [
          Slot(.kernel, [layer.input.last, width]), Slot(.recurrentKernel, [units, width]),
          Slot(.bias, [width.flatMap { PartialShape.product([$0, 2]) }]),
        ]
      },
      output: { layer in recurrentOutput(layer, units: layer.int("units")) })
  }

  private static func convolutional(_ rank: Int, group: String) -> LayerKind {
    LayerKind(
      counts: ["filters", "nb_filter", "kernel_size"],
      slots: { layer in
        if layer.age == .one {
          // A kernel, a recurrent kernel and a bias for each of the gates.
          return ["_i", "_c", "_f", "_o"].flatMap { name in
            [
              Slot(.kernel, nil, name: "kernel\(name)"),
              Slot(.recurrentKernel, nil, name: "recurrent_kernel\(name)"),
              Slot(.bias, nil, name: "bias\(name)"),
            ]
          }
        }
        let geometry = Convolution(layer, rank)
        let width = geometry.times(4, geometry.filters)
        return [
          Slot(.kernel, geometry.kernel + [layer.channelsAfterTime, width], group: group),
          Slot(.recurrentKernel, geometry.kernel + [geometry.filters, width], group: group),
        ] + bias(layer, [width], group: group)
      },
      output: { _ in .unknown })
  }

  private static func recurrentOutput(_ layer: LayerReading, units: Int?) -> PartialShape {
    let batch = layer.input.dimensions?.first ?? nil
    if layer.flag("return_state", default: false) { return .unknown }
    return layer.flag("return_sequences", default: false)
      ? PartialShape([batch, layer.input.dimension(1), units]) : PartialShape([batch, units])
  }
}

extension LayerReading {
  /// Channels where a time axis follows the batch.
  fileprivate var channelsAfterTime: Int? { isChannelsFirst ? input.dimension(2) : input.last }
}
