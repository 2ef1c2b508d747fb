import JSON
import Keras

/// Which loss each output of a model has and how much it weighs, as the model was told by `compile`.
struct CompiledLosses: Equatable {
  /// By output; nil where it has none.
  var settings: [LossSettings?]
  var weights: [Double]

  /// No losses at all.
  init(outputs: Int) {
    settings = [LossSettings?](repeating: nil, count: outputs)
    weights = [Double](repeating: 1, count: outputs)
  }

  /// Reads `loss` and `loss_weights` of the training configuration of any Keras: one for all outputs,
  /// a list in their order, or an object by their names. Throws where they fit no such outputs.
  init(
    _ loss: JSON.Value?, weights: JSON.Value?, outputs: [String]
  ) throws(LossFault) {
    self.init(outputs: outputs.count)
    guard let loss, !loss.isNull else { return }
    let named = try Self.spread(loss, over: outputs, isOne: { Self.isOne($0) }, what: "losses")
    for (place, value) in named.enumerated() {
      guard let value, !value.isNull else { continue }
      // Several losses for one output stand in a list of their own; only the first counts in Keras.
      settings[place] = try LossSettings(LayerReading.list(value)?.first ?? value)
    }
    guard let weights, !weights.isNull else { return }
    let numbers = try Self.spread(
      weights, over: outputs, isOne: { $0.doubleValue != nil }, what: "loss weights")
    for (place, value) in numbers.enumerated() {
      guard let value, !value.isNull else { continue }
      guard let weight = value.doubleValue, weight.isFinite else {
        throw LossFault(what: "the loss weight \(value.shown)")
      }
      self.weights[place] = weight
    }
  }

  /// A word or a class with settings, and no object of several losses.
  private static func isOne(_ value: JSON.Value) -> Bool {
    value.stringValue != nil || value["class_name"]?.stringValue != nil
  }

  private static func spread(
    _ value: JSON.Value, over outputs: [String], isOne: (JSON.Value) -> Bool, what: String
  ) throws(LossFault) -> [JSON.Value?] {
    if isOne(value) { return [JSON.Value?](repeating: value, count: outputs.count) }
    if let list = LayerReading.list(value) {
      guard list.count == outputs.count else {
        throw LossFault(
          what: "\(list.count) \(what) for \(outputs.count) output\(outputs.count == 1 ? "" : "s")")
      }
      return list
    }
    guard let object = value.objectValue else {
      throw LossFault(what: "the \(what) \(value.shown)")
    }
    if let stray = object.keys.first(where: { !outputs.contains($0) }) {
      throw LossFault(what: "\(what) for the output '\(stray.printable(limit: 40))'")
    }
    return outputs.map { object[$0] }
  }
}
