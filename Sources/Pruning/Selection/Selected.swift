import Tensors

/// What was selected of one tensor.
struct Selected {
  let mask: Mask
  let survey: Ranking.Survey
  /// Whether the tensor's bytes change.
  let isChanged: Bool

  private init(mask: Mask, survey: Ranking.Survey, isChanged: Bool) {
    self.mask = mask
    self.survey = survey
    self.isChanged = isChanged
  }

  /// This step and the next as one.
  func followed(by next: Selected) -> Selected {
    Selected(mask: next.mask, survey: survey, isChanged: isChanged || next.isChanged)
  }

  /// `mask`, where something was to be pruned.
  init(_ mask: Mask, _ survey: Ranking.Survey) {
    self.mask = mask
    self.survey = survey
    isChanged = mask.pruned > survey.zeros || survey.negativeZeros > 0
  }

  /// Nothing to be pruned but zeros that are there: the tensor stays as it is. `mask` says where they
  /// are.
  init(unchanged mask: Mask, _ survey: Ranking.Survey) {
    self.mask = mask
    self.survey = survey
    isChanged = false
  }
}

extension Ranking {
  /// The selection in which nothing goes.
  func unchanged() throws -> [Selected] {
    zip(try nonzeroMasks(), surveys).map { Selected(unchanged: $0, $1) }
  }

  /// The `count` lowest of all tensors together.
  func selecting(_ count: Int) throws -> [Selected] {
    guard count > surveys.reduce(0, { $0 + $1.zeros }) else { return try unchanged() }
    return zip(try masks(above: try cut(below: count)), surveys).map { Selected($0, $1) }
  }
}
