import Parallel
import Tensors

/// Selects a number of weights by a plan's scope, overrides and limits; the same number, the same
/// weights. What does not depend on the number is kept between calls.
struct Selector {
  private let tensors: KeyedTensors
  private let plan: PrunePlan
  /// Tensors with a sparsity of their own (`--set`), and all others.
  private let fixed: [Int: Selected]
  private let free: [Int]
  private let global: GlobalSelection?

  /// `part` is how far along the way to the target the selection is, 0...1: the overrides are
  /// reached by as much.
  init(_ tensors: KeyedTensors, part: Double = 1) throws {
    self.tensors = tensors
    plan = tensors.plan
    var fixed: [Int: Selected] = [:]
    for (index, share) in tensors.plan.overrides.sorted(by: { $0.key < $1.key }) {
      let count = tensors.candidates[index].count
      let wanted = PrunePlan.weights(share * part, of: count)
      fixed[index] = try Selector.select(wanted, of: index, in: tensors)
    }
    self.fixed = fixed
    let free = tensors.candidates.indices.filter { fixed[$0] == nil }
    self.free = free
    global = tensors.plan.scope == .global ? try GlobalSelection(tensors, of: free) : nil
  }

  /// The `count` lowest of one tensor, or of each of its outputs, as far as they are finite.
  private static func select(_ count: Int, of index: Int, in tensors: KeyedTensors) throws
    -> Selected
  {
    let ranking = try tensors.ranking(of: [index])
    let survey = ranking.surveys[0]
    let most = ranking.count - survey.nonfinite
    guard count <= most else {
      throw PruningError.unreachable(
        file: tensors.file, wanted: count, most: most, of: ranking.count)
    }
    let layout = tensors.candidates[index].kernel.layout
    guard tensors.plan.scope == .output, layout.rows > 1, count > survey.zeros else {
      return try ranking.selecting(count)[0]
    }
    return try OutputSelection(tensors.keys[index], layout: layout, survey: survey).selecting(count)
  }

  private var of: Int { tensors.candidates.reduce(0) { $0 + $1.count } }
  private var prunedByFixed: Int { fixed.values.reduce(0) { $0 + $1.mask.pruned } }

  /// A number of zeros that changes nothing but the tensors of the overrides.
  var least: Int { (global?.zeros ?? 0) + prunedByFixed }

  /// How many zeros there can be at most.
  var most: Int {
    let ofFree = global?.most ?? sizesOfFree.reduce(0) { $0 + Limits(plan).most(of: $1) }
    return ofFree + prunedByFixed
  }

  /// Selects so that all tensors together have `count` zeros, or more where they have more already.
  func selecting(_ count: Int) throws -> [Selected] {
    let rest = count - prunedByFixed
    // With every tensor set, the target can only say the same again, to the rounding of each.
    if free.isEmpty, abs(rest) <= fixed.count { return ordered([:]) }
    guard rest >= 0 else {
      throw PruningError.setsPastTarget(file: tensors.file, fixed: prunedByFixed, wanted: count)
    }
    guard let global else { return ordered(try selectingByLayer(rest)) }
    guard rest <= global.most else {
      throw PruningError.unreachable(file: tensors.file, wanted: count, most: most, of: of)
    }
    return ordered(try global.selecting(rest))
  }

  /// Selects for a target that is the share `share` of all weights, which is `count` of them. In
  /// layer and output scope with overrides, the free tensors have that share among themselves.
  func selecting(share: Double, count: Int) throws -> [Selected] {
    guard plan.scope != .global, !fixed.isEmpty else { return try selecting(count) }
    return try selecting(prunedByFixed + PrunePlan.weights(share, of: sizesOfFree.reduce(0, +)))
  }

  private func selectingByLayer(_ count: Int) throws -> [Int: Selected] {
    let parts = try layerParts(count)
    let (tensors, free) = (tensors, free)
    let selected = try Parallel.map(free.count) { place in
      try Selector.select(parts[place], of: free[place], in: tensors)
    }
    return Dictionary(uniqueKeysWithValues: zip(free, selected))
  }

  /// How many of `count` zeros each free tensor gets in layer and output scope.
  private func layerParts(_ count: Int) throws -> [Int] {
    let sizes = sizesOfFree
    let limits = sizes.map { Limits(plan).most(of: $0) }
    guard let parts = apportion(count, over: sizes, limits: limits) else {
      throw PruningError.unreachable(
        file: tensors.file, wanted: count, most: limits.reduce(0, +), of: sizes.reduce(0, +))
    }
    return parts
  }

  private var sizesOfFree: [Int] { free.map { tensors.candidates[$0].count } }

  /// How many zeros a step makes on the way, at `share` and `count` and the part `part` of the
  /// overrides, given how many zeros each tensor has before all steps.
  func zeros(share: Double, count: Int, part: Double, before: [Int]) throws -> Int {
    if plan.scope == .global { return max(count, before.reduce(0, +)) }
    let own = fixed.isEmpty ? count : PrunePlan.weights(share, of: sizesOfFree.reduce(0, +))
    var zeros = 0
    for (index, parts) in zip(free, try layerParts(own)) { zeros += max(parts, before[index]) }
    for (index, share) in plan.overrides {
      let parts = PrunePlan.weights(share * part, of: tensors.candidates[index].count)
      zeros += max(parts, before[index])
    }
    return zeros
  }

  /// Selects what scores below `threshold`.
  func selecting(below threshold: Double) throws -> [Selected] {
    let global = try global ?? GlobalSelection(tensors, of: free)
    return ordered(try global.selecting(below: threshold))
  }

  private func ordered(_ selected: [Int: Selected]) -> [Selected] {
    tensors.candidates.indices.compactMap { fixed[$0] ?? selected[$0] }
  }
}
