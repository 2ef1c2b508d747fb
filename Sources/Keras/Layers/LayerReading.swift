import JSON

/// A layer's configuration in the words of its age of Keras, and what it is called with.
public struct LayerReading: Sendable {
  public let className: String
  public let config: JSON.Object
  let inputs: [PartialShape]
  public let age: KerasAge

  init(className: String, config: JSON.Object, inputs: [PartialShape], age: KerasAge) {
    self.className = className
    self.config = config
    self.inputs = inputs
    self.age = age
  }

  /// The configuration alone, for who knows the inputs otherwise.
  public init(_ layer: LayerGraph.Layer, age: KerasAge) {
    self.init(className: layer.className, config: layer.config, inputs: [], age: age)
  }

  /// The configuration of a class that no layer of the model has: an activation's, say.
  public init(_ className: String, _ config: JSON.Object, age: KerasAge) {
    self.init(className: className, config: config, inputs: [], age: age)
  }

  var input: PartialShape { inputs.first ?? .unknown }

  /// The first of `keys` that is given and not null.
  public func value(_ keys: String...) -> JSON.Value? { value(keys) }
  public func value(_ keys: [String]) -> JSON.Value? {
    for key in keys { if let value = config[key], !value.isNull { return value } }
    return nil
  }

  /// A number of at most 31 bits; a larger one is no size of anything, and taken as not known.
  public func int(_ keys: String...) -> Int? { value(keys).flatMap(Self.size) }

  public static func size(_ value: JSON.Value) -> Int? {
    value.integerValue.flatMap { $0.magnitude < 1 << 31 ? $0 : nil }
  }
  public func text(_ keys: String...) -> String? { value(keys)?.stringValue }
  public func flag(_ keys: String..., default standard: Bool) -> Bool {
    value(keys)?.boolValue ?? standard
  }

  /// `count` numbers, from a list or from one number for all; nil where the setting is not given or
  /// of another length.
  public func ints(_ key: String, count: Int) -> [Int]? {
    guard let value = value(key) else { return nil }
    if let one = Self.size(value) { return [Int](repeating: one, count: count) }
    guard let list = Self.list(value), list.count == count else { return nil }
    let numbers = list.compactMap(Self.size)
    return numbers.count == count ? numbers : nil
  }

  /// The members of a list, also of a tuple as the legacy writer spells it.
  public static func list(_ value: JSON.Value) -> [JSON.Value]? {
    value.arrayValue ?? (value["class_name"] == "__tuple__" ? value["items"]?.arrayValue : nil)
  }

  /// Whether channels come right after the batch.
  public var isChannelsFirst: Bool {
    value("data_format") == "channels_first" || value("dim_ordering") == "th"
  }

  /// The number of channels of the input.
  var channels: Int? { isChannelsFirst ? input.dimension(1) : input.last }

  /// The shape less its batch and channels; nil where the rank is not `rank + 2`.
  func spatial(_ rank: Int) -> [Int?]? {
    guard let dimensions = input.dimensions, dimensions.count == rank + 2 else { return nil }
    return Array(isChannelsFirst ? dimensions[2...] : dimensions[1..<rank + 1])
  }

  /// A shape of batch, spatial dimensions and channels in this layer's order.
  func shape(spatial: [Int?]?, channels: Int?, rank: Int) -> PartialShape {
    let spatial = spatial ?? [Int?](repeating: nil, count: rank)
    let batch = input.dimensions?.first ?? nil
    return PartialShape(
      isChannelsFirst ? [batch, channels] + spatial : [batch] + spatial + [channels])
  }

  public var hasBias: Bool { flag("use_bias", "bias", default: true) }
}
