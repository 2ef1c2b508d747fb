import Documents

/// What a weight's name says of it, for files without a configuration: `dense_1/kernel:0` of Keras 2,
/// `dense_1_W:0` of Keras 1. A hint only (keras-files.md, section 2).
enum GuessedMeaning {
  /// The variable's own name: what follows the last slash, without TensorFlow's `:0`.
  static func variable(in weightName: Name) -> String {
    var text = weightName.description
    if let colon = text.lastIndex(of: ":"), text[text.index(after: colon)...].allSatisfy(isDigit) {
      text = String(text[..<colon])
    }
    return text.split(separator: "/").last.map(String.init) ?? text
  }

  private static func isDigit(_ character: Character) -> Bool {
    character.isASCII && character.isNumber
  }

  /// The role, and the variable's name as it should be shown.
  static func role(of weightName: Name, layer: Name) -> (role: Role, name: String) {
    let variable = variable(in: weightName)
    if let role = exact[variable] { return (role, variable) }
    // Keras 1 puts the layer's name in front and TensorFlow a number behind.
    var rest = Substring(variable)
    let front = layer.description + "_"
    if rest.hasPrefix(front) { rest = rest.dropFirst(front.count) }
    if let role = exact[String(rest)] ?? keras1[String(rest)] { return (role, String(rest)) }
    if let mark = rest.lastIndex(of: "_"), rest[rest.index(after: mark)...].allSatisfy(isDigit) {
      rest = rest[..<mark]
      if let role = exact[String(rest)] ?? keras1[String(rest)] { return (role, String(rest)) }
    }
    for (ending, role) in endings where rest.hasSuffix(ending) { return (role, String(rest)) }
    return (.other, variable)
  }

  private static let exact: [String: Role] = [
    "kernel": .kernel, "recurrent_kernel": .recurrentKernel, "depthwise_kernel": .depthwiseKernel,
    "pointwise_kernel": .pointwiseKernel, "bias": .bias, "gamma": .gamma, "beta": .beta,
    "moving_mean": .movingMean, "moving_variance": .movingVariance, "embeddings": .embeddings,
    "alpha": .alpha, "scale": .scale, "count": .count, "mean": .mean, "variance": .variance,
    "vector_u": .vectorU, "sn_u": .vectorU, "kernel_scale": .kernelScale,
  ]

  private static let keras1: [String: Role] = {
    var all: [String: Role] = [
      "W": .kernel, "b": .bias, "U": .recurrentKernel, "running_mean": .movingMean,
      "running_std": .movingVariance, "alphas": .alpha, "param_W": .kernel, "re_W": .kernel,
    ]
    for gate in ["i", "f", "c", "o", "z", "r", "h"] {
      all["W_\(gate)"] = .kernel
      all["U_\(gate)"] = .recurrentKernel
      all["b_\(gate)"] = .bias
    }
    return all
  }()

  private static let gateEndings: [(String, Role)] = ["i", "f", "c", "o", "z", "r", "h"].flatMap {
    [("_W_\($0)", Role.kernel), ("_U_\($0)", .recurrentKernel), ("_b_\($0)", .bias)]
  }

  /// Longer ones first.
  private static let endings: [(String, Role)] =
    gateEndings + [
      ("_recurrent_kernel", .recurrentKernel), ("_depthwise_kernel", .depthwiseKernel),
      ("_pointwise_kernel", .pointwiseKernel), ("_kernel", .kernel), ("_bias", .bias),
      ("_running_mean", .movingMean), ("_running_std", .movingVariance), ("_gamma", .gamma),
      ("_beta", .beta),
      ("_W", .kernel), ("_b", .bias), ("_U", .recurrentKernel),
    ]
}
