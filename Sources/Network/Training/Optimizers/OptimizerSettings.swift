import Documents
import JSON

/// An optimizer as a file or a person names it: a word, or a class with its constants.
public struct OptimizerSettings: Sendable, Equatable {
  public var name: String
  public var config: JSON.Object

  public init(name: String, config: JSON.Object = JSON.Object()) {
    self.name = name
    self.config = config
  }

  /// From the training configuration of any Keras: `optimizer` (3) or `optimizer_config` (1 and 2).
  /// Nil where it names none. An optimizer that only scales losses gives the one inside it.
  public init?(trainingConfig: JSON.Value?) {
    guard let value = trainingConfig?["optimizer"] ?? trainingConfig?["optimizer_config"],
      let settings = OptimizerSettings(value)
    else { return nil }
    self = settings
  }

  /// From `"adam"` or `{"class_name": "SGD", "config": {…}}`; nil where it is neither.
  public init?(_ value: JSON.Value) {
    if let name = value.stringValue {
      self.init(name: name)
      return
    }
    // The first Keras had the name among the constants.
    guard let name = value["class_name"]?.stringValue ?? value["name"]?.stringValue else {
      return nil
    }
    let config = value["config"]?.objectValue ?? value.objectValue ?? JSON.Object()
    if name.hasSuffix("LossScaleOptimizer"),
      let inner = config["inner_optimizer"] ?? config["optimizer"]
    {
      guard let settings = OptimizerSettings(inner) else { return nil }
      self = settings
      return
    }
    self.init(name: name, config: config)
  }

  /// From what a person says: a name, or JSON as a training configuration has it. Throws where it
  /// names no optimizer that coppice has, or constants that it does not take.
  public init(option text: String) throws(OptimizerFault) {
    var settings: OptimizerSettings? = OptimizerSettings(name: text)
    if text.hasPrefix("{") {
      settings = (try? JSON.parse(Array(text.utf8))).flatMap { OptimizerSettings($0) }
    }
    guard let settings else {
      throw OptimizerFault(what: "the optimizer \(text.printable(limit: 40))")
    }
    _ = try OptimizerList.make(settings)
    // A file's own may have what a later Keras added; what a person types and nobody reads is a slip.
    if let type = OptimizerList.type(named: settings.name),
      let unknown = settings.config.members.first(where: {
        !type.constants.contains($0.0) && !Self.common.contains($0.0)
      })
    {
      throw settings.refusal(unknown.0, unknown.1)
    }
    self = settings
  }

  /// What every optimizer of some Keras takes besides.
  private static let common: Set<String> = [
    "class_name", "name", "learning_rate", "lr", "decay", "weight_decay", "clipnorm", "clipvalue",
    "global_clipnorm", "use_ema", "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor",
    "gradient_accumulation_steps", "jit_compile", "is_legacy_optimizer", "module",
    "registered_name",
  ]

  /// The learning rate to begin with where none is asked for: 0.01 for SGD, else 0.001; nil where
  /// coppice has no such optimizer. The one in a file is where a decayed run ended.
  public var standardRate: Double? { OptimizerList.type(named: name)?.standardRate }

  /// Keras's weight decay: decoupled, of all variables that are trained; nil where there is none.
  public func weightDecay() throws(OptimizerFault) -> Double? {
    let standard = name.lowercased().hasSuffix("adamw") ? 0.004 : 0
    let decay = try number(
      "weight_decay", default: standard, in: 0...Double.greatestFiniteMagnitude)
    return decay == 0 ? nil : decay
  }

  /// A number in `range`. Keys are spellings of different ages.
  func number(
    _ keys: String..., default standard: Double, in range: ClosedRange<Double>
  ) throws(OptimizerFault) -> Double {
    guard let key = keys.first(where: { config[$0].map { !$0.isNull } ?? false }),
      let value = config[key]
    else { return standard }
    guard let number = value.doubleValue, range.contains(number) else {
      throw refusal(key, value)
    }
    return number
  }

  func flag(_ key: String) throws(OptimizerFault) -> Bool {
    guard let value = config[key], !value.isNull else { return false }
    guard let flag = value.boolValue else { throw refusal(key, value) }
    return flag
  }

  /// A momentum or decay rate: from 0 to 1, and less than 1 where `1 - x` is divided by.
  func share(
    _ keys: String..., default standard: Double, isOpen: Bool = true
  ) throws(OptimizerFault) -> Float {
    for key in keys {
      guard let value = config[key], !value.isNull else { continue }
      guard let number = value.doubleValue, number >= 0, isOpen ? number < 1 : number <= 1 else {
        throw refusal(key, value)
      }
      return Float(number)
    }
    return Float(standard)
  }

  /// ε; what is not given or null is Keras's 1e-7.
  func epsilon() throws(OptimizerFault) -> Float {
    Float(try number("epsilon", default: 1e-7, in: 0...Double.greatestFiniteMagnitude))
  }

  /// Throws where something is asked for that is done beside the formula, and not by coppice.
  func checkCommon() throws(OptimizerFault) {
    if try flag("use_ema") {
      throw OptimizerFault(what: "an average of the weights (use_ema of \(shownName))")
    }
    let steps = try number(
      "gradient_accumulation_steps", default: 1, in: 0...Double.greatestFiniteMagnitude)
    if steps > 1 {
      throw OptimizerFault(
        what:
          "gradients of several steps taken together (gradient_accumulation_steps of \(shownName))")
    }
  }

  var shownName: String { name.printable(limit: 40) }

  func refusal(_ key: String, _ value: JSON.Value) -> OptimizerFault {
    OptimizerFault(what: "\(key) \(value.shown) of the optimizer \(shownName)")
  }
}

/// What is wrong with an optimizer, a regularizer or a learning rate: `what` reads "… is not
/// supported".
public struct OptimizerFault: Error, Equatable, Sendable {
  public var what: String
}
