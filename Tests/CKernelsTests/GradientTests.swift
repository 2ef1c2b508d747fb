import CKernels
import Testing

/// Gradients against central differences of the forward kernels, on every instruction set.
struct GradientTests {
  static let widths = [1, 3, 8, 15, 17, 33]

  /// For each input, how the sum of the outputs times `dy` changes with it.
  private static func differences(
    _ x: [Float], _ dy: [Float], step: Float = 1 / 256, _ forward: ([Float]) -> [Float]
  ) -> [Double] {
    x.indices.map { i in
      func sum(_ change: Float) -> Double {
        var moved = x
        moved[i] += change
        return zip(forward(moved), dy).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      return (sum(step) - sum(-step)) / Double(2 * step)
    }
  }

  private static func close(_ found: [Float], _ expected: [Double], _ tolerance: Double) -> Bool {
    found.count == expected.count
      && worst(found, expected, size: expected.map { max(1, abs($0)) }) < tolerance
  }

  static let codes = Array(1..<Int(CK_ACTIVATIONS))

  @Test(arguments: codes) func activation(code: Int) {
    let p = ck_default_parameter(Int32(code))
    // Off the kinks, which lie at multiples of a half.
    let x = (-40...40).map { Float($0) / 8 + 0.05 }.filter { code != CK_LOG || $0 > 0.1 }
    let dy = x.indices.map { Float($0 % 7) - 2.5 }
    let needs = ck_activation_gradient_needs(Int32(code))
    everyLevel { level in
      func values(_ x: [Float]) -> [Float] {
        var y = x
        ck_activate(Int32(code), p, x, &y, x.count)
        return y
      }
      let (up, down) = (values(x.map { $0 + 1 / 256 }), values(x.map { $0 - 1 / 256 }))
      let expected = x.indices.map { Double(up[$0] - down[$0]) * 128 * Double(dy[$0]) }
      let input = needs & Int32(CK_NEEDS_INPUT) != 0 ? Floats(x) : nil
      let output = needs & Int32(CK_NEEDS_OUTPUT) != 0 ? Floats(values(x)) : nil
      let dx = Floats(dy)
      ck_activate_gradient(
        Int32(code), p, input?.pointer, output?.pointer, dx.pointer, dx.pointer, x.count)
      #expect(Self.close(dx.values, expected, 2e-3), "\(code) at level \(level)")
      withExtendedLifetime((input, output)) {}
    }
  }

  /// At the kinks TensorFlow's derivatives, from tf.GradientTape.
  @Test func kinks() {
    everyLevel { _ in
      var dx: [Float] = [0, 0]
      ck_activate_gradient(Int32(CK_RELU), 0, nil, [0, 1e-30], [1, 1], &dx, 2)
      #expect(dx == [0, 1])
      ck_activate_gradient(Int32(CK_RELU6), 0, nil, [0, 6], [1, 1], &dx, 2)
      #expect(dx == [0, 0])
      ck_activate_gradient(Int32(CK_LEAKY_RELU), 0.2, [0, 1], nil, [1, 1], &dx, 2)
      #expect(dx == [0.2, 1])
      ck_relu_general_gradient(0.1, 4, 1, [0.5, 3], [1, 1], &dx, 2)
      #expect(dx == [0.1, 1])
      ck_relu_general_gradient(0.1, 4, 1, [4, 1.5], [1, 1], &dx, 2)
      #expect(dx == [1, 1])
      ck_relu_general_gradient(0, 6, 0, [0, 6], [1, 1], &dx, 2)
      #expect(dx == [0, 0])
      ck_relu_general_gradient(0.1, 4, 1, [1, 4.5], [1, 1], &dx, 2)
      #expect(dx == [0, 0])
    }
  }

  @Test(arguments: widths) func rows(width: Int) {
    var stream = Stream(UInt64(width))
    let rows = 3
    let (x, dy) = (stream.floats(rows * width).map { 2 * $0 }, stream.floats(rows * width))
    let gamma = stream.floats(width).map { $0 + 1.5 }
    everyLevel { level in
      typealias Forward = (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
      func through(_ forward: @escaping Forward) -> ([Float]) -> [Float] {
        { values in
          var y = values
          forward(values, &y)
          return y
        }
      }
      let soft = through { ck_softmax_rows($0, $1, rows, width) }
      let (a, b) = (Floats(soft(x)), Floats(dy))
      ck_softmax_gradient_rows(a.pointer, b.pointer, b.pointer, rows, width)
      #expect(Self.close(b.values, Self.differences(x, dy, soft), 1e-3), "level \(level)")

      let logs = through { ck_log_softmax_rows($0, $1, rows, width) }
      let (c, d) = (Floats(logs(x)), Floats(dy))
      ck_log_softmax_gradient_rows(c.pointer, d.pointer, d.pointer, rows, width)
      #expect(Self.close(d.values, Self.differences(x, dy, logs), 1e-3), "level \(level)")

      for centred in [true, false] where !centred || width > 1 {
        func norm(_ x: [Float], _ gamma: [Float]) -> [Float] {
          var y = x
          if centred {
            ck_layer_norm_rows(x, gamma, nil, 0.1, &y, rows, width)
          } else {
            ck_rms_norm_rows(x, gamma, 0.1, &y, rows, width)
          }
          return y
        }
        let (input, dx, scale) = (Floats(x), Floats(dy), Floats(gamma))
        let (dgamma, dbeta) = (
          Floats((0..<width).map { _ in 1 }), Floats((0..<width).map { _ in 2 })
        )
        if centred {
          ck_layer_norm_gradient_rows(
            input.pointer, scale.pointer, 0.1, dx.pointer, dx.pointer, dgamma.pointer,
            dbeta.pointer, rows, width)
          let sums = (0..<width).map { i in
            (0..<rows).reduce(2.0) { $0 + Double(dy[$1 * width + i]) }
          }
          #expect(Self.close(dbeta.values, sums, 1e-5), "level \(level)")
        } else {
          ck_rms_norm_gradient_rows(
            input.pointer, scale.pointer, 0.1, dx.pointer, dx.pointer, dgamma.pointer, rows, width)
        }
        #expect(
          Self.close(dx.values, Self.differences(x, dy) { norm($0, gamma) }, 2e-3),
          "\(centred) at level \(level)")
        let slopes = Self.differences(gamma, dy) { norm(x, $0) }.map { $0 + 1 }
        #expect(Self.close(dgamma.values, slopes, 2e-3), "\(centred) at level \(level)")
        withExtendedLifetime((input, scale)) {}
      }
      withExtendedLifetime((a, c)) {}
    }
  }

  /// Variances of values that lie far from 0, which squares of floats would lose.
  @Test func momentsOfLargeValues() {
    let x = Floats((0..<3 * 200).map { 2000 + Float($0 % 7) / 4 })
    let xs = x.values.map(Double.init)
    everyLevel { level in
      var (sums, squares) = ([Double](repeating: 0, count: 3), [Double](repeating: 0, count: 3))
      ck_add_moments(x.pointer, 200, 3, &sums, &squares)
      for c in 0..<3 {
        let column = stride(from: c, to: xs.count, by: 3).map { xs[$0] }
        let mean = column.reduce(0, +) / 200
        let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 200
        let found = squares[c] / 200 - (sums[c] / 200) * (sums[c] / 200)
        #expect(abs(found - variance) < 1e-6 * variance, "\(found), not \(variance), at level \(level)")
      }
    }
    withExtendedLifetime(x) {}
  }

  @Test(arguments: widths) func sumsOfChannels(width: Int) {
    var stream = Stream(UInt64(70 + width))
    for rows in [1, 3, 64, 135] {
      let (x, dy) = (Floats(stream.floats(rows * width)), Floats(stream.floats(rows * width)))
      let (mean, scale) = (Floats(stream.floats(width)), Floats(stream.floats(width)))
      let (xs, dys) = (x.values, dy.values)
      func sum(_ term: (_ i: Int, _ c: Int) -> Double) -> [Double] {
        (0..<width).map { c in (0..<rows).reduce(1) { $0 + term($1 * width + c, c) } }
      }
      let (ms, fs) = (mean.values.map(Double.init), scale.values.map(Double.init))
      let products = sum { Double(dys[$0]) * (Double(xs[$0]) - ms[$1]) * fs[$1] }
      everyLevel { level in
        let out = Floats((0..<width).map { _ in 1 })
        ck_add_column_sums(dy.pointer, rows, Int32(width), out.pointer)
        #expect(Self.close(out.values, sum { i, _ in Double(dys[i]) }, 1e-5), "level \(level)")
        var (a, b) = ([Double](repeating: 1, count: width), [Double](repeating: 1, count: width))
        ck_add_moments(x.pointer, rows, Int32(width), &a, &b)
        #expect(Self.close(a.map(Float.init), sum { i, _ in Double(xs[i]) }, 1e-5))
        #expect(Self.close(b.map(Float.init), sum { i, _ in Double(xs[i] * xs[i]) }, 1e-5))
        a = [Double](repeating: 1, count: width)
        b = a
        ck_add_products(
          x.pointer, mean.pointer, scale.pointer, dy.pointer, rows, Int32(width), &a, &b)
        #expect(Self.close(a.map(Float.init), sum { i, _ in Double(dys[i]) }, 1e-5))
        #expect(Self.close(b.map(Float.init), products, 1e-5), "level \(level)")
        let dx = Floats(dys)
        ck_combine_gradient_rows(
          dx.pointer, x.pointer, mean.pointer, scale.pointer, mean.pointer, dx.pointer, rows,
          Int32(width))
        let expected = xs.indices.map {
          ms[$0 % width] * (Double(dys[$0]) + 1) + fs[$0 % width] * Double(xs[$0])
        }
        #expect(Self.close(dx.values, expected, 1e-6), "level \(level)")
      }
      withExtendedLifetime((x, dy, mean, scale)) {}
    }
  }
}
