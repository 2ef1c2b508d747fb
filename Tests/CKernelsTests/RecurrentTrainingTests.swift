import CKernels
import Testing

/// Steps of training: forward beside those of prediction, back beside the chain rule in double
/// precision.
struct RecurrentTrainingTests {
  private let rows = 3

  @Test(arguments: RecurrentTests.units) func lstm(u: Int) {
    var stream = Stream(UInt64(100 + u))
    let z = stream.floats(rows * 4 * u).map { 3 * $0 }
    let c = stream.floats(rows * u)
    let (dh, dc) = (stream.floats(rows * u), stream.floats(rows * u))
    everyLevel { level in
      let (usual, cell, out) = (Floats(z), Floats(c), Floats(count: rows * u))
      ck_lstm_step(
        usual.pointer, cell.pointer, out.pointer, rows, Int32(u), ck_activation(CK_SIGMOID),
        ck_activation(CK_TANH))
      let (gates, before, after) = (Floats(z), Floats(c), Floats(count: rows * u))
      let (shown, h) = (Floats(count: rows * u), Floats(count: rows * u))
      ck_lstm_step_train(
        gates.pointer, before.pointer, after.pointer, shown.pointer, h.pointer, rows, Int32(u))
      #expect(after.values == cell.values && h.values == out.values, "level \(level)")

      var (dz, dbefore) = ([Double](repeating: 0, count: z.count), [Double]())
      for unit in 0..<rows * u {
        let place = unit / u * 4 * u + unit % u
        func gate(_ k: Int) -> Double { Double(gates.values[place + k * u]) }
        let (i, f, g, o) = (gate(0), gate(1), gate(2), gate(3))
        let (bent, dout) = (Double(shown.values[unit]), Double(dh[unit]))
        let dcell = Double(dc[unit]) + dout * o * (1 - bent * bent)
        dz[place] = dcell * g * i * (1 - i)
        dz[place + u] = dcell * Double(c[unit]) * f * (1 - f)
        dz[place + 2 * u] = dcell * i * (1 - g * g)
        dz[place + 3 * u] = dout * bent * o * (1 - o)
        dbefore.append(dcell * f)
      }
      let (up, back) = (Floats(dh), Floats(dc))
      ck_lstm_step_back(
        gates.pointer, before.pointer, shown.pointer, up.pointer, back.pointer, rows, Int32(u))
      #expect(worst(gates.values, dz, size: dz.map { _ in 1 }) < 1e-6, "level \(level)")
      #expect(worst(back.values, dbefore, size: dbefore.map { _ in 1 }) < 1e-6, "level \(level)")
      #expect(up.values == dh && before.values == c)
      withExtendedLifetime(usual) {}
    }
  }

  @Test(arguments: RecurrentTests.units) func gru(u: Int) {
    var stream = Stream(UInt64(200 + u))
    let (x, r) = (stream.floats(rows * 3 * u), stream.floats(rows * 3 * u).map { 2 * $0 })
    let (h, dh) = (stream.floats(rows * u), stream.floats(rows * u))
    everyLevel { level in
      let (usual, same, out) = (Floats(x), Floats(r), Floats(h))
      ck_gru_step(
        usual.pointer, same.pointer, out.pointer, rows, Int32(u), ck_activation(CK_SIGMOID),
        ck_activation(CK_TANH))
      let (gates, state) = (Floats(x), Floats(r))
      let (before, after) = (Floats(h), Floats(count: rows * u))
      ck_gru_step_train(
        gates.pointer, state.pointer, before.pointer, after.pointer, rows, Int32(u))
      #expect(after.values == out.values && state.values == r, "level \(level)")

      var dx = [Double](repeating: 0, count: x.count)
      var (dr, dbefore) = (dx, [Double]())
      for unit in 0..<rows * u {
        let place = unit / u * 3 * u + unit % u
        func gate(_ k: Int) -> Double { Double(gates.values[place + k * u]) }
        let (z, reset, candidate, d) = (gate(0), gate(1), gate(2), Double(dh[unit]))
        let inner = d * (1 - z) * (1 - candidate * candidate)
        dx[place] = d * (Double(h[unit]) - candidate) * z * (1 - z)
        dx[place + u] = inner * Double(r[place + 2 * u]) * reset * (1 - reset)
        dx[place + 2 * u] = inner
        (dr[place], dr[place + u], dr[place + 2 * u]) = (dx[place], dx[place + u], inner * reset)
        dbefore.append(d * z)
      }
      let back = Floats(dh)
      ck_gru_step_back(gates.pointer, state.pointer, before.pointer, back.pointer, rows, Int32(u))
      #expect(worst(gates.values, dx, size: dx.map { _ in 1 }) < 1e-6, "level \(level)")
      #expect(worst(state.values, dr, size: dr.map { _ in 1 }) < 1e-6, "level \(level)")
      #expect(worst(back.values, dbefore, size: dbefore.map { _ in 1 }) < 1e-6, "level \(level)")
      withExtendedLifetime((usual, same, before)) {}
    }
  }
}
