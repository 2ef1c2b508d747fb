extension TrainingRows {
  /// The classes of a target that no row is of, in order; none where a target is no class. What is
  /// trained without them forgets them.
  public func missingClasses(of target: Int) -> [Int] {
    guard let numbers = classes[target] else { return [] }
    let width = part.targets[target].width
    var isThere = [Bool](repeating: false, count: width == 1 ? 2 : width)
    for number in numbers where isThere.indices.contains(Int(number)) {
      isThere[Int(number)] = true
    }
    return isThere.indices.filter { !isThere[$0] }
  }
}
