import Parallel
import Tensors

/// `rd:λ`: levels of a uniform grid, each chosen by what it costs in error and in bits,
///
///     h·(w/d − q)² + λ·bits(q)
///
/// with h what an error of the weight is worth, d the step, and bits(q) = −log2 of how often q occurs
/// in the tensor, which follows from the choice before: eight rounds, from the nearest levels on. A
/// level then stands for the mean of its weights, weighted with h. Zeros stay zeros, and a weight may
/// become one.
///
/// Entropy-constrained scalar quantisation (Chou, Lookabaugh, Gray 1989), for networks with h from the
/// curvature (Choi, El-Khamy, Lee 2017, arXiv 1612.01543). The candidates of a weight are the nearest
/// level, the two beside it, and zero.
public struct RateDistortion: ValueRounding {
  public static let family = "rd"
  public static let syntax = "rd or rd:λ with λ from 0"

  /// What a bit is worth, in squared steps.
  public let lambda: Double
  /// In standard deviations of the magnitudes of the tensor's non-zero weights.
  public let step: Double

  public static let standardLambda = 0.05
  private static let rounds = 8
  /// Levels on a side at most; the step is made larger where there would be more.
  private static let mostLevels = 16_384

  public init?(argument: String?) {
    guard let argument else {
      self.init(lambda: Self.standardLambda)
      return
    }
    guard let lambda = Double(argument), lambda >= 0, lambda.isFinite else { return nil }
    self.init(lambda: lambda)
  }

  public init(lambda: Double, step: Double = 1) {
    self.lambda = lambda
    self.step = step
  }

  public var name: String {
    step == 1 ? "rd:\(lambda)" : "rd:\(lambda), step \(step)"
  }
  public var precision: Precision { .rateDistortion }
  public var saturates: Bool { false }

  public func rounded(_ tensor: RoundingInput) throws -> RoundedValues? {
    guard let found = try TensorStatistics.measure(tensor.values),
      let largest = try tensor.largest()
    else { return nil }
    guard largest <= Double(Float.greatestFiniteMagnitude) else {
      throw tensor.refused(
        "has weights up to \(largest), which no float holds. --values exact keeps them")
    }
    let step = Float(gridStep(found, largest: largest))
    // Weights so small that not even a float holds the step.
    guard step > 0, step.isFinite else { return nil }
    var grid = Grid(tensor, step: Double(step), largest: largest, lambda: lambda)
    for _ in 0..<Self.rounds { try grid.count() }
    return try grid.rounded(tensor, precision, step: step)
  }

  /// The step of the grid.
  private func gridStep(_ found: TensorStatistics, largest: Double) -> Double {
    let share = Double(found.count) / Double(found.count - found.zeros)
    let (mean, deviation) = (found.mean ?? 0, found.standardDeviation ?? 0)
    let magnitude = (found.absoluteMean ?? 0) * share
    let squares = (deviation * deviation + mean * mean) * share - magnitude * magnitude
    // Magnitudes that are all alike have one level.
    let spread = squares > 1e-12 * magnitude * magnitude ? squares.squareRoot() * step : magnitude
    return max(spread, largest / Double(Self.mostLevels))
  }
}

/// A tensor on its grid, and what each level costs.
private struct Grid: Sendable {
  let values: TensorValues
  let importance: [Float]?
  let step: Double
  let lambda: Double
  /// Levels on a side.
  let most: Int
  /// λ times the bits of each level; nil before anything was counted.
  var costs: [Double]?

  init(_ tensor: RoundingInput, step: Double, largest: Double, lambda: Double) {
    values = tensor.values
    importance = tensor.importance
    self.step = step
    self.lambda = lambda
    most = Int((largest / step).rounded(.up)) + 1
  }

  /// Counts the levels as they are chosen now, and takes the costs from that.
  mutating func count() throws {
    let own = self
    let blocks = TensorBlock.all(of: [values.count])
    let counts = try Parallel.map(blocks.count) { index in
      var counts = [Int](repeating: 0, count: 2 * own.most + 1)
      try own.forEach(blocks[index].range) { _, _, _, level in counts[level + own.most] += 1 }
      return counts
    }
    var total = [Double](repeating: 0.25, count: 2 * most + 1)
    for block in counts { for i in block.indices { total[i] += Double(block[i]) } }
    let all = total.reduce(0, +)
    let lambda = lambda
    costs = total.map { lambda * (Entropy.binaryLogarithm(all) - Entropy.binaryLogarithm($0)) }
  }

  /// Calls `body` with place, weight, importance and level of each element.
  private func forEach(
    _ elements: Range<Int>, _ body: (Int, Double, Double, Int) -> Void
  ) throws {
    try values.withDoubles(elements) { from in
      for i in 0..<elements.count {
        let weight = from.loadUnaligned(fromByteOffset: 8 * i, as: Double.self)
        let place = elements.lowerBound + i
        let worth = Double(importance?[place] ?? 1)
        body(place, weight, worth, weight == 0 ? 0 : level(weight / step, worth))
      }
    }
  }

  private func level(_ ratio: Double, _ worth: Double) -> Int {
    let near = Int(ratio.rounded(.toNearestOrEven))
    guard let costs else { return near }
    let outward = ratio > 0 ? 1 : -1
    var best = (cost: Double.infinity, level: 0)
    func offer(_ level: Int) {
      let error = ratio - Double(level)
      let cost = worth * (error * error) + costs[level + most]
      if cost < best.cost { best = (cost, level) }
    }
    offer(near)
    offer(max(-most, min(most, near - outward)))
    offer(max(-most, min(most, near + outward)))
    offer(0)
    return best.level
  }

  /// The choice as it stands, each level the mean of its weights.
  func rounded(
    _ tensor: RoundingInput, _ precision: Precision, step: Float
  ) throws -> RoundedValues {
    struct Sums: Sendable {
      var weights: [Double]
      var worths: [Double]
    }
    let own = self
    let levels = 2 * most + 1
    let blocks = TensorBlock.all(of: [values.count])
    var words = [Int16](repeating: 0, count: values.count)
    let sums = try words.withUnsafeMutableBufferPointer { words in
      nonisolated(unsafe) let words = words
      return try Parallel.map(blocks.count) { index in
        var sums = Sums(
          weights: [Double](repeating: 0, count: levels),
          worths: [Double](repeating: 0, count: levels))
        try own.forEach(blocks[index].range) { place, weight, worth, level in
          words[place] = Int16(level)
          sums.weights[level + own.most] += worth * weight
          sums.worths[level + own.most] += worth
        }
        return sums
      }
    }
    var ratios: [Float16] = []
    var below = 0
    // What each level of the grid is in the table; those that nothing got are left out.
    var renumbered = [Int16](repeating: 0, count: levels)
    for level in -most...most where level != 0 {
      let worth = sums.reduce(0) { $0 + $1.worths[level + most] }
      guard worth > 0 else { continue }
      let mean = sums.reduce(0) { $0 + $1.weights[level + most] } / worth
      let ratio = Float16(mean / Double(step))
      guard values.type.nearest(GridMap.value(step, ratio)) != 0 else { continue }
      ratios.append(ratio)
      if level < 0 { below += 1 }
      renumbered[level + most] = Int16(ratios.count)
    }
    for place in words.indices where words[place] != 0 {
      let rank = Int(renumbered[Int(words[place]) + most])
      words[place] = rank == 0 ? 0 : Int16(rank <= below ? rank - 1 - below : rank - below)
    }
    return try RoundedValues(
      tensor, precision, GridMap(step: step, ratios: ratios, below: below), words: words)
  }
}
