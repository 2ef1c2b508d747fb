import Keras

/// `UpSampling1D` to `3D`: every element several times, or for images a bilinear blend with half-pixel
/// centres and clamped edges.
final class UpSampling: Layer {
  static let classNames = ["UpSampling1D", "UpSampling2D", "UpSampling3D"]
  static let hasChannels = true

  private let factors: [Int]
  private let isBilinear: Bool

  init(_ definition: Definition) throws(LayerFault) {
    let rank = try ConvolutionSettings.rank(of: definition.className)
    factors = try definition.ints("size", "length", count: rank, default: 2)
    let way = definition.settings.text("interpolation") ?? "nearest"
    guard way == "nearest" || way == "bilinear" && rank == 2 else {
      throw .unsupported("the interpolation '\(way.prefix(40))'")
    }
    isBilinear = way == "bilinear"
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank == factors.count + 1 else {
      throw .bad("takes \(factors.count + 1) dimensions and is given the shape \(input.text)")
    }
    let sizes = zip(input.shape, factors).map { $0.multipliedReportingOverflow(by: $1) }
    guard sizes.allSatisfy({ !$0.overflow }) else { throw .bad("the output is too large") }
    return [Signal(sizes.map(\.partialValue) + [input.width])]
  }

  func forward(_ frame: Frame) {
    let (input, output) = (frame.call.inputs[0], frame.outputs[0])
    for row in 0..<frame.rows {
      let x = frame.input() + row * input.count
      let y = frame.output() + row * output.count
      if isBilinear { blend(x, input.shape, y) } else { nearest(x, input.shape, y, output.shape) }
    }
  }

  private func nearest(
    _ x: UnsafePointer<Float>, _ from: [Int], _ y: UnsafeMutablePointer<Float>, _ to: [Int]
  ) {
    let channels = from[from.count - 1]
    let rank = factors.count
    var target = y
    for place in 0..<to.dropLast().reduce(1, *) {
      var (rest, source, step) = (place, 0, 1)
      for i in stride(from: rank - 1, through: 0, by: -1) {
        source += rest % to[i] / factors[i] * step
        rest /= to[i]
        step *= from[i]
      }
      target.update(from: x + source * channels, count: channels)
      target += channels
    }
  }

  /// The neighbours of output `i` along a dimension, and the share of the second.
  private static func neighbours(_ i: Int, _ factor: Int, _ count: Int) -> (Int, Int, Float) {
    let place = max(0, (Float(i) + 0.5) / Float(factor) - 0.5)
    let low = min(Int(place), count - 1)
    return (low, min(low + 1, count - 1), place - Float(low))
  }

  private func blend(
    _ x: UnsafePointer<Float>, _ from: [Int], _ y: UnsafeMutablePointer<Float>
  ) {
    let (width, channels) = (from[1], from[2])
    var target = y
    for i in 0..<from[0] * factors[0] {
      let (top, bottom, down) = Self.neighbours(i, factors[0], from[0])
      for j in 0..<width * factors[1] {
        let (left, right, across) = Self.neighbours(j, factors[1], width)
        for c in 0..<channels {
          func at(_ row: Int, _ column: Int) -> Float { x[(row * width + column) * channels + c] }
          let upper = at(top, left) + (at(top, right) - at(top, left)) * across
          let lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * across
          target[c] = upper + (lower - upper) * down
        }
        target += channels
      }
    }
  }
}

extension UpSampling: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let (from, to) = (frame.inputShape, frame.outputShape)
    let (own, whole) = (from.reduce(1, *), to.reduce(1, *))
    dx.update(repeating: 0, count: frame.rows * own)
    for row in 0..<frame.rows {
      let (dx, dy) = (dx + row * own, frame.outputGradient() + row * whole)
      if isBilinear { blendBack(dy, from, to: dx) } else { nearestBack(dy, to, to: dx, from) }
    }
  }

  private func nearestBack(
    _ dy: UnsafePointer<Float>, _ to: [Int], to dx: UnsafeMutablePointer<Float>, _ from: [Int]
  ) {
    let channels = from[from.count - 1]
    for place in 0..<to.dropLast().reduce(1, *) {
      var (rest, source, step) = (place, 0, 1)
      for i in factors.indices.reversed() {
        source += rest % to[i] / factors[i] * step
        rest /= to[i]
        step *= from[i]
      }
      Sums.add(dy + place * channels, to: dx + source * channels, count: channels)
    }
  }

  private func blendBack(
    _ dy: UnsafePointer<Float>, _ from: [Int], to dx: UnsafeMutablePointer<Float>
  ) {
    let (width, channels) = (from[1], from[2])
    var slope = dy
    for i in 0..<from[0] * factors[0] {
      let (top, bottom, down) = Self.neighbours(i, factors[0], from[0])
      for j in 0..<width * factors[1] {
        let (left, right, across) = Self.neighbours(j, factors[1], width)
        for (row, vertical) in [(top, 1 - down), (bottom, down)] {
          for (column, horizontal) in [(left, 1 - across), (right, across)] {
            let to = dx + (row * width + column) * channels
            for c in 0..<channels { to[c] += slope[c] * vertical * horizontal }
          }
        }
        slope += channels
      }
    }
  }
}
