import JSON
import Keras

/// `GroupNormalization`: the channels in groups, each group of a row by its own mean and variance.
final class GroupNormalization: Layer {
  static let classNames = ["GroupNormalization"]

  private let axis: Int
  private let groups: Int
  private let gamma: Parameter?
  private let beta: Parameter?
  private let epsilon: Float

  init(_ definition: Definition) throws(LayerFault) {
    axis = try definition.int("axis", least: -16, default: -1)
    // -1 is a group for every channel.
    groups = try definition.int("groups", least: -1, default: 32)
    guard groups != 0 else { throw .bad("groups is 0") }
    epsilon = try definition.float("epsilon", default: 1e-3)
    gamma =
      definition.flag("scale", default: true) ? try definition.variable("gamma", rank: 1) : nil
    beta =
      definition.flag("center", default: true) ? try definition.variable("beta", rank: 1) : nil
  }

  var parameters: [Parameter] { [gamma, beta].compactMap(\.self) }
  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    let channels = input.shape[try Axes.place(axis, rank: input.rank)]
    for parameter in parameters where parameter.shape != [channels] {
      throw .bad(
        "normalizes \(Signal.text(parameter.shape)) channels and is given the shape \(input.text)")
    }
    guard groups == -1 || (channels % groups == 0 && channels >= groups) else {
      throw .bad("\(channels) channels do not make \(groups) groups")
    }
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {
    let shape = frame.inputShape
    let place = (axis < 0 ? axis + shape.count + 1 : axis) - 1
    // [outer][groups][channels of one group × inner]; the middle two of a group lie together.
    let inner = shape[(place + 1)...].reduce(1, *)
    let outer = shape[..<place].reduce(1, *)
    let channels = shape[place]
    let groups = groups == -1 ? channels : groups
    let part = channels / groups
    let (count, run) = (outer * channels * inner, part * inner)
    for row in 0..<frame.rows {
      for group in 0..<groups {
        let x = frame.input() + row * count + group * run
        let y = frame.output() + row * count + group * run
        var sum: Float = 0
        for k in 0..<outer { sum += Reduction.sum(x + k * channels * inner, run) { $0 } }
        let mean = sum / Float(outer * run)
        var square: Float = 0
        for k in 0..<outer {
          square += Reduction.sum(x + k * channels * inner, run) { ($0 - mean) * ($0 - mean) }
        }
        let factor = 1 / (square / Float(outer * run) + epsilon).squareRoot()
        for k in 0..<outer {
          let (from, to) = (x + k * channels * inner, y + k * channels * inner)
          for channel in 0..<part {
            let scale = factor * (gamma?.values[group * part + channel] ?? 1)
            let shift = (beta?.values[group * part + channel] ?? 0) - mean * scale
            for i in channel * inner..<(channel + 1) * inner { to[i] = from[i] * scale + shift }
          }
        }
      }
    }
  }
}

extension GroupNormalization: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int { 2 * call.inputs[0].count }

  func backward(_ frame: TrainingFrame) {
    let shape = frame.inputShape
    let place = (axis < 0 ? axis + shape.count + 1 : axis) - 1
    let channels = shape[place]
    let groups = groups == -1 ? channels : groups
    let (inner, outer) = (shape[(place + 1)...].reduce(1, *), shape[..<place].reduce(1, *))
    let part = channels / groups
    let (count, run) = (outer * channels * inner, part * inner)
    let (gammaGradient, betaGradient) = (
      gamma.flatMap { frame.gradient(of: $0) }, beta.flatMap { frame.gradient(of: $0) }
    )
    let (x, slopes) = (frame.scratch, frame.scratch + outer * run)
    for row in 0..<frame.rows {
      for group in 0..<groups {
        let at = row * count + group * run
        // All of the group together: [outer][channels of the group][inner].
        for k in 0..<outer {
          (x + k * run).update(from: frame.input() + at + k * channels * inner, count: run)
        }
        let factor = 1 / (Reduction.variance(x, outer * run) + epsilon).squareRoot()
        let mean = Reduction.sum(x, outer * run) { $0 } / Float(outer * run)
        var (total, product): (Float, Float) = (0, 0)
        for line in 0..<outer * part {
          let channel = group * part + line % part
          let dy =
            frame.outputGradient() + at + line / part * channels * inner + line % part * inner
          let scale = gamma?.values[channel] ?? 1
          var (sum, weighed): (Float, Float) = (0, 0)
          for i in 0..<inner {
            let normal = (x[line * inner + i] - mean) * factor
            x[line * inner + i] = normal
            slopes[line * inner + i] = dy[i] * scale
            sum += dy[i]
            weighed += dy[i] * normal
          }
          gammaGradient?[channel] += weighed
          betaGradient?[channel] += sum
          total += sum * scale
          product += weighed * scale
        }
        guard let dx = frame.inputGradient() else { continue }
        let (meanSlope, meanProduct) = (total / Float(outer * run), product / Float(outer * run))
        for k in 0..<outer {
          let to = dx + at + k * channels * inner
          for i in 0..<run {
            to[i] = factor * (slopes[k * run + i] - meanSlope - x[k * run + i] * meanProduct)
          }
        }
      }
    }
  }
}
