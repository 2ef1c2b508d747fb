/// Layers that do nothing, or nothing here.
final class Passing: Layer {
  static let classNames = ["InputLayer", "Identity", "ActivityRegularization"] + unvaried

  /// Layers that Keras varies images with in training, and coppice does not.
  static let unvaried = [
    "AugMix", "CutMix", "Equalization", "MixUp", "RandAugment", "RandomColorDegeneration",
    "RandomColorJitter", "RandomElasticTransform", "RandomErasing", "RandomGaussianBlur",
    "RandomGrayscale", "RandomHeight", "RandomHue", "RandomInvert", "RandomPerspective",
    "RandomPosterization", "RandomSaturation", "RandomSharpness", "RandomShear", "RandomWidth",
    "Solarization",
  ]

  init(_ definition: Definition) throws(LayerFault) {}

  var isView: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    guard let input = call.inputs.first else { throw .bad("takes an input and is given none") }
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {}
}
