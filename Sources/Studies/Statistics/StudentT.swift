#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Student's t distribution.
public enum StudentT {
  /// The t that a variable of so many degrees of freedom stays between -t and t with the
  /// probability `confidence`: 4.302653 for 2 degrees and 95 %. To about 1e-12.
  public static func quantile(degrees: Int, confidence: Double = 0.95) -> Double {
    precondition(degrees >= 1 && confidence > 0 && confidence < 1)
    // P(|T| > t) falls from 1 to 0.
    var (low, high) = (0.0, 1.0)
    while outside(high, degrees: degrees) > 1 - confidence { high *= 2 }
    while true {
      let middle = (low + high) / 2
      guard middle > low, middle < high else { return middle }
      if outside(middle, degrees: degrees) > 1 - confidence { low = middle } else { high = middle }
    }
  }

  /// P(|T| > t) = I(ν ÷ (ν + t²); ν/2, 1/2), the regularised incomplete beta function
  /// (Abramowitz and Stegun, 26.7.1).
  static func outside(_ t: Double, degrees: Int) -> Double {
    let n = Double(degrees)
    return incompleteBeta(n / (n + t * t), n / 2, 0.5)
  }

  /// By the continued fraction of Abramowitz and Stegun, 26.5.8, on the side where it converges
  /// quickly.
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let front = exp(
      lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front * fraction(x, a, b) / a
  }

  /// Evaluated front to back (Lentz's method).
  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    func bounded(_ value: Double) -> Double { value.magnitude < 1e-300 ? 1e-300 : value }
    var c = 1.0
    var d = 1 / bounded(1 - (a + b) * x / (a + 1))
    var result = d
    for m in 1...500 {
      let m = Double(m)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / bounded(1 + even * d)
      c = bounded(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / bounded(1 + odd * d)
      c = bounded(1 + odd / c)
      result *= d * c
      if (d * c - 1).magnitude < 1e-16 { break }
    }
    return result
  }
}
