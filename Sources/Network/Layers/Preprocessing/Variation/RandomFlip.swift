import Keras

/// `RandomFlip`: every other image from right to left, upside down, or both.
final class RandomFlip: ImageVariation {
  static let classNames = ["RandomFlip"]

  private let isHorizontal: Bool
  private let isVertical: Bool
  /// Keras 3 draws once for both ways, Keras 2 for each.
  private let drawsOnce: Bool

  init(_ definition: Definition) throws(LayerFault) {
    let mode = try definition.choice(
      "mode", among: ["horizontal", "vertical", "horizontal_and_vertical"],
      default: "horizontal_and_vertical")
    isHorizontal = mode.hasPrefix("horizontal")
    isVertical = mode.hasSuffix("vertical")
    drawsOnce = definition.age == .three
  }

  var backwardReads: BackwardReads { [] }

  func vary(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ shape: ImageShape,
    draw: (Int) -> Float
  ) {
    let flips = (
      across: isHorizontal && draw(0) <= 0.5, down: isVertical && draw(drawsOnce ? 0 : 1) <= 0.5
    )
    for i in 0..<shape.height {
      let row = flips.down ? shape.height - 1 - i : i
      for j in 0..<shape.width {
        let column = flips.across ? shape.width - 1 - j : j
        (y + (i * shape.width + j) * shape.channels).update(
          from: x + (row * shape.width + column) * shape.channels, count: shape.channels)
      }
    }
  }

  /// What is flipped twice is as it was.
  func varyBack(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    _ shape: ImageShape, draw: (Int) -> Float
  ) {
    vary(dy, into: dx, shape, draw: draw)
  }
}
