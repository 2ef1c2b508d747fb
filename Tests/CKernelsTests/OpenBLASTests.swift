import CKernels
import COpenBLAS
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The wrappers say rows where LAPACK says columns: each against the product that defines it.
struct OpenBLASTests {
  private func product(_ a: [Double], _ b: [Double], _ n: Int) -> [Double] {
    (0..<n * n).map { i in (0..<n).reduce(0) { $0 + a[i / n * n + $1] * b[$1 * n + i % n] } }
  }
  private func transposed(_ a: [Double], _ n: Int) -> [Double] {
    (0..<n * n).map { a[$0 % n * n + $0 / n] }
  }
  /// One triangle of a matrix, zeros elsewhere.
  private func triangle(_ a: [Double], _ n: Int, upper: Bool) -> [Double] {
    (0..<n * n).map { (upper ? $0 % n >= $0 / n : $0 % n <= $0 / n) ? a[$0] : 0 }
  }
  private func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
  }

  init() throws {
    try #require(ob_load() == nil, "\(ob_load().map { String(cString: $0) } ?? "")")
  }

  @Test func products() {
    // a = [[1 2 3] [4 5 6]], b = [[1 0] [0 1] [1 1]], a·b = [[4 5] [10 11]].
    let (a, aTurned): ([Float], [Float]) = ([1, 2, 3, 4, 5, 6], [1, 4, 2, 5, 3, 6])
    let (b, bTurned): ([Float], [Float]) = ([1, 0, 0, 1, 1, 1], [1, 0, 1, 0, 1, 1])
    for (left, turnsLeft) in [(a, false), (aTurned, true)] {
      for (right, turnsRight) in [(b, false), (bTurned, true)] {
        var c: [Float] = [1, 1, 1, 1]
        ob_sgemm(
          turnsLeft, turnsRight, 2, 2, 3, 2, left, turnsLeft ? 2 : 3, right, turnsRight ? 3 : 2, 1,
          &c, 2)
        #expect(c == [9, 11, 21, 23])
        var d: [Double] = [1, 1, 1, 1]
        ob_dgemm(
          turnsLeft, turnsRight, 2, 2, 3, 2, left.map(Double.init), turnsLeft ? 2 : 3,
          right.map(Double.init), turnsRight ? 3 : 2, 1, &d, 2)
        #expect(d == [9, 11, 21, 23])
      }
    }
    var y: [Float] = [1, 1]
    ob_sgemv(false, 2, 3, 1, a, 3, [1, 0, 2] as [Float], 1, &y)
    #expect(y == [8, 17])
    y = [9, 9, 9]
    ob_sgemv(true, 2, 3, 1, a, 3, [1, 2] as [Float], 0, &y)
    #expect(y == [9, 12, 15])
  }

  @Test(arguments: [true, false]) func factors(upper: Bool) {
    let n = 5
    var stream = Stream(3)
    let root = (0..<n * n).map { _ in Double(stream.float()) }
    var square = product(transposed(root, n), root, n)
    for i in 0..<n { square[i * n + i] += 1 }

    // rootᵀ·root again, one triangle of it.
    var again = [Double](repeating: 7, count: n * n)
    ob_dsyrk(upper, true, Int32(n), Int32(n), 1, root, Int32(n), 0, &again, Int32(n))
    for i in 0..<n { again[i * n + i] += 1 }
    let side = triangle(square, n, upper: upper)
    #expect(distance(triangle(again, n, upper: upper), side) < 1e-12)
    #expect(again[upper ? n : 1] == 7)

    var factor = square
    #expect(ob_dpotrf(upper, Int32(n), &factor, Int32(n)) == 0)
    factor = triangle(factor, n, upper: upper)
    let turned = transposed(factor, n)
    #expect(
      distance(upper ? product(turned, factor, n) : product(factor, turned, n), square) < 1e-12)

    let identity = (0..<n * n).map { $0 % n == $0 / n ? 1.0 : 0 }
    var inverse = factor
    #expect(ob_dtrtri(upper, Int32(n), &inverse, Int32(n)) == 0)
    #expect(distance(product(inverse, factor, n), identity) < 1e-12)

    var whole = factor
    #expect(ob_dpotri(upper, Int32(n), &whole, Int32(n)) == 0)
    for i in 0..<n * n where upper ? i % n < i / n : i % n > i / n {
      whole[i] = whole[i % n * n + i / n]
    }
    #expect(distance(product(whole, square, n), identity) < 1e-11)

    for (right, transpose) in [(false, false), (false, true), (true, false), (true, true)] {
      var b = root
      ob_dtrsm(
        right, upper, transpose, Int32(n), Int32(n), 2, factor, Int32(n), &b, Int32(n))
      let a = transpose ? turned : factor
      let back = right ? product(b, a, n) : product(a, b, n)
      #expect(distance(back, root.map { 2 * $0 }) < 1e-12)
    }

    var indefinite = identity
    indefinite[3 * n + 3] = -1
    #expect(ob_dpotrf(upper, Int32(n), &indefinite, Int32(n)) == 4)
  }

  /// The engine counts on AVX-512 kernels where there are such: AVX2 ones have half the speed.
  @Test(.enabled(if: getenv("OPENBLAS_CORETYPE") == nil && ck_network_level() == 2))
  func choosesKernelsOfThisProcessor() {
    #expect(["SkylakeX", "Cooperlake", "SapphireRapids"].contains(String(cString: ob_core())))
  }
}
