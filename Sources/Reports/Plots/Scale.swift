/// From values to pixels along one axis.
struct Scale: Sendable {
  var domain: ClosedRange<Double>
  var range: (from: Double, to: Double)
  /// Values go by their logarithm; `domain` is above zero then.
  var isLogarithmic = false

  func position(_ value: Double) -> Double {
    let low = place(domain.lowerBound)
    let span = place(domain.upperBound) - low
    guard span > 0 else { return range.from }
    return range.from + (place(value) - low) / span * (range.to - range.from)
  }

  private func place(_ value: Double) -> Double { isLogarithmic ? binaryLogarithm(value) : value }
}

/// Round values from 0 to at least `maximum`: steps of 1, 2 or 5 times a power of ten, about
/// `count` of them.
func roundTicks(upTo maximum: Double, count: Int = 5) -> [Double] {
  guard maximum > 0, maximum.isFinite else { return [0, 1] }
  var power = 1.0
  let raw = maximum / Double(max(count, 1))
  while power * 10 <= raw { power *= 10 }
  while power > raw { power /= 10 }
  let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= raw } ?? 10 * power
  let steps = Int((maximum / step).rounded(.up))
  return (0...max(steps, 1)).map { Double($0) * step }
}

/// The powers of ten inside a range above zero, every second or third one where they are more than
/// `most`; the ends of the range where there are fewer than two.
func powersOfTen(in range: ClosedRange<Double>, most: Int = 12) -> [Double] {
  let inside = (-323...308).compactMap { Double("1e\($0)") }.filter(range.contains)
  guard inside.count >= 2 else { return [range.lowerBound, range.upperBound] }
  let step = (inside.count + most - 1) / most
  return stride(from: 0, to: inside.count, by: step).map { inside[$0] }
}

/// log₂ of a value above zero, to 1e-4 or better, which is far below a pixel: the exponent, and
/// the significand's logarithm by the series of the inverse hyperbolic tangent.
func binaryLogarithm(_ value: Double) -> Double {
  guard value > 0, value.isFinite else { return 0 }
  let z = (value.significand - 1) / (value.significand + 1)
  let square = z * z
  let series = z * (1 + square * (1 / 3.0 + square * (1 / 5.0 + square * (1 / 7.0 + square / 9))))
  // 2 ÷ ln 2
  return Double(value.exponent) + series * 2.885_390_081_777_927
}
