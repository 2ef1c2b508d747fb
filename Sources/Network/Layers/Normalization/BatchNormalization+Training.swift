import CKernels

/// In training every channel is normalised by the mean and the biased variance of the batch, which
/// move the kept ones: `moving = momentum·moving + (1 − momentum)·batch` (Keras 3,
/// keras/src/layers/normalization/batch_normalization.py; Ioffe and Szegedy 2015 for the way back).
extension BatchNormalization: Batched {
  var isBatched: Bool { isTrainable }
  var backwardReads: BackwardReads { [.inputs] }

  /// Sum and sum of squares by channel; and how many there were.
  func sums(_ call: Invocation) -> Int { 2 * channels + 1 }

  /// Scale and shift forward; mean and inverse deviation; the three factors of the way back.
  func settled(_ call: Invocation) -> Int { 7 * channels }

  func gather(_ frame: TrainingFrame, into sums: UnsafeMutablePointer<Double>) {
    let (outer, inner) = channelSplit(of: frame.call)
    let rows = frame.rows * outer
    let counts = counting(frame, outer, inner)
    guard counts != nil || inner > 1 else {
      ck_add_moments(frame.input(), rows, Int32(channels), sums, sums + channels)
      sums[2 * channels] += Double(rows)
      return
    }
    for row in 0..<rows where counts?(row) != false {
      for channel in 0..<channels {
        let x = frame.input() + (row * channels + channel) * inner
        for i in 0..<inner {
          sums[channel] += Double(x[i])
          sums[channels + channel] += Double(x[i]) * Double(x[i])
        }
      }
      sums[2 * channels] += Double(inner)
    }
  }

  /// Whether a row of channels counts in the statistics; nil where all do. Masks cover whole positions:
  /// all channels of one, where channels come last.
  private func counting(_ frame: TrainingFrame, _ outer: Int, _ inner: Int) -> ((Int) -> Bool)? {
    guard inner == 1, let mask = frame.mask() else { return nil }
    let covered = frame.call.masks[0]?.reduce(1, *) ?? 1
    return { mask[$0 / outer * covered + $0 % outer * covered / outer] != 0 }
  }

  func settle(
    _ call: Invocation, sums: UnsafePointer<Double>, rows: Int,
    into settled: UnsafeMutablePointer<Float>
  ) {
    let count = max(1, sums[2 * channels])
    for i in 0..<channels {
      let mean = sums[i] / count
      let variance = max(0, sums[channels + i] / count - mean * mean)
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
    guard isTrainable, frame.trains else { return forward(frame.frame) }
    let (outer, inner) = channelSplit(of: frame.call)
    ChannelAffine.apply(
      frame.input(), scale: frame.settled, shift: frame.settled + channels, frame.output(),
      outer: frame.rows * outer, channels: channels, inner: inner)
  }

  func gatherBack(_ frame: TrainingFrame, into sums: UnsafeMutablePointer<Double>) {
    let (mean, inverse) = (frame.settled + 2 * channels, frame.settled + 3 * channels)
    let (outer, inner) = channelSplit(of: frame.call)
    let rows = frame.rows * outer
    // What is masked has no part in mean and deviation, but is normalised by them.
    let counts = counting(frame, outer, inner)
    sums[2 * channels] += Double(counts.map { (0..<rows).count(where: $0) } ?? rows * inner)
    let (x, dy) = (frame.input(), frame.outputGradient())
    if inner == 1 {
      return ck_add_products(
        x, mean, inverse, dy, rows, Int32(channels), sums, sums + channels)
    }
    for row in 0..<rows {
      for channel in 0..<channels {
        let start = (row * channels + channel) * inner
        for i in start..<start + inner {
          sums[channel] += Double(dy[i])
          sums[channels + channel] += Double(dy[i] * (x[i] - mean[channel]) * inverse[channel])
        }
      }
    }
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
    guard isTrainable, frame.trains else {
      return backwardAsPredicting(frame, rows: rows, inner: inner)
    }
    guard let dx = frame.inputGradient() else { return }
    let (a, b, c) = (
      frame.settled + 4 * channels, frame.settled + 5 * channels, frame.settled + 6 * channels
    )
    let (x, dy) = (frame.input(), frame.outputGradient())
    let counts = counting(frame, outer, inner)
    if inner == 1, counts == nil {
      return ck_combine_gradient_rows(dy, x, a, b, c, dx, rows, Int32(channels))
    }
    for row in 0..<rows {
      if counts?(row) == false {
        for i in 0..<channels { dx[row * channels + i] = a[i] * dy[row * channels + i] }
        continue
      }
      for channel in 0..<channels {
        let start = (row * channels + channel) * inner
        for i in start..<start + inner {
          dx[i] = a[channel] * dy[i] + b[channel] * x[i] + c[channel]
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
}
