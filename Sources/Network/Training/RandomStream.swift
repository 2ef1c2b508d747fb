import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Random numbers by place: the number at a place depends on the seed, the step, the call and the
/// place alone, so neither threads nor chunks nor what was drawn before matter.
///
/// `SplitMix` in counter form: the mixing function of key + place.
struct RandomStream {
  private let key: UInt64

  init(seed: UInt64, step: UInt64 = 0, call: UInt64 = 0) {
    key = SplitMix.mix(SplitMix.mix(SplitMix.mix(seed &+ SplitMix.step) ^ step) ^ call)
  }

  /// 64 random bits.
  @inline(__always)
  func bits(at place: UInt64) -> UInt64 {
    SplitMix.mix(key &+ place &* SplitMix.step)
  }

  /// Uniform in 0..<1, a multiple of 2⁻²⁴.
  @inline(__always)
  func uniform(at place: UInt64) -> Float {
    Float(bits(at: place) >> 40) * 0x1p-24
  }

  /// Of the normal distribution, by Box and Muller's formula.
  func normal(at place: UInt64) -> Float {
    let first = Double(bits(at: 2 &* place) >> 11) * 0x1p-53
    let second = Double(bits(at: 2 &* place &+ 1) >> 11) * 0x1p-53
    return Float((-2 * log1p(-first)).squareRoot() * cos(2 * Double.pi * second))
  }
}
