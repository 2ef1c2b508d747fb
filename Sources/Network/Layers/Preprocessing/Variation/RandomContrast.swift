import Keras

/// `RandomContrast`: every channel `(x − mean)·factor + mean`, inside of the range of values.
final class RandomContrast: ImageVariation {
  static let classNames = ["RandomContrast"]

  private let factor: VariationRange
  private let range: ClippedRange

  init(_ definition: Definition) throws(LayerFault) {
    range = try ClippedRange(definition)
    guard let value = definition.settings.value("factor") else {
      throw .bad("'factor' is not given")
    }
    // Keras 3 takes one number for [0, number], and so never lowers contrast by it; Keras 2 takes it
    // for both sides. Of two, Keras 2 takes the first for the lower side, Keras 3 the smaller one.
    let isBoth = definition.age < .three && value.doubleValue != nil
    let given = try VariationRange(
      "factor", of: definition, least: 0, bounds: 0...1, isSorted: definition.age == .three)
    factor = VariationRange(
      lower: 1 - (isBoth ? given.upper : given.lower), upper: 1 + given.upper)
  }

  func vary(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ shape: ImageShape,
    draw: (Int) -> Float
  ) {
    let factor = factor.value(at: draw(0))
    for c in 0..<shape.channels {
      let mean = Self.mean(x, shape, c)
      for i in stride(from: c, to: shape.count, by: shape.channels) {
        y[i] = range.clip((x[i] - mean) * factor + mean)
      }
    }
  }

  func varyBack(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    _ shape: ImageShape, draw: (Int) -> Float
  ) {
    let factor = factor.value(at: draw(0))
    for c in 0..<shape.channels {
      let mean = Self.mean(x, shape, c)
      for i in stride(from: c, to: shape.count, by: shape.channels) {
        dx[i] = range.holds((x[i] - mean) * factor + mean) ? dy[i] : 0
      }
      let average = Self.mean(dx, shape, c)
      for i in stride(from: c, to: shape.count, by: shape.channels) {
        dx[i] = factor * dx[i] + (1 - factor) * average
      }
    }
  }

  private static func mean(_ x: UnsafePointer<Float>, _ shape: ImageShape, _ channel: Int) -> Float {
    var sum = 0.0
    for i in stride(from: channel, to: shape.count, by: shape.channels) { sum += Double(x[i]) }
    return Float(sum / Double(max(1, shape.height * shape.width)))
  }
}

/// `value_range`: what values of images are kept in.
struct ClippedRange {
  let lower: Float
  let upper: Float

  init(_ definition: Definition) throws(LayerFault) {
    guard let value = definition.settings.value("value_range") else {
      (lower, upper) = (0, 255)
      return
    }
    let list = LayerReading.list(value) ?? []
    let ends = list.compactMap(\.doubleValue).sorted()
    guard ends.count == 2, list.count == 2 else {
      throw .bad("value_range is \(value.shown), not two numbers")
    }
    (lower, upper) = (Float(ends[0]), Float(ends[1]))
  }

  func clip(_ x: Float) -> Float { min(max(x, lower), upper) }
  func holds(_ x: Float) -> Bool { x >= lower && x <= upper }
}
