/// The arithmetic between what is stored and what the model takes, in float32 and in the order in
/// which Keras's own functions do it.
struct Preparation: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    case multiply(Float)
    case divide(Float)
    /// One number, or one a channel.
    case subtract([Float])
    case divideEach([Float])
    /// RGB to BGR.
    case reverseChannels
  }

  let steps: [Step]
  /// Whether anything was said of it: a scale of 1 says that values are right as they are stored.
  let isGiven: Bool

  /// Scale, then preprocessing (`keras.applications.imagenet_utils._preprocess_numpy_input`), then
  /// mean and deviation.
  init(_ options: DataOptions) {
    var steps: [Step] = []
    if let scale = options.scale {
      if scale.numerator != 1 { steps.append(.multiply(scale.numerator)) }
      if scale.denominator != 1 { steps.append(.divide(scale.denominator)) }
    }
    switch options.preprocessing {
    case .tf: steps += [.divide(127.5), .subtract([1])]
    case .torch:
      steps += [
        .divide(255), .subtract([0.485, 0.456, 0.406]), .divideEach([0.229, 0.224, 0.225]),
      ]
    case .caffe: steps += [.reverseChannels, .subtract([103.939, 116.779, 123.68])]
    case nil: break
    }
    if !options.mean.isEmpty { steps.append(.subtract(options.mean)) }
    if !options.deviation.isEmpty { steps.append(.divideEach(options.deviation)) }
    self.steps = steps
    isGiven = !steps.isEmpty || options.scale != nil
  }

  /// The number of channels that the steps ask for; nil where any will do. Several where they
  /// contradict each other.
  var channels: Set<Int> {
    Set(
      steps.compactMap { step in
        switch step {
        case .multiply, .divide: nil
        case .subtract(let values), .divideEach(let values): values.count == 1 ? nil : values.count
        case .reverseChannels: 3
        }
      })
  }

  /// Changes `count` values in place: items of `channels` with `inner` values each, over and over.
  func apply(_ values: UnsafeMutablePointer<Float>, count: Int, channels: Int, inner: Int) {
    for step in steps {
      switch step {
      case .multiply(let factor): for i in 0..<count { values[i] *= factor }
      case .divide(let divisor): for i in 0..<count { values[i] /= divisor }
      case .subtract(let less):
        Self.each(values, count, channels, inner, less) { $0 - $1 }
      case .divideEach(let divisors):
        Self.each(values, count, channels, inner, divisors) { $0 / $1 }
      case .reverseChannels:
        for start in stride(from: 0, to: count, by: channels * inner) {
          for channel in 0..<channels / 2 {
            for i in 0..<inner {
              let one = start + channel * inner + i
              let other = start + (channels - 1 - channel) * inner + i
              (values[one], values[other]) = (values[other], values[one])
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func each(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, _ channels: Int, _ inner: Int,
    _ numbers: [Float], _ change: (Float, Float) -> Float
  ) {
    if numbers.count == 1 {
      for i in 0..<count { values[i] = change(values[i], numbers[0]) }
      return
    }
    numbers.withUnsafeBufferPointer { numbers in
      for start in stride(from: 0, to: count, by: channels * inner) {
        for channel in 0..<channels {
          let number = numbers[channel]
          let run = values + start + channel * inner
          for i in 0..<inner { run[i] = change(run[i], number) }
        }
      }
    }
  }
}
