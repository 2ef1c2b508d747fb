/// What the groups of a Keras 3 file say of a layer without a configuration:
/// `layers/bidirectional/forward_layer/cell` is the forward cell of a Bidirectional.
struct GroupGuess {
  /// `functional/dense_1`, `bidirectional`.
  var layer: String
  /// The class of the listed layer, and of the one that owns the variables.
  var className: String?
  var ownerClass: String?
  /// What lies between: attributes of the listed layer.
  private var attributes: [String] = []

  init(_ path: [String]) {
    var names: [String] = []
    var i = 0
    while i < path.count {
      // Every `layers` goes one model deeper.
      if path[i] == "layers" || path[i] == TreeReader.oldList.description, i + 1 < path.count {
        names.append(path[i + 1])
        attributes = []
        i += 2
      } else {
        attributes.append(path[i])
        i += 1
      }
    }
    layer =
      names.isEmpty
      ? (path.isEmpty ? "model" : path.joined(separator: "/")) : names.joined(separator: "/")
    className = names.last.flatMap(LayerCatalogue.className)
    ownerClass = className
    if attributes.last?.hasSuffix("_dense") == true { ownerClass = "EinsumDense" }
    if let cell = attributes.last.flatMap(LayerCatalogue.className), attributes.count > 1 {
      ownerClass = cell
    }
  }

  /// The role and name of each variable, by position and shape.
  func roles(_ shapes: [[Int]]) -> [(role: Role, name: String?)] {
    let inside = attributes.filter { $0 != "cell" && $0 != "layer" && $0 != "cells" }
      .map { $0.hasPrefix("_") ? String($0.dropFirst()) : $0 }
      .map {
        $0 == "output_dense"
          ? "attention_output" : $0.replacingSuffix("_layer").replacingSuffix("_dense")
      }
    func named(_ roles: [Role]) -> [(role: Role, name: String?)] {
      shapes.indices.map { i in
        i < roles.count
          ? (roles[i], (inside + [roles[i].rawValue]).joined(separator: "/")) : (.other, nil)
      }
    }
    if attributes.contains("cell") || attributes.contains("cells") {
      return named(Self.recurrent(shapes))
    }
    switch className {
    case "BatchNormalization":
      guard shapes.count == 4 else { break }
      return named([.gamma, .beta, .movingMean, .movingVariance])
    case "LayerNormalization", "GroupNormalization":
      guard shapes.count == 2 else { break }
      return named([.gamma, .beta])
    case "SeparableConv1D", "SeparableConv2D":
      return named([.depthwiseKernel, .pointwiseKernel, .bias])
    case "DepthwiseConv1D", "DepthwiseConv2D": return named([.depthwiseKernel, .bias])
    case "Embedding", "ReversibleEmbedding": return named([.embeddings])
    case "PReLU": return named([.alpha])
    case "RMSNormalization", "Attention", "AdditiveAttention": return named([.scale])
    case "Normalization": return named([.mean, .variance, .count])
    case "SpectralNormalization" where attributes.isEmpty: return named([.vectorU])
    default: break
    }
    let isMatrix = (shapes.first?.count ?? 0) >= 2
    let isNormalisation = className.map { LayerCatalogue.normalisation[$0] != nil } ?? false
    if isMatrix, shapes.count <= 2, !isNormalisation, className != nil || attributes.isEmpty {
      return named([.kernel, .bias])
    }
    return named([])
  }

  private static func recurrent(_ shapes: [[Int]]) -> [Role] {
    shapes.count <= 3 ? [.kernel, .recurrentKernel, .bias] : []
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) && count > suffix.count ? String(dropLast(suffix.count)) : self
  }
}
