import CKernels
import Testing

struct PoolingTests {
  @Test(arguments: 0..<6) func everyShape(seed: UInt64) {
    var stream = Stream(200 + seed)
    for _ in 0..<30 {
      let channels = stream.pick([1, 2, 3, 4, 7, 8, 15, 16, 17, 40])
      guard
        var g = geometry(
          height: stream.pick([1, 2, 5, 6, 9]), width: stream.pick([1, 3, 4, 8, 11]),
          channels: channels, outChannels: channels,
          kernel: stream.pick([(1, 1), (2, 2), (3, 3), (3, 2), (1, 4)]),
          stride: stream.pick([(1, 1), (2, 2), (1, 2), (3, 3)]), same: stream.integer(0...1) == 1)
      else { continue }
      let images = stream.integer(1...3)
      let atStart = stream.integer(0...1) == 1
      let x = Floats(stream.floats(images * g.inputSize), atStart: atStart)
      defer { withExtendedLifetime(x) {} }
      let values = x.values
      let count = g.outputSize
      var largest = [Double](repeating: -.infinity, count: images * count)
      var sum = [Double](repeating: 0, count: images * count)
      var taps = [Double](repeating: 0, count: images * count)
      for image in 0..<images {
        g.eachTap { position, _, pixel in
          for c in 0..<channels {
            let i = image * count + position * channels + c
            let value = Double(values[image * g.inputSize + pixel + c])
            largest[i] = max(largest[i], value)
            sum[i] += value
            taps[i] += 1
          }
        }
      }
      everyLevel { level in
        let y = Floats(count: images * count, atStart: atStart)
        ck_pool_max(&g, images, x.pointer, y.pointer)
        #expect(y.values.map(Double.init) == largest, "\(g) at level \(level)")
        let mean = Floats(count: images * count, atStart: atStart)
        ck_pool_average(&g, images, x.pointer, mean.pointer)
        let expected = zip(sum, taps).map { $0 / $1 }
        #expect(
          worst(mean.values, expected, size: expected.map { _ in 1 }) < 1e-6,
          "\(g) at level \(level)")
      }
    }
  }

  @Test(arguments: [1, 3, 8, 17, 64, 100]) func wholeImages(channels: Int) {
    var stream = Stream(UInt64(channels))
    for positions in [1, 2, 3, 49, 300] {
      let images = 3
      let x = Floats(stream.floats(images * positions * channels))
      defer { withExtendedLifetime(x) {} }
      let values = x.values
      func column(_ image: Int, _ c: Int) -> [Double] {
        (0..<positions).map { Double(values[(image * positions + $0) * channels + c]) }
      }
      let columns = (0..<images * channels).map { column($0 / channels, $0 % channels) }
      everyLevel { level in
        let y = Floats(count: images * channels)
        ck_global_max(images, positions, Int32(channels), x.pointer, y.pointer)
        #expect(y.values.map(Double.init) == columns.map { $0.max() ?? .nan })
        ck_global_average(images, positions, Int32(channels), x.pointer, y.pointer)
        let means = columns.map { $0.reduce(0, +) / Double(positions) }
        #expect(worst(y.values, means, size: means.map { _ in 1 }) < 1e-6, "level \(level)")
      }
    }
  }

  /// The number that is not one is seen wherever it stands in a window.
  @Test func notANumber() throws {
    var g = try #require(
      geometry(
        height: 1, width: 3, channels: 1, outChannels: 1, kernel: (1, 3), stride: (1, 1),
        same: false))
    everyLevel { level in
      for place in 0..<3 {
        var x: [Float] = [1, 2, 3]
        x[place] = .nan
        var y: [Float] = [0]
        ck_pool_max(&g, 1, x, &y)
        #expect(y[0].isNaN, "\(place) at level \(level)")
        ck_global_max(1, 3, 1, x, &y)
        #expect(y[0].isNaN)
      }
    }
  }
}
