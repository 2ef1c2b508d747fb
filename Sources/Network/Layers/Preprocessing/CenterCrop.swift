import Keras

/// `CenterCrop`: the middle of an image.
final class CenterCrop: Layer {
  static let classNames = ["CenterCrop"]
  static let hasChannels = true

  private let size: [Int]

  init(_ definition: Definition) throws(LayerFault) {
    size = [try definition.int("height"), try definition.int("width")]
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank == 3 else { throw .bad("crops images and is given the shape \(input.text)") }
    guard input.shape[0] >= size[0], input.shape[1] >= size[1] else {
      throw .unsupported("a crop of images smaller than it, which resizes them,")
    }
    return [Signal(size + [input.width])]
  }

  func forward(_ frame: Frame) {
    let input = frame.call.inputs[0]
    let (width, channels) = (input.shape[1], input.shape[2])
    let (top, left) = ((input.shape[0] - size[0]) / 2, (width - size[1]) / 2)
    let run = size[1] * channels
    for image in 0..<frame.rows {
      for i in 0..<size[0] {
        (frame.output() + (image * size[0] + i) * run).update(
          from: frame.input() + image * input.count + ((top + i) * width + left) * channels,
          count: run)
      }
    }
  }
}

extension CenterCrop: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let input = frame.call.inputs[0]
    dx.update(repeating: 0, count: frame.rows * input.count)
    Margins.copy(
      frame.outputGradient(), frame.outputShape, into: dx, input.shape, rows: frame.rows,
      shift: [(input.shape[0] - size[0]) / 2, (input.shape[1] - size[1]) / 2])
  }
}
