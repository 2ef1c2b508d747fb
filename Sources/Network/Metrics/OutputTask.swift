/// What an output is for, which decides what is measured of it.
public enum OutputTask: String, Sendable {
  /// One of several classes is right.
  case classification
  /// One yes or no.
  case binary
  /// A yes or no for each of several labels.
  case multiLabel = "multi-label"
  case regression

  /// What the task may be, in the order in which the targets are asked whether they fit; the last one
  /// needs no asking.
  ///
  /// A loss says what it takes outputs for. Where it is one for numbers (or there is none), the
  /// output's activation and the targets decide.
  static func candidates(
    _ meaning: LossMeaning?, _ activation: OutputActivation, width: Int, classNumbers: Bool
  ) -> [OutputTask] {
    let isVector = width > 1
    switch meaning {
    case .classes: return [isVector ? .classification : .binary]
    case .decisions:
      if !isVector { return [.binary] }
      return classNumbers ? [.classification] : [.classification, .multiLabel]
    case .numbers, nil:
      if classNumbers { return [.classification] }
      switch activation {
      case .softmax where isVector:
        return meaning == nil ? [.classification] : [.classification, .regression]
      case .sigmoid:
        return isVector ? [.classification, .multiLabel, .regression] : [.binary, .regression]
      case .softmax, .linear, .other:
        return isVector ? [.classification, .regression] : [.regression]
      }
    }
  }

  /// Whether all targets are what the task needs.
  func fits(_ targets: TargetFacts) -> Bool {
    switch self {
    case .classification: targets.areOneHot
    case .binary, .multiLabel: targets.areBinary
    case .regression: true
    }
  }
}

/// What is true of all targets seen.
struct TargetFacts {
  /// Every value is 0 or 1.
  private(set) var areBinary = true
  /// Every item has one 1 and else zeros.
  private(set) var areOneHot = true

  mutating func add(_ items: Items) {
    guard areBinary, case .values(let values) = items.targets else { return }
    for item in 0..<items.count {
      var ones = 0
      for place in 0..<items.width {
        let value = values[item * items.width + place]
        if value == 1 {
          ones += 1
        } else if value != 0 {
          areBinary = false
          areOneHot = false
          return
        }
      }
      if ones != 1 { areOneHot = false }
    }
  }
}
