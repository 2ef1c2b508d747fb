import Tensors

/// Random bits by place: those at a place depend on the keys and the place alone, on every machine.
///
/// `SplitMix` in counter form: the mixing function of key + place.
struct CounterStream {
  private let key: UInt64

  init(_ keys: UInt64...) {
    key = keys.reduce(SplitMix.step) {
      SplitMix.mix($0 ^ SplitMix.mix($1 &+ SplitMix.step))
    }
  }

  func bits(at place: Int) -> UInt64 {
    SplitMix.mix(key &+ UInt64(truncatingIfNeeded: place) &* SplitMix.step)
  }

  /// 0..<`count`, each as likely but for 2⁻⁶⁴ · `count`.
  func number(below count: Int, at place: Int) -> Int {
    Int(bits(at: place).multipliedFullWidth(by: UInt64(count)).high)
  }
}
