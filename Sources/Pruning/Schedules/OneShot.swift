/// All at once: c₁ = p.
public struct OneShot: Schedule {
  public init() {}
  public var name: String { "one-shot" }
  public func cumulative(to p: Double) throws(PruningError) -> [Double] { [p] }
}
