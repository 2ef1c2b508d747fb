import CKernels
import Keras

/// Functions of one number: of arithmetic, and Keras's activations.
final class UnaryOperation: Layer {
  static let classNames = Array(functions.keys) + Array(activations.keys)

  private static let functions: [String: NumberFunction] = [
    "Absolute": .absolute, "Abs": .absolute, "Fabs": .absolute, "Negative": .negative,
    "Square": .square, "Sqrt": .sqrt, "Rsqrt": .rsqrt, "Cbrt": .cbrt, "Reciprocal": .reciprocal,
    "Exp": .exp, "Exp2": .exp2, "Expm1": .expm1, "Log": .log, "Log2": .log2, "Log10": .log10,
    "Log1p": .log1p, "Sin": .sin, "Cos": .cos, "Tan": .tan, "Arcsin": .arcsin, "Arccos": .arccos,
    "Arctan": .arctan, "Sinh": .sinh, "Cosh": .cosh, "Tanh": .tanh, "Arcsinh": .arcsinh,
    "Arccosh": .arccosh, "Arctanh": .arctanh, "Sign": .sign, "Floor": .floor, "Ceil": .ceil,
    "Trunc": .trunc, "Round": .round, "Isnan": .isnan, "Isinf": .isinf, "Isfinite": .isfinite,
    "LogicalNot": .logicalNot, "Erf": .erf, "Erfc": .erfc, "Deg2rad": .radians,
    "Rad2deg": .degrees, "ZerosLike": .zero, "OnesLike": .one,
  ]

  /// By class: the activation's name in a configuration.
  private static let activations: [String: String] = [
    "Relu": "relu", "Relu6": "relu6", "Sigmoid": "sigmoid", "SparseSigmoid": "sparse_sigmoid",
    "Softplus": "softplus", "Softsign": "softsign", "SparsePlus": "sparse_plus", "Silu": "silu",
    "LogSigmoid": "log_sigmoid", "HardSigmoid": "hard_sigmoid", "HardSilu": "hard_silu",
    "Selu": "selu", "TanhShrink": "tanh_shrink", "HardTanh": "hard_tanh",
    "SoftShrink": "soft_shrink", "Squareplus": "squareplus", "LeakyRelu": "leaky_relu",
    "Elu": "elu", "Gelu": "gelu", "Celu": "celu", "HardShrink": "hard_shrink",
    "Threshold": "threshold", "ReLU": "relu", "Mish": "mish",
  ]

  private let settings: LayerReading
  private let name: String
  private var plans: [Int: (input: Int, activation: Activation)] = [:]
  private let function: NumberFunction?

  init(_ definition: Definition) throws(LayerFault) {
    settings = definition.settings
    name = definition.className
    function = Self.functions[name]
    if name == "Round", definition.settings.int("decimals") ?? 0 != 0 {
      throw .unsupported("rounding to decimals")
    }
  }

  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let (index, shape) = try arguments.shape("x", at: 0)
    plans[call.number] = (index, function == nil ? try activation(arguments) : .linear)
    return [Signal(shape)]
  }

  /// The activation with the settings of the call.
  private func activation(_ arguments: OperationArguments) throws(LayerFault) -> Activation {
    func function(_ code: Int, _ key: String, _ standard: Float) throws(LayerFault) -> Activation {
      Activation(
        .function(ck_activation(code), try arguments.float(key, at: 1, default: standard)))
    }
    switch name {
    case "ReLU": return try Activation(layer: "ReLU", settings)
    case "LeakyRelu": return try function(CK_LEAKY_RELU, "negative_slope", 0.2)
    case "Elu": return try function(CK_ELU, "alpha", 1)
    case "Celu": return try function(CK_CELU, "alpha", 1)
    case "SoftShrink": return try function(CK_SOFT_SHRINK, "threshold", 0.5)
    case "HardShrink": return try function(CK_HARD_SHRINK, "threshold", 0.5)
    case "Squareplus": return try function(CK_SQUAREPLUS, "b", 4)
    case "Gelu":
      // Unlike the activation of this name, the function is the approximation if nothing is said.
      let isApproximate = try arguments.flag("approximate", at: 1, default: true)
      return try function(isApproximate ? CK_GELU_TANH : CK_GELU, "", 0)
    case "Threshold":
      return Activation(
        .threshold(
          above: try arguments.float("threshold", at: 1, default: 0),
          other: try arguments.float("default_value", at: 2, default: 0)))
    default: return try Activation(named: Self.activations[name] ?? name, age: settings.age)
    }
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    let (x, y) = (frame.input(plan.input), frame.output())
    let count = frame.rows * frame.outputs[0].count
    if let function {
      function.apply(x, y, count)
    } else {
      plan.activation.apply(x, y, rows: 1, width: count)
    }
  }
}

extension UnaryOperation: Trainable {
  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let plan = plans[frame.call.number], let dx = frame.inputGradient(plan.input) else {
      return
    }
    let (x, y, dy) = (frame.input(plan.input), frame.output(), frame.outputGradient())
    let count = frame.rows * frame.frame.outputs[0].count
    if let function {
      for i in 0..<count { dx[i] = function.slope(x[i], y[i]) * dy[i] }
    } else {
      plan.activation.backpropagate(x: x, y: y, dy, into: dx, rows: 1, width: count)
    }
  }
}
