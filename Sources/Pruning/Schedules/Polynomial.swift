/// Fast at first, slow at the end: c_k = p·(1 - (1 - k/n)³), the cubic of Zhu and Gupta 2017 (arXiv
/// 1710.01878) from a dense start.
public struct Polynomial: Schedule {
  public let steps: Int
  public init(steps: Int) { self.steps = steps }
  public var name: String { "polynomial" }

  public func cumulative(to p: Double) throws(PruningError) -> [Double] {
    try Schedules.check(steps: steps)
    return (1...steps).map { k in
      let rest = 1 - Double(k) / Double(steps)
      return k == steps ? p : p * (1 - rest * rest * rest)
    }
  }
}
