/// Every loss. A new one is a file beside this and a line here.
enum LossList {
  static let all: [any Loss.Type] = [
    BinaryCrossentropy.self,
    BinaryFocalCrossentropy.self,
    CategoricalCrossentropy.self,
    CategoricalFocalCrossentropy.self,
    CategoricalHinge.self,
    CosineSimilarity.self,
    Hinge.self,
    Huber.self,
    KLDivergence.self,
    LogCosh.self,
    MeanAbsoluteError.self,
    MeanAbsolutePercentageError.self,
    MeanSquaredError.self,
    MeanSquaredLogarithmicError.self,
    Poisson.self,
    SquaredHinge.self,
  ]

  private static let byName: [String: any Loss.Type] = {
    var table: [String: any Loss.Type] = [:]
    for type in all {
      for name in type.names { table[name] = type }
    }
    return table
  }()

  static func isKnown(_ name: String) -> Bool { byName[name] != nil }

  /// The loss that `settings` names. Throws where it is none of Keras's, or one that coppice does not
  /// compute.
  static func make(_ settings: LossSettings) throws(LossFault) -> any Loss {
    guard let type = byName[settings.name] else {
      throw LossFault(what: "the loss '\(settings.name.printable(limit: 40))'")
    }
    return try type.init(settings)
  }
}
