/// Every optimizer. A new one is a file beside this and a line here.
enum OptimizerList {
  static let all: [any Optimizer.Type] = [
    Adadelta.self,
    Adagrad.self,
    Adam.self,
    AdamW.self,
    Adamax.self,
    Lion.self,
    Nadam.self,
    RMSprop.self,
    SGD.self,
  ]

  /// The type called `name`, without regard to case and to a package before `>`; nil where it is none
  /// of Keras's.
  static func type(named name: String) -> (any Optimizer.Type)? {
    let word = (name.split(separator: ">").last.map(String.init) ?? name).lowercased()
    return all.first { $0.names.contains { $0.lowercased() == word } }
  }

  static func make(_ settings: OptimizerSettings) throws(OptimizerFault) -> any Optimizer {
    guard let type = type(named: settings.name) else {
      throw OptimizerFault(what: "the optimizer '\(settings.name.printable(limit: 40))'")
    }
    try settings.checkCommon()
    return try type.init(settings)
  }
}
