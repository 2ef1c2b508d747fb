import CKernels
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Cells against their formulas in double precision.
struct RecurrentTests {
  static let units = [1, 3, 4, 5, 8, 9, 16, 17, 40]
  static let activations: [(recurrent: Int, activation: Int)] = [
    (CK_SIGMOID, CK_TANH), (CK_HARD_SIGMOID, CK_TANH), (CK_SIGMOID, CK_RELU),
    (CK_HARD_SIGMOID_FIFTH, CK_LINEAR),
  ]

  static func value(_ code: Int, _ x: Double) -> Double {
    switch code {
    case CK_SIGMOID: 1 / (1 + exp(-x))
    case CK_TANH: tanh(x)
    case CK_RELU: max(x, 0)
    case CK_HARD_SIGMOID: min(max(x / 6 + 0.5, 0), 1)
    case CK_HARD_SIGMOID_FIFTH: min(max(0.2 * x + 0.5, 0), 1)
    default: x
    }
  }

  @Test(arguments: units) func lstm(u: Int) {
    var stream = Stream(UInt64(u))
    let rows = 3
    let z = stream.floats(rows * 4 * u).map { 3 * $0 }
    let c = stream.floats(rows * u)
    for (recurrent, activation) in Self.activations {
      var (cells, hidden): ([Double], [Double]) = ([], [])
      for i in 0..<rows * u {
        func gate(_ k: Int) -> Double { Double(z[i / u * 4 * u + k * u + i % u]) }
        let cell =
          Self.value(recurrent, gate(1)) * Double(c[i]) + Self.value(recurrent, gate(0))
          * Self.value(activation, gate(2))
        cells.append(cell)
        hidden.append(Self.value(recurrent, gate(3)) * Self.value(activation, cell))
      }
      everyLevel { level in
        let (a, b, h) = (Floats(z), Floats(c), Floats(count: rows * u))
        ck_lstm_step(
          a.pointer, b.pointer, h.pointer, rows, Int32(u), Int32(recurrent), Int32(activation))
        let one = cells.map { _ in 1.0 }
        #expect(worst(b.values, cells, size: one) < 1e-6, "\(recurrent) at level \(level)")
        #expect(worst(h.values, hidden, size: one) < 1e-6, "\(recurrent) at level \(level)")
        withExtendedLifetime(a) {}
      }
    }
  }

  @Test(arguments: units) func gru(u: Int) {
    var stream = Stream(UInt64(50 + u))
    let rows = 3
    let (x, r) = (stream.floats(rows * 3 * u), stream.floats(rows * 3 * u).map { 2 * $0 })
    let h = stream.floats(rows * u)
    for (recurrent, activation) in Self.activations {
      // With the reset after the product, and before it: there the product is of `resets`, and
      // stands in x's last third when it comes to the second half.
      var (after, before, resets): ([Double], [Double], [Double]) = ([], [], [])
      for i in 0..<rows * u {
        func gate(_ values: [Float], _ k: Int) -> Double {
          Double(values[i / u * 3 * u + k * u + i % u])
        }
        let update = Self.value(recurrent, gate(x, 0) + gate(r, 0))
        let reset = Self.value(recurrent, gate(x, 1) + gate(r, 1))
        func blended(_ candidate: Double) -> Double {
          update * Double(h[i]) + (1 - update) * Self.value(activation, candidate)
        }
        after.append(blended(gate(x, 2) + reset * gate(r, 2)))
        before.append(blended(gate(x, 2)))
        resets.append(reset * Double(h[i]))
      }
      let one = after.map { _ in 1.0 }
      everyLevel { level in
        let (a, b, y) = (Floats(x), Floats(r), Floats(h))
        ck_gru_step(
          a.pointer, b.pointer, y.pointer, rows, Int32(u), Int32(recurrent), Int32(activation))
        #expect(worst(y.values, after, size: one) < 1e-6, "\(recurrent) at level \(level)")

        let first = Floats(x)
        let two = Floats(
          (0..<rows * 2 * u).map { r[$0 / (2 * u) * 3 * u + $0 % (2 * u)] })
        let (state, reset) = (Floats(h), Floats(count: rows * u))
        ck_gru_reset(
          first.pointer, two.pointer, state.pointer, reset.pointer, rows, Int32(u),
          Int32(recurrent))
        #expect(worst(reset.values, resets, size: one) < 1e-6, "\(recurrent) at level \(level)")
        ck_gru_blend(first.pointer, state.pointer, rows, Int32(u), Int32(activation))
        #expect(worst(state.values, before, size: one) < 1e-6, "\(recurrent) at level \(level)")
        withExtendedLifetime((a, b, first, two)) {}
      }
    }
  }
}
