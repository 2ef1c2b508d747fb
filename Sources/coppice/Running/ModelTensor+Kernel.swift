import Keras
import Pruning
import Tensors

extension ModelTensor {
  /// The numbers of the tensor; nil where its type is no number or its values cannot be read.
  var values: TensorValues? {
    guard let type, let source, type.isNumber else { return nil }
    return TensorValues(source, type: type)
  }

  /// Which axes run over inputs and which over outputs, by what the layer makes of its kernel
  /// (keras-files.md, section 6).
  var axes: KernelAxes {
    let rank = shape.count
    let owner = ownerClass ?? layerClass ?? ""
    if role == .depthwiseKernel || (owner.hasPrefix("Depthwise") && role.isKernel), rank >= 2 {
      return .depthwise(rank: rank)
    }
    if owner.hasSuffix("Transpose") || owner.hasPrefix("Deconvolution"), rank >= 2, role == .kernel
    {
      return .transposed(rank: rank)
    }
    if owner == "EinsumDense" || (layerClass ?? "").hasSuffix("Attention"), rank == 3 {
      // An attention's output kernel is [heads, size, model]; the other three [model, heads, size].
      return .projection(inputs: name.contains("output") ? 2 : 1, rank: rank)
    }
    return .standard(rank: rank)
  }

  /// The tensor as pruning takes it; nil where it has no numbers to rank.
  var kernel: Kernel? {
    guard let source, let type, type.isNumber else { return nil }
    return Kernel(name: name, shape: shape, type: type, source: source, axes: axes)
  }

  /// The kernel as a matrix; nil for vectors and scalars.
  var layout: KernelLayout? {
    shape.count >= 2 && !shape.contains(0) ? KernelLayout(shape: shape, axes: axes) : nil
  }
}
