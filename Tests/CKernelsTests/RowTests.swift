import CKernels
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Softmax, normalisations, affine maps and arithmetic at every width around the vectors.
struct RowTests {
  static let widths = [1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 31, 33, 50, 64, 65, 130]

  /// Runs `body` with a matrix, and checks that it gives the same in place, row by row, and at the
  /// start of a page.
  private func check(
    rows: Int, width: Int, scale: Float = 3, seed: UInt64, tolerance: Double = 2e-6,
    _ body: (_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ rows: Int) -> Void,
    row expected: ([Double]) -> [Double]
  ) {
    var stream = Stream(seed)
    let numbers = stream.floats(rows * width).map { scale * $0 }
    let wanted = (0..<rows).flatMap { row in
      expected(numbers[row * width..<(row + 1) * width].map(Double.init))
    }
    everyLevel { level in
      let (x, y) = (Floats(numbers), Floats(count: rows * width))
      body(x.pointer, y.pointer, rows)
      #expect(
        worst(y.values, wanted, size: wanted.map { max(abs($0), 1e-3) }) < tolerance,
        "\(rows) × \(width) at level \(level)")
      let z = Floats(numbers, atStart: true)
      body(z.pointer, z.pointer, rows)
      #expect(z.bits == y.bits)
      for row in [0, rows - 1] {
        let alone = Floats(Array(numbers[row * width..<(row + 1) * width]))
        body(alone.pointer, alone.pointer, 1)
        #expect(alone.bits == Array(y.bits[row * width..<(row + 1) * width]))
      }
      withExtendedLifetime((x, y, z)) {}
    }
  }

  @Test(arguments: widths) func softmax(width: Int) {
    func exponentials(_ row: [Double]) -> [Double] {
      let top = row.max() ?? 0
      return row.map { exp($0 - top) }
    }
    check(rows: 3, width: width, scale: 20, seed: 1) {
      ck_softmax_rows($0, $1, $2, width)
    } row: { row in
      let all = exponentials(row)
      return all.map { $0 / all.reduce(0, +) }
    }
    // Of one class the logarithm is exactly 0, and of few it may be near 0.
    check(rows: 3, width: width, scale: 20, seed: 1, tolerance: 1e-3) {
      ck_log_softmax_rows($0, $1, $2, width)
    } row: { row in
      let sum = exponentials(row).reduce(0, +)
      return row.map { $0 - (row.max() ?? 0) - log(sum) }
    }
  }

  /// The largest of a row is found below zero too, also where a vector's rest is filled up.
  @Test(arguments: [1, 3, 16, 17]) func softmaxBelowZero(width: Int) {
    let row = (0..<width).map { -200 - Float($0) }
    let sum = (0..<width).reduce(0.0) { $0 + exp(-Double($1)) }
    everyLevel { level in
      var y = [Float](repeating: 0, count: width)
      ck_softmax_rows(row, &y, 1, width)
      let wanted = (0..<width).map { exp(-Double($0)) / sum }
      #expect(worst(y, wanted, size: wanted.map { max($0, 1e-3) }) < 2e-6, "level \(level)")
    }
  }

  /// Far-apart numbers, −∞ among them, and a row with a NaN.
  @Test func softmaxOfExtremes() {
    everyLevel { level in
      var y: [Float] = [0, 0, 0, 0, 0, 0]
      ck_softmax_rows([1e30, -1e30, -.infinity, 1, .nan, 2], &y, 2, 3)
      #expect(Array(y[..<3]) == [1, 0, 0], "level \(level)")
      let lost = y[3...].filter { !$0.isNaN }
      #expect(lost.isEmpty, "level \(level)")
    }
  }

  @Test(arguments: widths) func norms(width: Int) {
    var stream = Stream(UInt64(width))
    let (gamma, beta) = (Floats(stream.floats(width)), Floats(stream.floats(width)))
    defer { withExtendedLifetime((gamma, beta)) {} }
    let (g, b) = (gamma.values.map(Double.init), beta.values.map(Double.init))
    func normalised(_ row: [Double], _ mean: Double) -> [Double] {
      let variance =
        row.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(row.count)
        + Double(1e-3 as Float)
      return row.map { ($0 - mean) / variance.squareRoot() }
    }
    func mean(_ row: [Double]) -> Double { row.reduce(0, +) / Double(row.count) }
    // Near the mean an absolute error is left, hence the tolerance in units of 10⁻³.
    check(rows: 4, width: width, seed: 2, tolerance: 2e-3) {
      ck_layer_norm_rows($0, gamma.pointer, beta.pointer, 1e-3, $1, $2, width)
    } row: { row in
      zip(normalised(row, mean(row)), zip(g, b)).map { $0 * $1.0 + $1.1 }
    }
    check(rows: 4, width: width, seed: 3, tolerance: 2e-3) {
      ck_layer_norm_rows($0, nil, nil, 1e-3, $1, $2, width)
    } row: { row in
      normalised(row, mean(row))
    }
    check(rows: 4, width: width, seed: 4) {
      ck_rms_norm_rows($0, gamma.pointer, 1e-3, $1, $2, width)
    } row: { row in
      zip(normalised(row, 0), g).map { $0 * $1 }
    }
  }

  @Test(arguments: widths) func affine(width: Int) {
    var stream = Stream(UInt64(width))
    let (scale, shift) = (Floats(stream.floats(width)), Floats(stream.floats(width)))
    defer { withExtendedLifetime((scale, shift)) {} }
    let (a, b) = (scale.values.map(Double.init), shift.values.map(Double.init))
    for (scaled, shifted, code) in [
      (true, true, CK_RELU), (true, false, CK_LINEAR), (false, true, CK_LEAKY_RELU),
      (true, true, CK_RELU6), (false, false, CK_RELU),
    ] {
      for rows in [1, 5, 40] {
        check(rows: rows, width: width, seed: 5, tolerance: 1e-3) {
          ck_affine_rows(
            $0, scaled ? scale.pointer : nil, shifted ? shift.pointer : nil, $1, $2, Int32(width),
            Int32(code), 0.25)
        } row: { row in
          row.enumerated().map { i, x in
            let v = (scaled ? x * a[i] : x) + (shifted ? b[i] : 0)
            switch code {
            case CK_RELU: return max(v, 0)
            case CK_RELU6: return min(max(v, 0), 6)
            case CK_LEAKY_RELU: return v < 0 ? v * 0.25 : v
            default: return v
            }
          }
        }
      }
    }
  }

  @Test(arguments: 0..<CK_OPERATIONS) func arithmetic(code: Int) {
    func operate(_ a: Float, _ b: Float) -> Float {
      switch code {
      case CK_ADD: a + b
      case CK_SUBTRACT: a - b
      case CK_MULTIPLY: a * b
      case CK_DIVIDE: a / b
      case CK_MAXIMUM: a.isNaN || b.isNaN ? .nan : max(a, b)
      default: a.isNaN || b.isNaN ? .nan : min(a, b)
      }
    }
    func same(_ a: [Float], _ b: [Float]) -> Bool {
      zip(a, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
    }
    var stream = Stream(11)
    for width in Self.widths {
      let rows = 3
      var numbers = stream.floats(rows * width)
      numbers[width - 1] = .nan
      let (a, b) = (Floats(numbers), Floats(stream.floats(rows * width)))
      let (left, right) = (a.values, b.values)
      everyLevel { level in
        let y = Floats(count: rows * width)
        for (p, q, first, second) in [(a, b, left, right), (b, a, right, left)] {
          ck_combine(Int32(code), p.pointer, q.pointer, y.pointer, rows * width)
          let expected = zip(first, second).map { operate($0, $1) }
          #expect(same(y.values, expected), "\(width) at level \(level)")
        }
        for reversed in [false, true] {
          let row = Floats(Array(right[..<width]))
          ck_combine_row(Int32(code), reversed, a.pointer, row.pointer, y.pointer, rows, width)
          let byRow = left.indices.map { i in
            reversed ? operate(right[i % width], left[i]) : operate(left[i], right[i % width])
          }
          #expect(same(y.values, byRow), "\(width) at level \(level)")
          let column = Floats(Array(right[..<rows]))
          ck_combine_column(
            Int32(code), reversed, a.pointer, column.pointer, y.pointer, rows, width)
          let byColumn = left.indices.map { i in
            reversed ? operate(right[i / width], left[i]) : operate(left[i], right[i / width])
          }
          #expect(same(y.values, byColumn), "\(width) at level \(level)")
          withExtendedLifetime((row, column)) {}
        }
      }
      withExtendedLifetime((a, b)) {}
    }
  }

  @Test func affineOfNumbers() {
    everyLevel { level in
      for count in 0..<40 {
        let x = Floats((0..<count).map(Float.init))
        ck_affine(x.pointer, 2, -3, x.pointer, count)
        #expect(x.values == (0..<count).map { 2 * Float($0) - 3 }, "level \(level)")
      }
    }
  }
}
