import CKernels
import Testing

/// Gradients of depthwise convolutions and of pooling against plain sums, on every instruction set.
struct WindowGradientTests {
  private static func someGeometry(_ stream: inout Stream, multiplier: Int) -> ck_conv_geometry {
    while true {
      let channels = stream.pick([1, 2, 3, 5, 8, 16, 17, 33])
      if let found = geometry(
        height: stream.pick([1, 2, 5, 9]), width: stream.pick([1, 3, 8, 11, 19]),
        channels: channels, outChannels: channels * multiplier,
        kernel: stream.pick([(1, 1), (3, 3), (2, 4), (5, 5), (1, 3)]),
        stride: stream.pick([(1, 1), (2, 2), (1, 2), (3, 3)]),
        dilation: stream.pick([(1, 1), (1, 1), (2, 2)]), same: stream.integer(0...2) > 0)
      {
        return found
      }
    }
  }

  @Test(arguments: 0..<6) func depthwise(seed: UInt64) {
    var stream = Stream(500 + seed)
    for _ in 0..<20 {
      let multiplier = stream.pick([1, 1, 2, 3])
      var g = Self.someGeometry(&stream, multiplier: multiplier)
      let (images, out) = (2, Int(g.out_channels))
      let kernel = Floats(stream.floats(Int(g.kernel_height * g.kernel_width) * out))
      let x = Floats(stream.floats(images * g.inputSize))
      let dy = Floats(stream.floats(images * g.outputSize))
      let (xs, dys, weights) = (x.values, dy.values, kernel.values)
      var (dx, dkernel) = (Sums(count: xs.count), Sums(count: weights.count))
      for i in weights.indices { dkernel.add(i, 1, 1) }
      for image in 0..<images {
        g.eachTap { position, tap, pixel in
          for o in 0..<out {
            let slope = dys[image * g.outputSize + position * out + o]
            let input = image * g.inputSize + pixel + o / multiplier
            dx.add(input, slope, weights[tap * out + o])
            dkernel.add(tap * out + o, slope, xs[input])
          }
        }
      }
      everyLevel { level in
        let found = Floats(count: xs.count)
        let scratch = Floats(count: ck_depthwise_gradient_scratch_size(&g))
        ck_depthwise_input_gradient(
          &g, kernel.pointer, images, dy.pointer, found.pointer, scratch.pointer)
        #expect(worst(found.values, dx.value, size: dx.size) < 4e-6, "\(g) at level \(level)")
        let sums = Floats(weights.map { _ in 1 })
        ck_depthwise_kernel_gradient(
          &g, images, x.pointer, dy.pointer, sums.pointer, scratch.pointer)
        #expect(
          worst(sums.values, dkernel.value, size: dkernel.size) < 4e-6, "\(g) at level \(level)")
        withExtendedLifetime(scratch) {}
      }
      withExtendedLifetime((x, dy, kernel)) {}
    }
  }

  /// Of numbers that repeat, so that windows have several largest elements.
  @Test(arguments: 0..<6) func pooling(seed: UInt64) {
    var stream = Stream(600 + seed)
    for _ in 0..<20 {
      var g = Self.someGeometry(&stream, multiplier: 1)
      let (images, channels) = (2, Int(g.channels))
      let x = Floats((0..<images * g.inputSize).map { _ in Float(stream.integer(-2...2)) })
      let dy = Floats(stream.floats(images * g.outputSize))
      let (xs, dys) = (x.values, dy.values)
      var places = [Int?](repeating: nil, count: dys.count)
      var taps = [Float](repeating: 0, count: g.positions)
      g.eachTap { position, _, _ in taps[position] += 1 }
      let (all, part) = (Sums(count: xs.count), Sums(count: xs.count))
      var (largest, average) = (all, part)
      for image in 0..<images {
        g.eachTap { position, _, pixel in
          for c in 0..<channels {
            let o = image * g.outputSize + position * channels + c
            let input = image * g.inputSize + pixel + c
            average.add(input, dys[o], 1 / taps[position])
            if let place = places[o], xs[place] >= xs[input] { continue }
            places[o] = input
          }
        }
      }
      for (o, place) in places.enumerated() {
        if let place { largest.add(place, dys[o], 1) }
      }
      let one = xs.map { _ in 1.0 }
      everyLevel { level in
        let (y, dx) = (Floats(count: dys.count), Floats(count: xs.count))
        ck_pool_max(&g, images, x.pointer, y.pointer)
        ck_pool_max_gradient(&g, images, x.pointer, y.pointer, dy.pointer, dx.pointer)
        #expect(worst(dx.values, largest.value, size: one) < 1e-5, "\(g) at level \(level)")
        ck_pool_average_gradient(&g, images, dy.pointer, dx.pointer)
        #expect(worst(dx.values, average.value, size: one) < 1e-5, "\(g) at level \(level)")
        withExtendedLifetime(y) {}
      }
      withExtendedLifetime((x, dy)) {}
    }
  }

  @Test(arguments: [1, 3, 17, 40]) func wholeImages(channels: Int) {
    let positions = 4
    let x = Floats((0..<positions * channels).map { Float([1, 5, 5, 2][$0 / channels]) })
    let dy = Floats((0..<channels).map { Float($0 + 1) })
    everyLevel { level in
      let (y, dx) = (Floats(count: channels), Floats(count: positions * channels))
      ck_global_max(1, positions, Int32(channels), x.pointer, y.pointer)
      ck_global_max_gradient(
        1, positions, Int32(channels), x.pointer, y.pointer, dy.pointer, dx.pointer)
      let shares: [Float] = [0, 0.5, 0.5, 0]
      #expect(
        dx.values
          == (0..<positions * channels).map {
            shares[$0 / channels] * Float($0 % channels + 1)
          }, "level \(level)")
      ck_global_average_gradient(1, positions, Int32(channels), dy.pointer, dx.pointer)
      #expect(
        dx.values == (0..<positions * channels).map { Float($0 % channels + 1) / 4 },
        "level \(level)")
      withExtendedLifetime(y) {}
    }
    withExtendedLifetime((x, dy)) {}
  }
}
