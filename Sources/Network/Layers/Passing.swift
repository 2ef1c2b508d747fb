/// Layers that do something in training only, or nothing at all.
final class Passing: Layer {
  static let classNames = [
    "InputLayer", "Identity", "ActivityRegularization",
    // Images that are varied in training.
    "AugMix", "CutMix", "Equalization", "MixUp", "RandAugment", "RandomBrightness",
    "RandomColorDegeneration", "RandomColorJitter", "RandomContrast", "RandomElasticTransform",
    "RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale", "RandomHeight",
    "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization", "RandomRotation",
    "RandomSaturation", "RandomSharpness", "RandomShear", "RandomTranslation", "RandomWidth",
    "RandomZoom", "Solarization",
  ]

  init(_ definition: Definition) throws(LayerFault) {}

  var isView: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    guard let input = call.inputs.first else { throw .bad("takes an input and is given none") }
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {}
}
