import JSON

/// A loss as a file names it: a word, or a class with its settings.
struct LossSettings: Equatable {
  var name: String
  var config = JSON.Object()

  init(name: String, config: JSON.Object = JSON.Object()) {
    self.name = name
    self.config = config
  }

  /// From `"mse"`, `{"class_name": "Huber", "config": {…}}`, and what Keras 3 makes of a function,
  /// `{"class_name": "function", "config": "mean_squared_error"}`. Throws for anything else.
  init(_ value: JSON.Value) throws(LossFault) {
    if let name = value.stringValue {
      self.init(name: name)
      return
    }
    guard let name = value["class_name"]?.stringValue else {
      throw LossFault(what: "the loss \(value.shown) is neither a name nor a class")
    }
    if name == "function", let function = value["config"]?.stringValue {
      self.init(name: function)
      return
    }
    let config = value["config"]?.objectValue ?? JSON.Object()
    if name == "LossFunctionWrapper", let function = config["fn"]?.stringValue {
      self.init(name: function, config: config)
      return
    }
    self.init(name: name, config: config)
  }

  func flag(_ key: String) throws(LossFault) -> Bool {
    guard let value = config[key], !value.isNull else { return false }
    guard let flag = value.boolValue else { throw refusal(key, value, "true or false") }
    return flag
  }

  func double(_ key: String, default standard: Double) throws(LossFault) -> Double {
    guard let value = config[key], !value.isNull else { return standard }
    guard let number = value.doubleValue, number.isFinite else {
      throw refusal(key, value, "a number")
    }
    return number
  }

  func share(_ key: String) throws(LossFault) -> Double {
    let number = try double(key, default: 0)
    guard (0...1).contains(number) else { throw refusal(key, .double(number), "from 0 to 1") }
    return number
  }

  func int(_ key: String) throws(LossFault) -> Int? {
    guard let value = config[key], !value.isNull else { return nil }
    guard let number = value.integerValue else { throw refusal(key, value, "a whole number") }
    return number
  }

  /// Throws unless the loss runs along the last dimension, as every loss here does.
  func checkAxis() throws(LossFault) {
    guard let axis = config["axis"], !axis.isNull, axis != .integer(-1) else { return }
    throw LossFault(what: "the loss \(name.printable(limit: 40)) along axis \(axis.shown)")
  }

  private func refusal(_ key: String, _ value: JSON.Value, _ wanted: String) -> LossFault {
    LossFault(
      what: "\(key) of the loss \(name.printable(limit: 40)) is \(value.shown), not \(wanted)")
  }
}
