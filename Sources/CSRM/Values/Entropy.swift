/// Information of counts, by a logarithm that is the same number on every machine: choices of
/// encodings rest on it, and so the bytes of files.
enum Entropy {
  /// N·H in bits, for N things that fall into classes so often; 0·log 0 is 0.
  static func information<Counts: Sequence>(_ counts: Counts) -> Double
  where Counts.Element: BinaryInteger {
    let total = Double(counts.reduce(0, +))
    return counts.reduce(0) { bits, count in
      count > 0
        ? bits + Double(count) * (binaryLogarithm(total) - binaryLogarithm(Double(count))) : bits
    }
  }

  /// log2 by sums and products alone.
  static func binaryLogarithm(_ value: Double) -> Double {
    var (exponent, part) = (Double(value.exponent), value.significand)
    if part > 1.414_213_562_373_095_1 {
      part *= 0.5
      exponent += 1
    }
    // ln x = 2·artanh((x − 1)/(x + 1))
    let ratio = (part - 1) / (part + 1)
    let square = ratio * ratio
    var sum = 0.0
    for odd in stride(from: 21.0, through: 1, by: -2) { sum = sum * square + 1 / odd }
    return exponent + 2 * ratio * sum * 1.442_695_040_888_963_4
  }
}
