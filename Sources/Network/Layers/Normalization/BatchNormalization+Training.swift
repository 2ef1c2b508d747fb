/// In training every channel is normalised by the mean and the biased variance of the batch, which
/// move the kept ones: `moving = momentum·moving + (1 − momentum)·batch` (Keras 3,
/// keras/src/layers/normalization/batch_normalization.py; Ioffe and Szegedy 2015 for the way back).
extension BatchNormalization: Batched {
  var isBatched: Bool { isTrainable }
  var backwardReads: BackwardReads { [.inputs] }

  /// Sum and sum of squares by channel, about the moving mean; and how many there were.
  func sums(_ call: Invocation) -> Int { 2 * channels + 1 }

  /// Scale and shift forward; mean and inverse deviation; the three factors of the way back.
  func settled(_ call: Invocation) -> Int { 7 * channels }

  func gather(_ frame: TrainingFrame, into sums: UnsafeMutablePointer<Double>) {
    let (mean, count) = (movingMean.values, channels)
    var block = BlockSums(channels)
    forEachPosition(frame) { place, inner in
      let x = frame.input() + place
      block.add(inner: inner) { channel, i in
        let distance = x[channel * inner + i] - mean[channel]
        return (distance, distance * distance)
      }
    }
    block.finish(into: sums, channels: count)
  }

  func settle(
    _ call: Invocation, sums: UnsafePointer<Double>, rows: Int,
    into settled: UnsafeMutablePointer<Float>
  ) {
    let count = max(1, sums[2 * channels])
    for i in 0..<channels {
      let shift = sums[i] / count
      let variance = max(0, sums[channels + i] / count - shift * shift)
      let mean = Double(movingMean.values[i]) + shift
      let inverse = 1 / (variance + Double(epsilon)).squareRoot()
      let scale = Double(gamma?.values[i] ?? 1) * inverse
      settled[i] = Float(scale)
      settled[channels + i] = Float(Double(beta?.values[i] ?? 0) - mean * scale)
      settled[2 * channels + i] = Float(mean)
      settled[3 * channels + i] = Float(inverse)
      movingMean.values[i] = movingMean.values[i] * momentum + Float(mean) * (1 - momentum)
      movingVariance.values[i] =
        movingVariance.values[i] * momentum + Float(variance) * (1 - momentum)
    }
  }

  func train(_ frame: TrainingFrame) {
    guard isTrainable else { return forward(frame.frame) }
    let (outer, inner) = channelSplit(of: frame.call)
    ChannelAffine.apply(
      frame.input(), scale: frame.settled, shift: frame.settled + channels, frame.output(),
      outer: frame.rows * outer, channels: channels, inner: inner)
  }

  func gatherBack(_ frame: TrainingFrame, into sums: UnsafeMutablePointer<Double>) {
    let (mean, inverse) = (frame.settled + 2 * channels, frame.settled + 3 * channels)
    let count = channels
    // Masked positions took no part in the statistics, but are normalised like the others.
    var block = BlockSums(channels)
    forEachPosition(frame, all: true) { place, inner in
      let (x, dy) = (frame.input() + place, frame.outputGradient() + place)
      block.add(inner: inner) { channel, i in
        let at = channel * inner + i
        return (dy[at], dy[at] * (x[at] - mean[channel]) * inverse[channel])
      }
    }
    block.finish(into: sums, channels: count)
  }

  func settleBack(
    _ call: Invocation, sums: UnsafePointer<Double>, rows: Int,
    into settled: UnsafeMutablePointer<Float>,
    gradient: (Parameter) -> UnsafeMutablePointer<Float>?
  ) {
    let count = max(1, sums[2 * channels])
    let (mean, inverse) = (settled + 2 * channels, settled + 3 * channels)
    let betaGradient = beta.flatMap(gradient)
    let gammaGradient = gamma.flatMap(gradient)
    for i in 0..<channels {
      betaGradient?[i] += Float(sums[i])
      gammaGradient?[i] += Float(sums[channels + i])
      // dx = scale·(dy − mean(dy) − x̂·mean(dy·x̂)), as one sum of dy, x and a number.
      let scale = Double(settled[i])
      let slope = scale * sums[channels + i] / count * Double(inverse[i])
      settled[4 * channels + i] = Float(scale)
      settled[5 * channels + i] = Float(-slope)
      settled[6 * channels + i] = Float(slope * Double(mean[i]) - scale * sums[i] / count)
    }
  }

  func backward(_ frame: TrainingFrame) {
    let (outer, inner) = channelSplit(of: frame.call)
    let rows = frame.rows * outer
    guard isTrainable else { return backwardAsPredicting(frame, rows: rows, inner: inner) }
    guard let dx = frame.inputGradient() else { return }
    let (a, b, c) = (
      frame.settled + 4 * channels, frame.settled + 5 * channels, frame.settled + 6 * channels
    )
    let (x, dy) = (frame.input(), frame.outputGradient())
    for row in 0..<rows {
      let start = row * channels * inner
      if inner == 1 {
        let (x, dy, dx) = (x + start, dy + start, dx + start)
        for i in 0..<channels { dx[i] = a[i] * dy[i] + b[i] * x[i] + c[i] }
      } else {
        for channel in 0..<channels {
          for i in start + channel * inner..<start + (channel + 1) * inner {
            dx[i] = a[channel] * dy[i] + b[channel] * x[i] + c[channel]
          }
        }
      }
    }
  }

  /// Where it predicts, it is a scale and a shift, whose variables still learn unless they are frozen.
  private func backwardAsPredicting(_ frame: TrainingFrame, rows: Int, inner: Int) {
    let (x, dy) = (frame.input(), frame.outputGradient())
    let gammaGradient = gamma.flatMap { frame.gradient(of: $0) }
    let betaGradient = beta.flatMap { frame.gradient(of: $0) }
    for channel in 0..<channels where gammaGradient != nil || betaGradient != nil {
      let inverse = 1 / (movingVariance.values[channel] + epsilon).squareRoot()
      let mean = movingMean.values[channel]
      var (sum, product): (Float, Float) = (0, 0)
      for row in 0..<rows {
        let start = (row * channels + channel) * inner
        for i in start..<start + inner {
          sum += dy[i]
          product += dy[i] * (x[i] - mean) * inverse
        }
      }
      betaGradient?[channel] += sum
      gammaGradient?[channel] += product
    }
    guard let dx = frame.inputGradient() else { return }
    for row in 0..<rows {
      for channel in 0..<channels {
        let start = (row * channels + channel) * inner
        for i in start..<start + inner { dx[i] = dy[i] * scale[channel] }
      }
    }
  }

  /// Calls `body` with the place of every position whose statistics count, and its channels' inner
  /// size.
  @inline(__always)
  private func forEachPosition(
    _ frame: TrainingFrame, all: Bool = false, _ body: (_ place: Int, _ inner: Int) -> Void
  ) {
    let (outer, inner) = channelSplit(of: frame.call)
    let mask = inner == 1 && !all ? frame.mask() : nil
    let covered = frame.call.masks[0]?.reduce(1, *) ?? 1
    for row in 0..<frame.rows * outer {
      if let mask, mask[row / outer * covered + row % outer * covered / outer] == 0 { continue }
      body(row * channels * inner, inner)
    }
  }
}

/// Two sums by channel, in floats over a few positions and in doubles over all.
private struct BlockSums {
  private let channels: Int
  private var sums: [Float]
  private var totals: [Double]
  private var inBlock = 0
  private var count = 0

  /// Positions that are added in floats.
  private static let block = 64

  init(_ channels: Int) {
    self.channels = channels
    sums = [Float](repeating: 0, count: 2 * channels)
    totals = [Double](repeating: 0, count: 2 * channels)
  }

  @inline(__always)
  mutating func add(inner: Int, _ pair: (_ channel: Int, _ i: Int) -> (Float, Float)) {
    sums.withUnsafeMutableBufferPointer { sums in
      if inner == 1 {
        for channel in 0..<channels {
          let (first, second) = pair(channel, 0)
          sums[channel] += first
          sums[channels + channel] += second
        }
      } else {
        for channel in 0..<channels {
          for i in 0..<inner {
            let (first, second) = pair(channel, i)
            sums[channel] += first
            sums[channels + channel] += second
          }
        }
      }
    }
    count += inner
    inBlock += 1
    if inBlock == Self.block || inner > 1 { flush() }
  }

  private mutating func flush() {
    for i in 0..<2 * channels {
      totals[i] += Double(sums[i])
      sums[i] = 0
    }
    inBlock = 0
  }

  mutating func finish(into result: UnsafeMutablePointer<Double>, channels: Int) {
    flush()
    for i in 0..<2 * channels { result[i] += totals[i] }
    result[2 * channels] += Double(count)
  }
}
