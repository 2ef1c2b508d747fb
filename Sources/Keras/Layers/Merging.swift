import JSON

extension LayerCatalogue {
  static let merging: [String: LayerKind] = {
    var all: [String: LayerKind] = [:]
    for name in ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"] {
      all[name] = LayerKind(output: { layer in broadcast(layer.inputs) })
    }
    all["Concatenate"] = LayerKind(output: { layer in
      concatenated(layer.inputs, axis: layer.int("axis") ?? -1)
    })
    all["Dot"] = LayerKind(output: { _ in .unknown })
    // Keras 1's one merging layer for all.
    all["Merge"] = LayerKind(output: { layer in
      switch layer.text("mode") {
      case "concat": concatenated(layer.inputs, axis: layer.int("concat_axis") ?? -1)
      case "sum", "mul", "ave", "max": broadcast(layer.inputs)
      default: .unknown
      }
    })
    return all
  }()

  /// The shape of an elementwise operation, known where every operand's is and they agree.
  private static func broadcast(_ inputs: [PartialShape]) -> PartialShape {
    guard let rank = inputs.compactMap(\.rank).max(), inputs.allSatisfy({ $0.rank == rank }) else {
      return .unknown
    }
    return PartialShape(
      (0..<rank).map { axis in
        let sizes = inputs.map { $0.dimension(axis) }
        if let wide = sizes.first(where: { $0 != nil && $0 != 1 }) { return wide }
        return sizes.contains(nil) ? nil : 1
      })
  }

  private static func concatenated(_ inputs: [PartialShape], axis: Int) -> PartialShape {
    guard let first = inputs.first?.dimensions, inputs.allSatisfy({ $0.rank == first.count }) else {
      return .unknown
    }
    let place = axis < 0 ? first.count + axis : axis
    guard first.indices.contains(place) else { return .unknown }
    var sum: Int? = 0
    for input in inputs {
      guard let size = input.dimension(place), let before = sum else {
        sum = nil
        break
      }
      let (next, wraps) = before.addingReportingOverflow(size)
      sum = wraps ? nil : next
    }
    var shape = first
    shape[place] = sum
    return PartialShape(shape)
  }
}
