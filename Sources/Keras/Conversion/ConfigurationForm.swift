import JSON

/// The configuration in the form that a container of Keras 3 wants it in.
enum ConfigurationForm {
  /// `config.json` of a `.keras` as the `model_config` of a whole-model HDF5 file: entries of layers
  /// keep class, configuration, name and calls.
  static func legacy(_ config: JSON.Value) -> JSON.Value {
    .object(
      JSON.Object([
        ("class_name", .string(className(config))),
        ("config", legacyModel(config["config"] ?? .null)),
      ]))
  }

  private static func legacyModel(_ config: JSON.Value) -> JSON.Value {
    guard var object = config.objectValue, let layers = object["layers"]?.arrayValue else {
      return config
    }
    object["layers"] = .array(layers.map(legacyLayer))
    return .object(object)
  }

  private static func legacyLayer(_ layer: JSON.Value) -> JSON.Value {
    guard let object = layer.objectValue else { return layer }
    var kept = JSON.Object()
    kept["class_name"] = .string(className(layer))
    kept["config"] = legacyModel(object["config"] ?? .null)
    for key in ["name", "inbound_nodes"] { kept[key] = object[key] }
    return .object(kept)
  }

  /// Legacy files know registered classes by their registered names (`package>Class`).
  private static func className(_ value: JSON.Value) -> String {
    if let registered = value["registered_name"]?.stringValue, registered.contains(">") {
      return registered
    }
    let exported = value["class_name"]?.stringValue ?? ""
    // The one layer whose class has another name than it is exported under.
    return exported == "GroupQueryAttention" ? "GroupedQueryAttention" : exported
  }

  /// `compile_config` as `training_config`; nil where the model was not compiled.
  static func trainingConfig(_ compile: JSON.Value?) -> JSON.Value? {
    guard var object = compile?.objectValue, !object.isEmpty else { return nil }
    let optimizer = object["optimizer"]
    object["optimizer"] = nil
    if let optimizer, let name = optimizer["class_name"] {
      object["optimizer_config"] = .object(
        JSON.Object([("class_name", name), ("config", optimizer["config"] ?? .null)]))
    }
    return .object(object)
  }

  /// A `model_config` as the `config.json` of a `.keras`. Layers without a module load there as they
  /// do from the legacy file.
  static func archive(_ config: JSON.Value, training: JSON.Value?) -> JSON.Value {
    let className = config["class_name"]?.stringValue ?? ""
    var object = JSON.Object()
    object["module"] = .string(className == "Sequential" ? "keras" : "keras.src.models.functional")
    object["class_name"] = .string(className)
    object["config"] = config["config"] ?? .null
    object["registered_name"] = className == "Sequential" ? .null : .string(className)
    if var compile = training?.objectValue, !compile.isEmpty {
      let optimizer = compile["optimizer_config"]
      compile["optimizer_config"] = nil
      if let optimizer, let name = optimizer["class_name"] {
        compile["optimizer"] = .object(
          JSON.Object([
            ("module", "keras.optimizers"), ("class_name", name),
            ("config", optimizer["config"] ?? .null),
            ("registered_name", .null),
          ]))
      }
      object["compile_config"] = .object(compile)
    }
    return .object(object)
  }
}
