import Keras

/// `RandomTranslation`: moved by shares of height and width.
final class RandomTranslation: PlacedVariation {
  static let classNames = ["RandomTranslation"]

  let sampling: ImageSampling
  private let down: VariationRange
  private let across: VariationRange

  init(_ definition: Definition) throws(LayerFault) {
    sampling = try ImageSampling(definition)
    down = try VariationRange("height_factor", of: definition)
    across = try VariationRange("width_factor", of: definition)
  }

  func placement(_ shape: ImageShape, draw: (Int) -> Float) -> ImageSampling.Placement {
    .init(
      a: 1, b: 0, c: -across.value(at: draw(1)) * Float(shape.width), d: 0, e: 1,
      f: -down.value(at: draw(0)) * Float(shape.height))
  }
}
