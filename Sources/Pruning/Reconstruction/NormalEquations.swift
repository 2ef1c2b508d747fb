import CKernels
import COpenBLAS

/// What a least-squares fit of one matrix needs to know of its rows x of inputs and of the outputs y
/// that are wanted of them: sums over all rows, in double precision.
struct NormalEquations: Sendable {
  let inputs: Int
  let outputs: Int
  /// Rows so far.
  private(set) var count = 0
  /// Σ xᵀx, `[inputs][inputs]`, of which the upper triangle counts.
  private(set) var gram: [Double]
  /// Σ xᵀy, `[inputs][outputs]`
  private(set) var cross: [Double]
  /// Σ x, Σ y, Σ y²
  private(set) var sumX: [Double]
  private(set) var sumY: [Double]
  private(set) var squaresY: [Double]

  init(inputs: Int, outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
    gram = [Double](repeating: 0, count: inputs * inputs)
    cross = [Double](repeating: 0, count: inputs * outputs)
    sumX = [Double](repeating: 0, count: inputs)
    sumY = [Double](repeating: 0, count: outputs)
    squaresY = [Double](repeating: 0, count: outputs)
  }

  /// Adds `rows` rows: x `[rows][inputs]`, y `[rows][outputs]`.
  mutating func add(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, rows: Int) {
    guard rows > 0, inputs > 0, outputs > 0 else { return }
    let (n, m) = (Int32(inputs), Int32(outputs))
    gram.withUnsafeMutableBufferPointer {
      ob_dsyrk(true, true, n, Int32(rows), 1, x, n, 1, $0.baseAddress, n)
    }
    cross.withUnsafeMutableBufferPointer {
      ob_dgemm(true, false, n, m, Int32(rows), 1, x, n, y, m, 1, $0.baseAddress, m)
    }
    for row in 0..<rows {
      for i in 0..<inputs { sumX[i] += x[row * inputs + i] }
      for i in 0..<outputs {
        let value = y[row * outputs + i]
        sumY[i] += value
        squaresY[i] += value * value
      }
    }
    count += rows
  }

  /// Adds what `other` has seen.
  mutating func add(_ other: NormalEquations) {
    precondition(other.inputs == inputs && other.outputs == outputs)
    func add(_ from: [Double], _ to: inout [Double]) {
      for i in to.indices { to[i] += from[i] }
    }
    add(other.gram, &gram)
    add(other.cross, &cross)
    add(other.sumX, &sumX)
    add(other.sumY, &sumY)
    add(other.squaresY, &squaresY)
    count += other.count
  }

  /// Fills the lower triangle of `gram`.
  mutating func mirror() {
    for i in 0..<inputs { for j in 0..<i { gram[i * inputs + j] = gram[j * inputs + i] } }
  }

  /// The mean squares of y - c - x·w for `outputs`, with their weights w (`[inputs]` each) and
  /// constants c. The lower triangle has been filled.
  func errors(_ outputs: Range<Int>, weights: ArraySlice<[Double]>, constants: ArraySlice<Double>)
    -> [Double]
  {
    guard count > 0, inputs > 0 else { return outputs.map { _ in 0 } }
    let flat = weights.flatMap { $0 }
    var products = [Double](repeating: 0, count: flat.count)
    let n = Int32(inputs)
    ob_dgemm(false, false, Int32(weights.count), n, n, 1, flat, n, gram, n, 0, &products, n)
    let rows = Double(count)
    return zip(outputs, zip(weights, constants)).enumerated().map { place, item in
      let (output, (w, c)) = item
      var (quadratic, linear, mean) = (0.0, 0.0, 0.0)
      for i in 0..<inputs where w[i] != 0 {
        quadratic += w[i] * products[place * inputs + i]
        linear += w[i] * cross[i * self.outputs + output]
        mean += w[i] * sumX[i]
      }
      let spread = squaresY[output] - 2 * linear + quadratic
      return max(0, spread / rows - 2 * c * (sumY[output] - mean) / rows + c * c)
    }
  }
}

/// Rows on their way into the equations of one matrix, taken up in blocks that a product is worth.
final class RowPanel {
  private let inputs: Int
  private let outputs: Int
  private let capacity: Int
  private let x: UnsafeMutablePointer<Double>
  private let y: UnsafeMutablePointer<Double>
  private var rows = 0

  init(inputs: Int, outputs: Int, capacity: Int) {
    self.inputs = inputs
    self.outputs = outputs
    self.capacity = capacity
    x = .allocate(capacity: max(1, capacity * inputs))
    y = .allocate(capacity: max(1, capacity * outputs))
  }

  deinit {
    x.deallocate()
    y.deallocate()
  }

  /// Takes `count` rows of x, which are `stride` floats apart, and of y, `[count][outputs]`.
  func add(
    _ from: UnsafePointer<Float>, stride: Int, _ wanted: UnsafePointer<Float>, count: Int,
    to equations: inout NormalEquations
  ) {
    for row in 0..<count {
      let kind = Int32(CK_FLOAT32.rawValue)
      ck_to_f64(kind, false, from + row * stride, inputs, x + rows * inputs)
      ck_to_f64(kind, false, wanted + row * outputs, outputs, y + rows * outputs)
      rows += 1
      if rows == capacity { flush(to: &equations) }
    }
  }

  func flush(to equations: inout NormalEquations) {
    equations.add(x, y, rows: rows)
    rows = 0
  }
}
