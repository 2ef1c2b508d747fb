import Keras

/// `RandomZoom`: seen from nearer or farther, by shares of height and width: 0.2 shows 1.2 times as
/// much.
final class RandomZoom: PlacedVariation {
  static let classNames = ["RandomZoom"]

  let sampling: ImageSampling
  private let down: VariationRange
  /// Nil keeps proportions.
  private let across: VariationRange?

  init(_ definition: Definition) throws(LayerFault) {
    sampling = try ImageSampling(definition)
    down = try VariationRange("height_factor", of: definition)
    across =
      definition.settings.value("width_factor") == nil
      ? nil : try VariationRange("width_factor", of: definition)
  }

  func placement(_ shape: ImageShape, draw: (Int) -> Float) -> ImageSampling.Placement {
    let y = 1 + down.value(at: draw(0))
    let x = across.map { 1 + $0.value(at: draw(1)) } ?? y
    return .init(
      a: x, b: 0, c: Float(shape.width - 1) / 2 * (1 - x), d: 0, e: y,
      f: Float(shape.height - 1) / 2 * (1 - y))
  }
}
