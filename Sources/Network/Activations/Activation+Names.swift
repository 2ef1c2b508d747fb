import CKernels
import JSON
import Keras

extension Activation {
  /// The function that `name` stands for in a configuration of that age.
  init(named name: String, age: KerasAge) throws(LayerFault) {
    if let (code, parameter) = Self.functions[name] {
      self.init(.function(ck_activation(code), parameter))
      return
    }
    switch name {
    case "linear": self.init(.linear)
    // Keras 1 and 2: 0.2·x + 0.5 in 0…1; Keras 3: x/6 + 0.5.
    case "hard_sigmoid":
      self.init(
        .function(ck_activation(age < .three ? CK_HARD_SIGMOID_FIFTH : CK_HARD_SIGMOID), 0))
    // TensorFlow's own name of what Keras 2 was given.
    case "softmax", "softmax_v2": self.init(.softmax)
    case "log_softmax", "log_softmax_v2": self.init(.logSoftmax)
    case "sparsemax": self.init(.sparsemax)
    case "glu": self.init(.glu)
    default:
      // Keras 2 takes the classes of layers by name too, with their own settings.
      guard Self.layerClasses.contains(name) else {
        throw .unsupported("the activation '\(name.printable(limit: 40))'")
      }
      try self.init(layer: name, LayerReading(name, JSON.Object(), age: age))
    }
  }

  /// Functions of one number by name, with the parameter that Keras takes where none is given.
  private static let functions: [String: (code: Int, parameter: Float)] = [
    "relu": (CK_RELU, 0), "relu6": (CK_RELU6, 0), "leaky_relu": (CK_LEAKY_RELU, 0.2),
    "elu": (CK_ELU, 1), "selu": (CK_SELU, 0), "celu": (CK_CELU, 1), "gelu": (CK_GELU, 0),
    "silu": (CK_SILU, 0), "swish": (CK_SILU, 0), "mish": (CK_MISH, 0),
    "sigmoid": (CK_SIGMOID, 0), "tanh": (CK_TANH, 0), "exponential": (CK_EXPONENTIAL, 0),
    "softplus": (CK_SOFTPLUS, 0), "softsign": (CK_SOFTSIGN, 0),
    "hard_silu": (CK_HARD_SILU, 0), "hard_swish": (CK_HARD_SILU, 0),
    "hard_tanh": (CK_HARD_TANH, 0), "hard_shrink": (CK_HARD_SHRINK, 0.5),
    "soft_shrink": (CK_SOFT_SHRINK, 0.5), "tanh_shrink": (CK_TANH_SHRINK, 0),
    "log_sigmoid": (CK_LOG_SIGMOID, 0), "squareplus": (CK_SQUAREPLUS, 4),
    "sparse_plus": (CK_SPARSE_PLUS, 0), "sparse_sigmoid": (CK_SPARSE_SIGMOID, 0),
  ]

  /// A function written as an object: Keras's own by name, or a layer with its settings.
  init(object: JSON.Value, age: KerasAge) throws(LayerFault) {
    guard let className = object["class_name"]?.stringValue else {
      throw .bad("the activation \(object.shown) is no function")
    }
    if className == "function" {
      // Somebody's own function may be called `relu` too.
      let registered = object["registered_name"]?.stringValue
      guard let name = object["config"]?.stringValue, registered?.contains(">") != true else {
        throw .unsupported("the activation \((registered ?? object.shown).printable(limit: 40))")
      }
      self = try Activation(named: name, age: age)
      return
    }
    if let registered = object["registered_name"]?.stringValue, registered.contains(">") {
      throw .unsupported("the activation \(registered.printable(limit: 40))")
    }
    let config = object["config"]?.objectValue ?? JSON.Object()
    try self.init(layer: className, LayerReading(className, config, age: age))
  }

  /// Layers that are functions of their input alone.
  static let layerClasses: Set<String> = [
    "Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "Softmax",
  ]

  /// What a layer of `className` computes. Throws for layers that are more than a function.
  init(layer className: String, _ settings: LayerReading) throws(LayerFault) {
    func number(_ standard: Float, _ keys: String...) throws(LayerFault) -> Float {
      guard let value = settings.value(keys) else { return standard }
      guard let number = value.doubleValue else {
        throw .bad("\(keys[0]) is \(value.shown), not a number")
      }
      return Float(number)
    }
    switch className {
    case "Activation":
      try self.init(settings.value("activation") ?? .null, age: settings.age)
    case "LeakyReLU":
      self.init(
        .function(ck_activation(CK_LEAKY_RELU), try number(0.3, "negative_slope", "alpha")))
    case "ELU": self.init(.function(ck_activation(CK_ELU), try number(1, "alpha")))
    case "ThresholdedReLU":
      self.init(.relu(slope: 0, maximum: .infinity, threshold: try number(1, "theta")))
    case "ReLU":
      let slope = try number(0, "negative_slope", "alpha")
      let maximum = try number(.infinity, "max_value")
      let threshold = try number(0, "threshold")
      switch (slope, maximum, threshold) {
      case (0, .infinity, 0): self.init(.function(ck_activation(CK_RELU), 0))
      case (0, 6, 0): self.init(.function(ck_activation(CK_RELU6), 0))
      case (_, .infinity, 0) where slope > 0:
        self.init(.function(ck_activation(CK_LEAKY_RELU), slope))
      default: self.init(.relu(slope: slope, maximum: maximum, threshold: threshold))
      }
    case "Softmax":
      guard settings.value("axis").map({ $0 == -1 }) ?? true else {
        throw .unsupported("a softmax along other axes than the last as an activation")
      }
      self.init(.softmax)
    default:
      throw .unsupported("the activation of class \(className.printable(limit: 40))")
    }
  }
}
