import Keras

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `RandomRotation`: turned around the middle, by a share of a full turn.
final class RandomRotation: PlacedVariation {
  static let classNames = ["RandomRotation"]

  let sampling: ImageSampling
  private let turn: VariationRange

  init(_ definition: Definition) throws(LayerFault) {
    sampling = try ImageSampling(definition)
    turn = try VariationRange("factor", of: definition)
  }

  func placement(_ shape: ImageShape, draw: (Int) -> Float) -> ImageSampling.Placement {
    let angle = 2 * Double.pi * Double(turn.value(at: draw(0)))
    let (cosine, sine) = (Float(cos(angle)), Float(sin(angle)))
    let (x, y) = (Float(shape.width - 1) / 2, Float(shape.height - 1) / 2)
    return .init(
      a: cosine, b: -sine, c: x - x * cosine + y * sine, d: sine, e: cosine,
      f: y - x * sine - y * cosine)
  }
}
