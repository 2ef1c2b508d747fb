import Keras

/// `RandomBrightness`: a share of the range of values added to all of an image, inside of that range.
final class RandomBrightness: ImageVariation {
  static let classNames = ["RandomBrightness"]

  private let factor: VariationRange
  private let range: ClippedRange

  init(_ definition: Definition) throws(LayerFault) {
    factor = try VariationRange("factor", of: definition)
    range = try ClippedRange(definition)
  }

  func vary(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ shape: ImageShape,
    draw: (Int) -> Float
  ) {
    let added = factor.value(at: draw(0)) * (range.upper - range.lower)
    for i in 0..<shape.count { y[i] = range.clip(x[i] + added) }
  }

  func varyBack(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    _ shape: ImageShape, draw: (Int) -> Float
  ) {
    let added = factor.value(at: draw(0)) * (range.upper - range.lower)
    for i in 0..<shape.count { dx[i] = range.holds(x[i] + added) ? dy[i] : 0 }
  }
}
