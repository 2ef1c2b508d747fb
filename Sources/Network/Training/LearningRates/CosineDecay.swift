#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// From the rate down to a floor along half a cosine: `f + (η - f)·(1 + cos(π·t ÷ T)) ÷ 2` (Loshchilov
/// and Hutter 2017, "SGDR", equation 5). The floor is reached when the run ends.
public struct CosineDecay: LearningRateSchedule {
  private let rate: Double
  private let floor: Double

  public init(_ rate: Double, floor: Double = 0) {
    self.rate = rate
    self.floor = floor
  }

  public func rate(atStep step: Int, of total: Int) -> Double {
    let part = total > 0 ? min(1, Double(step) / Double(total)) : 0
    return floor + (rate - floor) * (1 + cos(.pi * part)) / 2
  }
}
