import JSON
import Keras

/// TensorFlow's functions as Keras 2 names them in a `TFOpLambda`, by the operation of Keras 3 that
/// computes the same.
enum TensorFlowFunctions {
  struct Function {
    /// The class of Keras 3's operation.
    var operation: String
    /// TensorFlow's parameters in their order, each with what Keras 3 calls it. The name of one that
    /// the operation has no use for is empty.
    var parameters: [(name: String, keras: String)]
    /// Whether the first parameter is a list of tensors.
    var takesList = false
    /// Settings that the function always has.
    var fixed: [(String, JSON.Value)] = []
  }

  static let byName: [String: Function] = {
    var all: [String: Function] = [:]
    func add(
      _ names: String, _ operation: String, _ parameters: String, takesList: Bool = false,
      fixed: [(String, JSON.Value)] = []
    ) {
      let read = parameters.split(separator: " ").map { word in
        let sides = word.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        return (name: sides[0], keras: sides.count > 1 ? sides[1] : sides[0])
      }
      for name in names.split(separator: " ") {
        all[String(name)] = Function(
          operation: operation, parameters: read, takesList: takesList, fixed: fixed)
      }
    }
    for (names, operation) in binary { add(names, operation, "x:x1 y:x2") }
    for (names, operation) in unary { add(names, operation, "x:x") }
    for (names, operation) in reductions {
      add(names, operation, "input_tensor:x axis:axis keepdims:keepdims")
    }
    for (names, operation) in activations { add(names, operation, "features:x") }
    add("nn.bias_add", "Add", "value:x1 bias:x2 data_format:")
    add("nn.leaky_relu", "LeakyRelu", "features:x alpha:negative_slope")
    add("nn.gelu", "Gelu", "features:x approximate", fixed: [("approximate", false)])
    add("nn.silu nn.swish", "Silu", "features:x beta:")
    add("nn.softmax", "Softmax", "logits:x axis")
    add("nn.log_softmax", "LogSoftmax", "logits:x axis")
    add(
      "math.l2_normalize nn.l2_normalize linalg.l2_normalize", "L2Normalize", "x axis epsilon",
      fixed: [("epsilon", 1e-12)])
    add("clip_by_value", "Clip", "t:x clip_value_min:x_min clip_value_max:x_max")
    add("cast compat.v1.cast", "Cast", "x dtype")
    add("stop_gradient", "StopGradient", "input:variable")
    add("identity", "Identity", "input:x")
    add("zeros_like compat.v1.zeros_like", "ZerosLike", "input:x dtype:")
    add("ones_like compat.v1.ones_like", "OnesLike", "input:x dtype:")
    add("concat", "Concatenate", "values:xs axis", takesList: true)
    add("stack", "Stack", "values:x axis", takesList: true)
    add("unstack", "Unstack", "value:x num: axis")
    add("split", "Split", "value:x num_or_size_splits:sizes axis")
    add("shape compat.v1.shape", "Shape", "input:x out_type:")
    add("reshape", "Reshape", "tensor:x shape:newshape")
    add("keras.backend.batch_flatten", "BatchFlatten", "x")
    add("expand_dims", "ExpandDims", "input:x axis")
    add("compat.v1.squeeze squeeze", "Squeeze", "input:x axis")
    add("compat.v1.transpose transpose", "Transpose", "a:x perm:axes conjugate:")
    add("tile", "Tile", "input:x multiples:repeats")
    add("repeat", "Repeat", "input:x repeats axis")
    add("reverse", "Flip", "tensor:x axis")
    add("compat.v1.pad pad", "Pad", "tensor:x paddings:pad_width mode constant_values")
    add(
      "compat.v1.gather gather", "Take",
      "params:x indices validate_indices: axis batch_dims:", fixed: [("axis", 0)])
    add("roll", "Roll", "input:x shift axis")
    add("where compat.v1.where", "Where", "condition x:x1 y:x2")
    add("linalg.matmul matmul", "Matmul", "a:x1 b:x2 transpose_a transpose_b")
    add("tensordot", "Tensordot", "a:x1 b:x2 axes")
    add(
      "one_hot", "OneHot", "indices:x depth:num_classes on_value off_value axis dtype:")
    add("math.argmax", "Argmax", "input:x axis output_type:", fixed: [("axis", 0)])
    add("math.argmin", "Argmin", "input:x axis output_type:", fixed: [("axis", 0)])
    add("compat.v1.norm norm", "Norm", "tensor:x ord axis keepdims")
    add("math.cumsum cumsum", "Cumsum", "x axis exclusive: reverse:", fixed: [("axis", 0)])
    add(
      "image.resize", "Resize",
      "images size method:interpolation preserve_aspect_ratio: antialias name:")
    add("__operators__.getitem", "GetItem", "x slice_spec:key")
    return all
  }()

  private static let binary = [
    ("math.add __operators__.add", "Add"), ("math.subtract __operators__.sub", "Subtract"),
    ("math.multiply __operators__.mul", "Multiply"),
    ("math.truediv math.divide __operators__.truediv", "Divide"),
    ("math.divide_no_nan", "DivideNoNan"), ("math.floordiv compat.v1.floor_div", "FloorDivide"),
    ("math.floormod", "Mod"), ("math.pow", "Power"), ("math.maximum", "Maximum"),
    ("math.minimum", "Minimum"), ("math.squared_difference", "SquaredDifference"),
    ("math.atan2", "Arctan2"), ("math.equal __operators__.eq", "Equal"),
    ("math.not_equal __operators__.ne", "NotEqual"), ("math.greater", "Greater"),
    ("math.greater_equal", "GreaterEqual"), ("math.less", "Less"),
    ("math.less_equal", "LessEqual"), ("math.logical_and", "LogicalAnd"),
    ("math.logical_or", "LogicalOr"), ("math.logical_xor", "LogicalXor"),
  ]

  private static let unary = [
    ("math.abs", "Absolute"), ("math.negative", "Negative"), ("math.square", "Square"),
    ("math.sqrt", "Sqrt"), ("math.rsqrt", "Rsqrt"), ("math.reciprocal", "Reciprocal"),
    ("math.exp", "Exp"), ("math.expm1", "Expm1"), ("math.log", "Log"), ("math.log1p", "Log1p"),
    ("math.log_sigmoid", "LogSigmoid"), ("math.sin", "Sin"), ("math.cos", "Cos"),
    ("math.tan", "Tan"), ("math.asin", "Arcsin"), ("math.acos", "Arccos"),
    ("math.atan", "Arctan"), ("math.sinh", "Sinh"), ("math.cosh", "Cosh"),
    ("math.tanh nn.tanh", "Tanh"), ("math.asinh", "Arcsinh"), ("math.acosh", "Arccosh"),
    ("math.atanh", "Arctanh"), ("math.sign", "Sign"), ("math.floor", "Floor"),
    ("math.ceil", "Ceil"), ("math.round", "Round"), ("math.erf", "Erf"), ("math.erfc", "Erfc"),
    ("math.is_nan", "Isnan"), ("math.is_inf", "Isinf"), ("math.is_finite", "Isfinite"),
    ("math.logical_not", "LogicalNot"), ("math.sigmoid nn.sigmoid", "Sigmoid"),
  ]

  private static let reductions = [
    ("math.reduce_mean", "Mean"), ("math.reduce_sum", "Sum"), ("math.reduce_max", "Max"),
    ("math.reduce_min", "Min"), ("math.reduce_prod", "Prod"), ("math.reduce_std", "Std"),
    ("math.reduce_variance", "Var"), ("math.reduce_all", "All"), ("math.reduce_any", "Any"),
    ("math.reduce_logsumexp", "Logsumexp"),
  ]

  private static let activations = [
    ("nn.relu", "Relu"), ("nn.relu6", "Relu6"), ("nn.elu", "Elu"), ("nn.selu", "Selu"),
    ("math.softplus nn.softplus", "Softplus"), ("nn.softsign", "Softsign"),
  ]
}
