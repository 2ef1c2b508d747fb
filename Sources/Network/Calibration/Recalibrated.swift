import Parallel

/// A layer that normalises by statistics of the data, which it keeps among its variables.
protocol Recalibrated: Layer {
  var movingMean: Parameter { get }
  var movingVariance: Parameter { get }

  /// How the rows of a call lie around the channels: `[outer][channels][inner]` floats a row.
  func channelSplit(of call: Invocation) -> (outer: Int, inner: Int)
}

/// Mean and variance of every channel, in double precision, over any number of values.
struct ChannelMoments: Sendable {
  private(set) var count = 0.0
  private(set) var means: [Double]
  /// Sums of squared distances from the mean.
  private var spreads: [Double]

  init(channels: Int) {
    means = [Double](repeating: 0, count: channels)
    spreads = means
  }

  /// Of the values before node `node`, all chunks together. Masked positions do not count.
  static func of(_ layer: any Recalibrated, _ node: Int, in walk: SampleWalk) -> ChannelMoments {
    let channels = layer.movingMean.count
    // Reads what does not change meanwhile.
    nonisolated(unsafe) let layer = layer
    let parts =
      (try? Parallel.map(walk.chunks.count) { chunk in
        ChannelMoments(layer, walk.frame(node, chunk: chunk))
      }) ?? []
    return parts.reduce(into: ChannelMoments(channels: channels)) { $0.add($1) }
  }

  /// Of what one call is given.
  init(_ layer: any Recalibrated, _ frame: Frame) {
    let channels = layer.movingMean.count
    self.init(channels: channels)
    let (outer, inner) = layer.channelSplit(of: frame.call)
    let (x, rows) = (frame.input(), frame.rows * outer)
    // Masks cover whole positions: all channels of one, where channels come last.
    let mask = inner == 1 ? frame.mask() : nil
    let covered = frame.call.masks[0]?.reduce(1, *) ?? 1
    func counts(_ row: Int) -> Bool {
      mask.map { $0[row / outer * covered + row % outer * covered / outer] != 0 } ?? true
    }
    let used = (0..<rows).filter(counts)
    count = Double(used.count * inner)
    guard count > 0 else { return }
    // Two passes: the squares are of distances from the mean itself.
    means.withUnsafeMutableBufferPointer { sums in
      Self.each(used, x, sums.count, inner) { sums[$0] += $1 }
      for channel in sums.indices { sums[channel] /= count }
    }
    means.withUnsafeBufferPointer { means in
      spreads.withUnsafeMutableBufferPointer { sums in
        Self.each(used, x, sums.count, inner) {
          let distance = $1 - means[$0]
          sums[$0] += distance * distance
        }
      }
    }
  }

  /// Calls `body` with every value of the rows at `x`, `[channels][inner]` each, and its channel.
  @inline(__always)
  private static func each(
    _ rows: [Int], _ x: UnsafePointer<Float>, _ channels: Int, _ inner: Int,
    _ body: (_ channel: Int, _ value: Double) -> Void
  ) {
    for row in rows {
      let start = x + row * channels * inner
      if inner == 1 {
        for channel in 0..<channels { body(channel, Double(start[channel])) }
      } else {
        for channel in 0..<channels {
          for i in 0..<inner { body(channel, Double(start[channel * inner + i])) }
        }
      }
    }
  }

  /// Takes in other values (Chan, Golub, LeVeque 1979).
  mutating func add(_ other: ChannelMoments) {
    guard other.count > 0 else { return }
    let all = count + other.count
    for i in means.indices {
      let distance = other.means[i] - means[i]
      means[i] += distance * other.count / all
      spreads[i] += other.spreads[i] + distance * distance * count * other.count / all
    }
    count = all
  }

  /// Whether no value was NaN or infinite.
  var isFinite: Bool { means.allSatisfy(\.isFinite) && spreads.allSatisfy(\.isFinite) }

  /// The variance of channel `i` as batch normalisation takes it: by the number of values.
  func variance(_ i: Int) -> Double { count > 0 ? spreads[i] / count : 0 }
}
