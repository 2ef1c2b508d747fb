import JSON
import Keras

/// What a layer's configuration says of its variables and activations beside computing them.
enum Penalties {
  /// The regularizer of the variable called `name` after the layer's (`kernel`, `query/kernel`).
  static func regularizer(
    of name: String, in settings: LayerReading
  ) throws(LayerFault) -> Regularizer? {
    try Regularizer(setting(of: name, "regularizer", in: settings))
  }

  /// The constraint of that variable.
  static func constraint(
    of name: String, in settings: LayerReading
  ) throws(LayerFault) -> Constraint? {
    try Constraint(setting(of: name, "constraint", in: settings))
  }

  /// The penalty on what the layer gives. It is divided by the rows of the batch.
  static func activity(of settings: LayerReading) throws(LayerFault) -> Regularizer? {
    if settings.className == "ActivityRegularization" {
      return try Regularizer(
        .object(
          JSON.Object([
            ("class_name", "L1L2"), ("l1", settings.value("l1") ?? 0.0),
            ("l2", settings.value("l2") ?? 0.0),
          ])))
    }
    return try Regularizer(settings.value("activity_regularizer"))
  }

  private static func setting(
    of name: String, _ kind: String, in settings: LayerReading
  ) -> JSON.Value? {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return settings.value(words(for: last).map { "\($0)_\(kind)" })
  }

  /// The beginnings of the settings' names that are for a variable: Keras 2 and 3, then Keras 1.
  private static func words(for variable: String) -> [String] {
    switch variable {
    case "depthwise_kernel": ["depthwise", "kernel"]
    case "pointwise_kernel": ["pointwise"]
    case "kernel": ["kernel", "depthwise", "W"]
    case "recurrent_kernel": ["recurrent", "U"]
    case "bias", "beta", "gamma": [variable, String(variable.first ?? "b")]
    case "embeddings": ["embeddings", "W"]
    // Keras 1 has a kernel for every gate.
    case _ where variable.hasPrefix("kernel_"): ["kernel", "W"]
    case _ where variable.hasPrefix("recurrent_kernel_"): ["recurrent", "U"]
    case _ where variable.hasPrefix("bias_"): ["bias", "b"]
    default: [variable]
    }
  }
}
