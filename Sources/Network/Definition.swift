import JSON
import Keras

/// A layer's part of the configuration with the variables that the file has for it: what a `Layer`
/// is made of.
struct Definition {
  let layer: LayerGraph.Layer
  let settings: LayerReading
  /// The variables of this layer alone, by the names after the layer's.
  let variables: [String: Parameter]
  /// Definitions of the layers that this one holds (`SpectralNormalization`).
  let held: [Definition]
  /// Whether the file is of the Keras that was there before and beside TensorFlow's own.
  var isStandalone = false

  var className: String { layer.className }
  var age: KerasAge { settings.age }

  // MARK: Settings

  /// A whole number of at least `least`; `standard` where it is not given. Keys are spellings of
  /// different ages.
  func int(_ keys: String..., least: Int = 1, default standard: Int? = nil) throws(LayerFault)
    -> Int
  {
    guard let value = settings.value(keys) else {
      if let standard { return standard }
      throw .bad("'\(keys[0])' is not given")
    }
    guard let number = LayerReading.size(value), number >= least else {
      throw .bad("\(keys[0]) is \(value.shown), not a whole number from \(least)")
    }
    return number
  }

  /// `count` whole numbers, from a list or from one number for all of them.
  func ints(_ keys: String..., count: Int, least: Int = 1, default standard: Int? = nil)
    throws(LayerFault) -> [Int]
  {
    guard let key = keys.first(where: { settings.value($0) != nil }) else {
      if let standard { return [Int](repeating: standard, count: count) }
      throw .bad("'\(keys[0])' is not given")
    }
    guard let numbers = settings.ints(key, count: count), numbers.allSatisfy({ $0 >= least }) else {
      throw .bad(
        "\(key) is \(settings.value(key)?.shown ?? "null"), not \(count) whole number\(count == 1 ? "" : "s") from \(least)"
      )
    }
    return numbers
  }

  func double(_ keys: String..., default standard: Double) throws(LayerFault) -> Double {
    guard let value = settings.value(keys) else { return standard }
    guard let number = value.doubleValue else {
      throw .bad("\(keys[0]) is \(value.shown), not a number")
    }
    return number
  }

  func float(_ key: String, default standard: Float) throws(LayerFault) -> Float {
    Float(try double(key, default: Double(standard)))
  }

  func flag(_ keys: String..., default standard: Bool) -> Bool {
    settings.value(keys)?.boolValue ?? standard
  }

  /// One of a few words. Another one is nothing that Keras knows.
  func choice(_ keys: String..., among words: [String], default standard: String? = nil)
    throws(LayerFault) -> String
  {
    guard let value = settings.value(keys) else {
      if let standard { return standard }
      throw .bad("'\(keys[0])' is not given")
    }
    guard let word = value.stringValue, words.contains(word) else {
      throw .bad("\(keys[0]) is \(value.shown), not one of \(words.joined(separator: ", "))")
    }
    return word
  }

  func activation(_ keys: String..., default standard: String = "linear") throws(LayerFault)
    -> Activation
  {
    try Activation(settings.value(keys) ?? .string(standard), age: age)
  }

  // MARK: Variables

  /// The variable called `name`, whose shape has `rank` dimensions (any rank if nil). Throws where
  /// the file has none.
  func variable(_ name: String, rank: Int? = nil) throws(LayerFault) -> Parameter {
    guard let found = variables[name] else { throw .weight("the file holds no '\(name)'") }
    if let rank, found.shape.count != rank {
      throw .weight(
        "'\(name)' has the shape \(Signal.text(found.shape)), where \(rank) dimensions are needed")
    }
    return found
  }

  /// The variable called `name` in exactly this shape.
  func variable(_ name: String, shape: [Int]) throws(LayerFault) -> Parameter {
    let found = try variable(name)
    guard found.shape == shape else {
      throw .weight(
        "'\(name)' has the shape \(Signal.text(found.shape)) instead of \(Signal.text(shape))")
    }
    return found
  }
}

extension JSON.Value {
  /// The value as it may stand in a message.
  var shown: String {
    let text = text(nonFinite: .python)
    return text.count > 40 ? "\(text.prefix(40))…" : text
  }
}
