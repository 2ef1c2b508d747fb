/// The sparsities as given, which must rise and end at the target.
public struct Manual: Schedule {
  public let sparsities: [Double]
  public init(_ sparsities: [Double]) { self.sparsities = sparsities }
  public var name: String { "manual" }

  public func cumulative(to p: Double) throws(PruningError) -> [Double] {
    guard let last = sparsities.last else { throw .schedule("--at: names no sparsity.") }
    for sparsity in sparsities where !(0...1).contains(sparsity) {
      throw .ratio(option: "--at", value: sparsity)
    }
    guard zip(sparsities, sparsities.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw .schedule("--at: the sparsities must rise from step to step.")
    }
    guard abs(last - p) <= 1e-12 else {
      throw .schedule("--at: ends at \(last), and the target is \(p). Make them the same.")
    }
    return sparsities.dropLast() + [p]
  }
}
