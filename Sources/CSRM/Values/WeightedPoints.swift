import Tensors

/// The non-zero values of a tensor in ascending order, each once, with how often it occurs; and sums
/// over any run of them.
struct WeightedPoints {
  /// Ascending.
  let values: [Double]
  let counts: [Int]
  /// Subtracted from every value before it is squared, so that sums of squares keep their digits.
  private let shift: Double
  /// Sums over all before a place: how many, of values less the shift, and of their squares.
  private let weights: [Double]
  private let sums: [Double]
  private let squares: [Double]

  /// Values that are finite.
  init(of tensor: TensorValues) throws {
    var all: [Double] = []
    for block in TensorBlock.all(of: [tensor.count]) {
      all += try tensor.doubles(block.range).filter { $0 != 0 }
    }
    all.sort()
    self.init(sorted: all)
  }

  /// Finite values in ascending order.
  init(sorted all: [Double]) {
    var (values, counts): ([Double], [Int]) = ([], [])
    for value in all {
      if value == values.last {
        counts[counts.count - 1] += 1
      } else {
        values.append(value)
        counts.append(1)
      }
    }
    self.values = values
    self.counts = counts
    shift = values.isEmpty ? 0 : values[values.count / 2]
    var (weight, sum, square) = (0.0, 0.0, 0.0)
    var (weights, sums, squares): ([Double], [Double], [Double]) = ([0], [0], [0])
    for place in values.indices {
      let (times, value) = (Double(counts[place]), values[place] - shift)
      weight += times
      sum += times * value
      square += times * (value * value)
      weights.append(weight)
      sums.append(sum)
      squares.append(square)
    }
    self.weights = weights
    self.sums = sums
    self.squares = squares
  }

  var count: Int { values.count }

  /// The mean of the values in a run that is not empty.
  func mean(of run: Range<Int>) -> Double {
    // From the values themselves: differences of long sums have fewer digits.
    if run.count == 1 { return values[run.lowerBound] }
    var (weight, sum) = (0.0, 0.0)
    for place in run {
      weight += Double(counts[place])
      sum += Double(counts[place]) * (values[place] - shift)
    }
    return min(max(sum / weight + shift, values[run.lowerBound]), values[run.upperBound - 1])
  }

  /// Calls `body` with what gives the error of any run.
  func withErrors<Result>(_ body: (RunErrors) -> Result) -> Result {
    weights.withUnsafeBufferPointer { weights in
      sums.withUnsafeBufferPointer { sums in
        squares.withUnsafeBufferPointer { squares in
          body(RunErrors(weights: weights, sums: sums, squares: squares))
        }
      }
    }
  }
}

/// The sum of squared errors of any run of points to its mean, in a few steps.
struct RunErrors: @unchecked Sendable {
  let weights: UnsafeBufferPointer<Double>
  let sums: UnsafeBufferPointer<Double>
  let squares: UnsafeBufferPointer<Double>

  @inline(__always)
  func callAsFunction(_ start: Int, _ end: Int) -> Double {
    let sum = sums[end] - sums[start]
    return squares[end] - squares[start] - sum * sum / (weights[end] - weights[start])
  }
}
