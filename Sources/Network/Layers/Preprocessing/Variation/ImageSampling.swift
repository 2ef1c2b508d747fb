import Keras

/// How an image is read at places between and beside its pixels: TensorFlow's
/// `ImageProjectiveTransformV3`, with which Keras rotates, moves and zooms.
struct ImageSampling {
  enum Fill: String, CaseIterable { case constant, reflect, wrap, nearest }

  var fill: Fill
  var value: Float
  /// Between pixels, or the nearest one.
  var isBilinear: Bool

  init(fill: Fill, value: Float = 0, isBilinear: Bool = true) {
    self.fill = fill
    self.value = value
    self.isBilinear = isBilinear
  }

  init(_ definition: Definition) throws(LayerFault) {
    let word = try definition.choice(
      "fill_mode", among: Fill.allCases.map(\.rawValue), default: "reflect")
    fill = Fill(rawValue: word) ?? .reflect
    value = try definition.float("fill_value", default: 0)
    isBilinear =
      try definition.choice("interpolation", among: ["nearest", "bilinear"], default: "bilinear")
      == "bilinear"
  }

  /// Where a pixel is read: at `(a·x + b·y + c, d·x + e·y + f)`, x to the right and y down.
  struct Placement {
    var a: Float
    var b: Float
    var c: Float
    var d: Float
    var e: Float
    var f: Float
  }

  /// Writes the image `x` to `y` as it is seen through `placement`.
  func sample(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ shape: ImageShape,
    _ placement: Placement
  ) {
    let channels = shape.channels
    y.update(repeating: 0, count: shape.count)
    forEachTap(shape, placement) { pixel, place, weight in
      let to = y + pixel * channels
      for c in 0..<channels {
        to[c] += weight * (place.map { x[$0 * channels + c] } ?? value)
      }
    }
  }

  /// Writes to `dx` what the gradient `dy` of the result is of the image.
  func spread(
    _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ shape: ImageShape,
    _ placement: Placement
  ) {
    let channels = shape.channels
    dx.update(repeating: 0, count: shape.count)
    forEachTap(shape, placement) { pixel, place, weight in
      guard let place else { return }
      for c in 0..<channels { dx[place * channels + c] += weight * dy[pixel * channels + c] }
    }
  }

  /// Calls `body` with every pixel of the result, a pixel of the image that it is made of, nil for one
  /// outside, and its part in it.
  @inline(__always)
  private func forEachTap(
    _ shape: ImageShape, _ placement: Placement,
    _ body: (_ pixel: Int, _ place: Int?, _ weight: Float) -> Void
  ) {
    let (height, width) = (shape.height, shape.width)
    func place(_ row: Float, _ column: Float) -> Int? {
      guard row >= 0, row < Float(height), column >= 0, column < Float(width) else { return nil }
      return Int(row) * width + Int(column)
    }
    for i in 0..<height {
      for j in 0..<width {
        let pixel = i * width + j
        let (y, x) = (Float(i), Float(j))
        let column = mapped(placement.a * x + placement.b * y + placement.c, width)
        let row = mapped(placement.d * x + placement.e * y + placement.f, height)
        guard isBilinear else {
          body(
            pixel,
            place(
              row.rounded(.toNearestOrAwayFromZero), column.rounded(.toNearestOrAwayFromZero)), 1)
          continue
        }
        let (top, left) = (row.rounded(.down), column.rounded(.down))
        let (below, right) = (row - top, column - left)
        for (down, across, weight) in [
          (Float(0), Float(0), (1 - below) * (1 - right)), (0, 1, (1 - below) * right),
          (1, 0, below * (1 - right)), (1, 1, below * right),
        ] where weight != 0 {
          body(pixel, place(top + down, left + across), weight)
        }
      }
    }
  }

  /// Where along a dimension of `length` pixels is read for what lies at `place`.
  private func mapped(_ place: Float, _ length: Int) -> Float {
    let last = Float(length - 1)
    guard place.isFinite, abs(place) < 1e9 else { return fill == .constant ? -2 : 0 }
    var inside = place
    switch fill {
    case .constant: return place
    case .nearest: break
    case .reflect:
      let double = Float(2 * length)
      if place < 0 {
        guard length > 1 else { return 0 }
        inside += double * (-inside / double).rounded(.towardZero)
        inside = inside < -Float(length) ? inside + double : -inside - 1
      } else if place > last {
        guard length > 1 else { return 0 }
        inside -= double * (inside / double).rounded(.towardZero)
        if inside >= Float(length) { inside = double - inside - 1 }
      }
    case .wrap:
      if place < 0 {
        guard length > 1 else { return 0 }
        inside += Float(length) * ((-inside / last).rounded(.towardZero) + 1)
      } else if place > last {
        guard length > 1 else { return 0 }
        inside -= Float(length) * (inside / last).rounded(.towardZero)
      }
    }
    return min(max(inside, 0), last)
  }
}

/// A variation that sees each image through a placement of its own.
protocol PlacedVariation: ImageVariation {
  var sampling: ImageSampling { get }
  func placement(_ shape: ImageShape, draw: (Int) -> Float) -> ImageSampling.Placement
}

extension PlacedVariation {
  var backwardReads: BackwardReads { [] }

  func vary(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ shape: ImageShape,
    draw: (Int) -> Float
  ) {
    sampling.sample(x, into: y, shape, placement(shape, draw: draw))
  }

  func varyBack(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    _ shape: ImageShape, draw: (Int) -> Float
  ) {
    sampling.spread(dy, into: dx, shape, placement(shape, draw: draw))
  }
}
