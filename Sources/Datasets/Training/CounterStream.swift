/// Random bits by place: those at a place depend on the keys and the place alone, on every machine.
///
/// SplitMix64 (Steele, Lea, Flood 2014) in counter form: the mixing function of key + place.
struct CounterStream {
  private let key: UInt64

  init(_ keys: UInt64...) {
    key = keys.reduce(0x9E37_79B9_7F4A_7C15) {
      Self.mix($0 ^ Self.mix($1 &+ 0x9E37_79B9_7F4A_7C15))
    }
  }

  func bits(at place: Int) -> UInt64 {
    Self.mix(key &+ UInt64(truncatingIfNeeded: place) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// 0..<`count`, each as likely but for 2⁻⁶⁴ · `count`.
  func number(below count: Int, at place: Int) -> Int {
    Int(bits(at: place).multipliedFullWidth(by: UInt64(count)).high)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
