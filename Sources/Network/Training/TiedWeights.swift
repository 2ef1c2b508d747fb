/// Weights of a tensor that share values: all of one group are the same number, and stay alike.
///
/// The gradient of a group's value is the sum of those of its weights (Han, Mao, Dally 2016, "Deep
/// Compression", section 3.3). Every weight of the group is given that sum, so that an optimizer,
/// which works on each weight by itself, moves all of them alike.
struct TiedWeights {
  /// Of each weight; 0 where it is zero and stays that.
  private let groups: [Int16]
  private let lowest: Int
  private var sums: [Double]

  init(_ groups: [Int16]) {
    self.groups = groups
    lowest = Int(groups.min() ?? 0)
    sums = [Double](repeating: 0, count: Int(groups.max() ?? 0) - lowest + 1)
  }

  /// Puts the sum of its group in the place of each gradient. Returns the sum of the groups' squares:
  /// a value that many weights share is one variable to a norm.
  mutating func gather(_ gradients: UnsafeMutablePointer<Float>) -> Double {
    for group in sums.indices { sums[group] = 0 }
    for (place, group) in groups.enumerated() {
      sums[Int(group) - lowest] += Double(gradients[place])
    }
    for (place, group) in groups.enumerated() {
      gradients[place] = group == 0 ? 0 : Float(sums[Int(group) - lowest])
    }
    if sums.indices.contains(-lowest) { sums[-lowest] = 0 }
    return sums.reduce(0) { $0 + $1 * $1 }
  }
}
