extension Schedules {
  /// What decides the schedule where nobody names one.
  public struct Situation: Sendable, Equatable {
    /// Whether the weights are trained on between the steps. Without that, steps gain nothing.
    public var trains: Bool
    /// Whether the model has attention or recurrent layers.
    public var attendsOrRecurs: Bool
    /// Whether whole channels go, and the target is a share of the parameters.
    public var isStructured: Bool

    public init(trains: Bool, attendsOrRecurs: Bool = false, isStructured: Bool = false) {
      self.trains = trains
      self.attendsOrRecurs = attendsOrRecurs
      self.isStructured = isStructured
    }
  }

  /// The schedule of `--schedule auto` for the target `p`, and why it is this one.
  ///
  /// From where on steps are worth it is the finding of arXiv 2508.13836: from 80 % on for single
  /// weights and 90 % for channels; for transformers always. Recurrent layers are taken for the like.
  public static func automatic(
    to p: Double, in situation: Situation, steps: Int? = nil
  ) -> (schedule: any Schedule, reason: String) {
    let geometric = Geometric(steps: steps ?? defaultSteps(to: p))
    guard situation.trains else {
      return (OneShot(), "without training between them, steps gain nothing")
    }
    if situation.attendsOrRecurs {
      return (geometric, "models with attention or recurrent layers lose less in steps")
    }
    let crossover = situation.isStructured ? 0.9 : 0.8
    return p > crossover
      ? (geometric, "past \(Int(crossover * 100)) % steps lose less than one shot")
      : (OneShot(), "up to \(Int(crossover * 100)) % one shot loses no more than steps")
  }
}
