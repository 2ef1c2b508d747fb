import Files
import Tensors
import Testing

@testable import Pruning

struct PruneTests {
  private let file = "m.h5"

  /// Ties, both zeros, subnormals, a constant tensor, an empty one, one of one weight.
  private let awkward: [[Double]] = [
    [0.5, -0.0, 1, -1, 0x1p-24, 0, 1, -3 * 0x1p-24], [2, 2, -2, 2], [], [-1],
    [0.25, 1, -0.5, 0, 3],
  ]

  private func awkward(_ types: [ElementType]) -> [Candidate] {
    awkward.enumerated().map { candidate("t\($0)", $1, as: types[$0 % types.count]) }
  }

  @Test(arguments: [
    [ElementType.float32], [.float16], [.bfloat16, .float16], [.float64],
    [.float32, .float64, .float16],
    [ElementType(.float32, bigEndian: true), ElementType(.float64, bigEndian: true)],
  ])
  func everyCountOfTheGlobalRanking(types: [ElementType]) throws {
    let tensors = awkward(types)
    try withThreads {
      for count in 0...18 {
        let result = try PrunePlan(target: .keep(18 - count)).prune(tensors, file: file)
        #expect(result.prunedIndices == slowly(awkward, count: count))
        #expect(result.pruned == max(count, 3) && result.kept + result.pruned == result.of)
        #expect(result.steps.map(\.pruned) == [result.pruned])
      }
    }
  }

  @Test func sparsityIsReachedToOneWeight() throws {
    var stream = Stream(state: 11)
    for n in [1, 2, 3, 7, 10, 999, 1000, 1001] {
      let numbers = (0..<n).map { _ in Double.random(in: 0.1...1, using: &stream) }
      for share in [0, 0.1, 0.29, 0.5, 0.555, 0.9, 0.95, 0.99, 1] {
        let result = try PrunePlan(target: .sparsity(share)).prune(
          [candidate("a", numbers)], file: file)
        #expect(result.pruned == Int((share * Double(n) + 0.5).rounded(.down)))
        #expect(result.target == share && result.achieved == Double(result.pruned) / Double(n))
      }
    }
  }

  @Test func manyBlocksOnOneAndThreeThreads() throws {
    var stream = Stream(state: 3)
    let numbers = (0..<700_000).map { _ in
      Double(Int.random(in: -2000...2000, using: &stream)) / 512
    }
    let tensors = [
      candidate("a", Array(numbers[..<300_000])), candidate("b", Array(numbers[300_000...])),
    ]
    var results: [PruneResult] = []
    try withThreads {
      for criterion in [Magnitude(), Random(), LAMP()] as [any Criterion] {
        results.append(
          try PrunePlan(target: .sparsity(0.9), criterion: criterion).prune(tensors, file: file))
      }
    }
    #expect(results[0] == results[3] && results[1] == results[4] && results[2] == results[5])
    #expect(results.allSatisfy { $0.pruned == 630_000 })
    // No weight that stays is below one that goes.
    var most = 0.0
    var least = Double.infinity
    for (index, number) in numbers.enumerated() {
      let stays =
        index < 300_000 ? results[0].masks[0][index] : results[0].masks[1][index - 300_000]
      if stays { least = min(least, number.magnitude) } else { most = max(most, number.magnitude) }
    }
    #expect(most <= least)
  }

  // MARK: zeros

  @Test func aTargetBelowTheZerosChangesNothing() throws {
    let tensors = [candidate("a", [0, -0.0, 1, 0]), candidate("b", [5, 6])]
    for share in [0.0, 0.2, 0.5] {
      for scope in Scope.allCases {
        let result = try PrunePlan(target: .sparsity(share), scope: scope)
          .prune([tensors[0]], file: file)
        #expect(result.changed == 0 && result.pruned == 3 && result.prunedIndices == [[0, 1, 3]])
        #expect(!result.tensors[0].isChanged)
      }
      let result = try PrunePlan(target: .sparsity(share)).prune(tensors, file: file)
      #expect(result.changed == 0 && result.pruned == 3)
    }
  }

  @Test func whatIsPrunedBecomesPositiveZero() throws {
    let tensor = candidate("a", [-0.0, 1, -2, 3])
    let result = try PrunePlan(target: .sparsity(0.5)).prune([tensor], file: file)
    #expect(result.prunedIndices == [[0, 1]] && result.changed == 2)
    #expect(result.tensors[0].negativeZerosBefore == 1 && result.tensors[0].zerosBefore == 1)
    let masked = MaskedBytes(tensor.values.source, mask: result.masks[0], elementSize: 4)
    #expect(try masked.bytes() == bytes([0, 0, -2, 3], as: .float32))
  }

  // MARK: scope

  @Test func layerScopePrunesEachTensorToTheSameShare() throws {
    let tensors = [
      candidate("a", [1, 2, 3, 4]), candidate("b", [10, 20, 30, 40]), candidate("c", [5]),
    ]
    let half = try PrunePlan(target: .sparsity(0.5), scope: .layer).prune(tensors, file: file)
    // floor(9 / 2 + 1/2) = 5: two, two, and the half of c.
    #expect(half.prunedIndices == [[0, 1], [0, 1], [0]] && half.pruned == 5)
    let third = try PrunePlan(target: .sparsity(1.0 / 3), scope: .layer).prune(tensors, file: file)
    #expect(third.prunedIndices == [[0], [0], []] || third.pruned == 3)
  }

  @Test func layerScopeAddsUpExactly() throws {
    let sizes = [7, 13, 1, 29, 4]
    let tensors = sizes.enumerated().map { index, size in
      candidate("t\(index)", (0..<size).map { Double($0 + 1) })
    }
    for kept in 0...54 {
      let result = try PrunePlan(target: .keep(kept), scope: .layer).prune(tensors, file: file)
      #expect(result.kept == kept)
      for (size, tensor) in zip(sizes, result.tensors) {
        #expect(abs(Double(tensor.pruned) - Double(54 - kept) / 54 * Double(size)) < 1)
        #expect(result.masks[0].prunedIndices == Array(0..<result.tensors[0].pruned))
      }
    }
  }

  // MARK: limits

  @Test func limitsHoldAndTheTotalToo() throws {
    var stream = Stream(state: 23)
    for round in 0..<30 {
      // Scales apart, so that the ranking alone would empty whole tensors.
      let tensors = [9, 6, 12, 3].map { size in
        (0..<size).map { _ in
          Double(Int.random(in: 0...4, using: &stream)) * [1, 8, 64].randomElement(using: &stream)!
        }
      }
      let candidates = tensors.enumerated().map { candidate("t\($0)", $1) }
      let zeros = tensors.map { $0.count { $0 == 0 } }
      let cap = [0.4, 0.6, 0.8][round % 3]
      let keep = round % 4
      let limits = zip(tensors, zeros).map { numbers, zeros in
        max(zeros, max(0, min(Int(cap * Double(numbers.count) + 0.5), numbers.count - keep)))
      }
      let most = limits.reduce(0, +)
      for count in 0...30 {
        let plan = PrunePlan(target: .keep(30 - count), maxLayerSparsity: cap, minKeep: keep)
        guard count <= most else {
          #expect(throws: PruningError.unreachable(file: file, wanted: count, most: most, of: 30)) {
            try plan.prune(candidates, file: file)
          }
          continue
        }
        #expect(
          try plan.prune(candidates, file: file).prunedIndices
            == slowly(tensors, count: count, limits: limits))
      }
    }
  }

  @Test func limitsInLayerScope() throws {
    let tensors = [candidate("a", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), candidate("b", [1, 2])]
    let plan = PrunePlan(target: .sparsity(0.75), scope: .layer, minKeep: 1)
    #expect(try plan.prune(tensors, file: file).tensors.map(\.pruned) == [8, 1])
    let capped = PrunePlan(target: .sparsity(0.9), scope: .layer, maxLayerSparsity: 0.8)
    #expect(throws: PruningError.unreachable(file: file, wanted: 11, most: 10, of: 12)) {
      try capped.prune(tensors, file: file)
    }
  }

  // MARK: overrides

  @Test func setTensorsAreFixedAndTheTargetHoldsOverAll() throws {
    let tensors = [
      candidate("a", [1, 2, 3, 4]), candidate("b", [10, 20, 30, 40]), candidate("c", [5, 6, 7, 8]),
    ]
    let plan = PrunePlan(target: .sparsity(0.5), overrides: [1: 0.75])
    let result = try plan.prune(tensors, file: file)
    #expect(result.prunedIndices == [[0, 1, 2], [0, 1, 2], []] && result.pruned == 6)
    let none = PrunePlan(target: .sparsity(0.5), overrides: [0: 0])
    #expect(try none.prune(tensors, file: file).prunedIndices == [[], [0, 1], [0, 1, 2, 3]])
    let layer = PrunePlan(target: .sparsity(0.5), scope: .layer, overrides: [1: 1])
    #expect(try layer.prune(tensors, file: file).tensors.map(\.pruned) == [2, 4, 2])
    let threshold = PrunePlan(target: .threshold(6.5), overrides: [0: 0.25, 1: 0.25])
    #expect(try threshold.prune(tensors, file: file).prunedIndices == [[0], [0], [0, 1]])
    let all = PrunePlan(target: .sparsity(0.5), overrides: [0: 0.5, 1: 0.5, 2: 0.5])
    #expect(try all.prune(tensors, file: file).pruned == 6)
  }

  @Test func setTensorsThatContradictTheTarget() throws {
    let tensors = [candidate("a", [1, 2, 3, 4]), candidate("b", [1, 2])]
    #expect(throws: PruningError.setsPastTarget(file: file, fixed: 4, wanted: 3)) {
      try PrunePlan(target: .sparsity(0.5), overrides: [0: 1]).prune(tensors, file: file)
    }
    #expect(throws: PruningError.unreachable(file: file, wanted: 5, most: 4, of: 6)) {
      try PrunePlan(target: .keep(1), overrides: [0: 0.5]).prune(tensors, file: file)
    }
  }

  // MARK: threshold

  @Test func aThresholdTakesWhatIsBelow() throws {
    let numbers = [-0.0, 0.25, -0.5, 0.5, 0.75, 0]
    for type in [ElementType.float32, .float64, .float16] {
      func pruned(_ threshold: Double) throws -> [Int] {
        try PrunePlan(target: .threshold(threshold)).prune(
          [candidate("a", numbers, as: type)], file: file
        )
        .prunedIndices[0]
      }
      #expect(try pruned(0) == [0, 5] && pruned(1e-300) == [0, 5] && pruned(0.25) == [0, 5])
      #expect(try pruned(0.5) == [0, 1, 5] && pruned(0.5.nextUp) == [0, 1, 2, 3, 5])
      #expect(try pruned(.infinity) == [0, 1, 2, 3, 4, 5] && pruned(1e300) == [0, 1, 2, 3, 4, 5])
    }
    // By value: 0.1 as a float is above 0.1, 0.7 as a float below 0.7.
    let floats = [candidate("a", [0.1, 0.7])]
    #expect(try PrunePlan(target: .threshold(0.1)).prune(floats, file: file).pruned == 0)
    #expect(try PrunePlan(target: .threshold(0.7)).prune(floats, file: file).pruned == 2)
    let none = try PrunePlan(target: .threshold(0)).prune([candidate("a", [-0.0, 1])], file: file)
    #expect(none.changed == 0)
  }

  @Test func aThresholdOfScoresAndWithinLimits() throws {
    let tensors = [candidate("a", [1, -2, 3, -4]), candidate("b", [0.1, 0.2, 0, -0.3])]
    let lamp = PrunePlan(target: .threshold(0.31), criterion: LAMP())
    #expect(try lamp.prune(tensors, file: file).prunedIndices == [[0, 1], [0, 1, 2]])
    let limited = PrunePlan(target: .threshold(3.5), maxLayerSparsity: 0.5)
    #expect(try limited.prune(tensors, file: file).prunedIndices == [[0, 1], [0, 2]])
  }

  // MARK: N:M

  @Test func nmAlongTheInputs() throws {
    let row = [0.1, -0.5, 0.3, 0.2, -0.05, 0.06, -0.07, 0.04]
    guard let pattern = NMPattern("2:4") else { return }
    let plan = PrunePlan(target: .pattern(pattern))
    // One output with eight inputs; as two outputs beside each other, one of them negated; in every
    // layout that puts them along the inputs.
    let column = candidate("a", row, shape: [8, 1])
    let pair = candidate("b", row.flatMap { [$0, -$0] }, shape: [8, 2])
    let conv = candidate("c", row.flatMap { [$0, $0] }, shape: [2, 2, 2, 2])
    let turned = candidate("d", row + row, shape: [2, 8], axes: .transposed(rank: 2))
    let result = try plan.prune([column, pair, conv, turned], file: file)
    let expected = [0, 3, 4, 7]
    #expect(result.prunedIndices[0] == expected)
    #expect(result.prunedIndices[1] == expected.flatMap { [2 * $0, 2 * $0 + 1] })
    #expect(result.prunedIndices[2] == result.prunedIndices[1])
    #expect(result.prunedIndices[3] == expected + expected.map { $0 + 8 })
    #expect(result.achieved == 0.5 && result.target == nil)
  }

  @Test(
    arguments: ["1:2", "2:4", "1:4", "3:4", "4:8", "5:7"],
    [ElementType.float32, .float64, .float16])
  func nmAgreesWithASort(text: String, type: ElementType) throws {
    guard let pattern = NMPattern(text) else { return }
    var stream = Stream(state: 5)
    let shapes: [([Int], KernelAxes)] = [
      ([19, 3], .standard(rank: 2)), ([8, 70], .standard(rank: 2)),
      ([3, 3, 2, 5], .standard(rank: 4)),
      ([2, 5, 7], .transposed(rank: 3)), ([3, 3, 4, 2], .depthwise(rank: 4)),
      ([4, 3, 5], .projection(inputs: 2, rank: 3)),
      ([6], .standard(rank: 1)), ([0, 4], .standard(rank: 2)),
    ]
    for (shape, axes) in shapes {
      let count = shape.reduce(1, *)
      let numbers = (0..<count).map { _ in Double(Int.random(in: -3...3, using: &stream)) }
      let tensor = candidate("a", numbers, shape: shape, as: type, axes: axes)
      let layout = tensor.kernel.layout
      var expected: [Int] = []
      for output in 0..<layout.outputs {
        let column = (0..<layout.rows).map { layout.index(row: $0, output: output) }
        for start in stride(from: 0, to: column.count, by: pattern.group) {
          let group = Array(column[start..<min(column.count, start + pattern.group)])
          let order = group.indices.sorted {
            (numbers[group[$0]].magnitude, $0) < (numbers[group[$1]].magnitude, $1)
          }
          let pruned = group.count == pattern.group ? pattern.group - pattern.kept : 0
          for (rank, place) in order.enumerated() where rank < pruned || numbers[group[place]] == 0
          {
            expected.append(group[place])
          }
        }
      }
      guard count > 0 else {
        #expect(throws: PruningError.nothingPrunable(file: file)) {
          try PrunePlan(target: .pattern(pattern)).prune([tensor], file: file)
        }
        continue
      }
      try withThreads {
        let result = try PrunePlan(target: .pattern(pattern)).prune([tensor], file: file)
        #expect(result.prunedIndices[0] == expected.sorted())
      }
    }
  }

  @Test func nmOverManyBlocks() throws {
    guard let pattern = NMPattern("2:4") else { return }
    let shape = [1001, 700]
    let numbers = (0..<700_700).map { Double($0 * 7919 % 1009) - 500 }
    let tensor = candidate("a", numbers, shape: shape)
    try withThreads {
      let result = try PrunePlan(target: .pattern(pattern)).prune([tensor], file: file)
      let masked = TensorValues(
        MaskedBytes(tensor.values.source, mask: result.masks[0], elementSize: 4), type: .float32)
      let structure = try Structure.measure(masked, layout: tensor.kernel.layout)
      let compliance = structure.compliance.first { $0.pattern == pattern }
      #expect(compliance?.compliant == 175_000 && compliance?.groups == 175_000)
      #expect(result.pruned >= 350_000 && result.pruned < 351_500)
      // The last row is in no group.
      #expect(
        result.masks[0].keepsAll(700_000..<700_100) == !numbers[700_000..<700_100].contains(0))
    }
  }

  @Test func nmAsAnotherCriterionSees() throws {
    guard let pattern = NMPattern("1:2") else { return }
    let tensor = candidate("a", [1, 2, 0, 3, 4, 4], shape: [6, 1])
    for criterion in [LAMP(), Random()] as [any Criterion] {
      let result = try PrunePlan(target: .pattern(pattern), criterion: criterion).prune(
        [tensor], file: file)
      #expect(result.pruned == 3 && result.prunedIndices[0].contains(2))
    }
    let unchanged = try PrunePlan(target: .pattern(pattern)).prune(
      [candidate("a", [1, -0.0, 0, 2], shape: [4, 1])], file: file)
    #expect(unchanged.changed == 0 && unchanged.pruned == 2)
  }

  // MARK: what is not finite

  @Test func nonfiniteWeightsAreRefused() throws {
    for (bad, criterion) in zip([Double.nan, .infinity, -.infinity, .nan], Criteria.all) {
      let tensors = [
        candidate("a", [1, 2], neighbours: Neighbours()),
        candidate("b", [3, bad, .nan, 4], neighbours: Neighbours()),
      ]
      let targets: [PrunePlan.Target] = [
        .sparsity(0.5), .threshold(2), .pattern(NMPattern("1:2")!), .size(1),
      ]
      for target in targets {
        let plan = PrunePlan(target: target, criterion: criterion)
        do {
          _ = try plan.prune(tensors, file: file, measure: { _ in 0 })
          Issue.record("not refused")
        } catch PruningError.nonfinite(let file, let tensor, let index, let value) {
          #expect(file == self.file && tensor == "b" && index == 1)
          #expect(value == bad || value.isNaN && bad.isNaN)
        }
      }
    }
    #expect(PruningError.nonfinite(file: "", tensor: "", index: 0, value: 0).fault == .damaged)
  }

  @Test func nonfiniteWeightsAreKeptWhenAllowed() throws {
    let tensors = [candidate("a", [.nan, 1, -.infinity, 2]), candidate("b", [3, 4])]
    for scope in Scope.allCases {
      let result = try PrunePlan(target: .sparsity(0.5), scope: scope, allowsNonfinite: true)
        .prune(tensors, file: file)
      #expect(result.pruned == 3 && result.of == 6 && result.tensors[0].nonfinite == 2)
      #expect(result.masks[0][0] && result.masks[0][2])
    }
    #expect(throws: PruningError.unreachable(file: file, wanted: 5, most: 4, of: 6)) {
      try PrunePlan(target: .keep(1), allowsNonfinite: true).prune(tensors, file: file)
    }
    let all = try PrunePlan(target: .threshold(.infinity), allowsNonfinite: true).prune(
      tensors, file: file)
    #expect(all.prunedIndices == [[1, 3], [0, 1]])
    for criterion in [LAMP(), Random()] as [any Criterion] {
      let result = try PrunePlan(target: .keep(2), criterion: criterion, allowsNonfinite: true)
        .prune([tensors[0]], file: file)
      #expect(result.masks[0][0] && result.masks[0][2] || criterion is LAMP)
    }
    guard let pattern = NMPattern("1:4") else { return }
    let nm = try PrunePlan(target: .pattern(pattern), allowsNonfinite: true).prune(
      [candidate("a", [.nan, 1, -.infinity, 2], shape: [4, 1])], file: file)
    #expect(nm.prunedIndices == [[1, 3]])
  }

  // MARK: steps

  @Test func stepsOfAMagnitudeRunEndInTheMaskOfOneShot() throws {
    var stream = Stream(state: 17)
    let tensors = [
      candidate("a", (0..<1000).map { _ in Double.random(in: 0.1...1, using: &stream) })
    ]
    let once = try PrunePlan(target: .sparsity(0.9)).prune(tensors, file: file)
    for criterion in [Magnitude(), LAMP(), Random()] as [any Criterion] {
      let one = try PrunePlan(target: .sparsity(0.9), criterion: criterion).prune(
        tensors, file: file)
      let many = try PrunePlan(
        target: .sparsity(0.9), criterion: criterion, schedule: Geometric(steps: 5)
      ).prune(tensors, file: file)
      #expect(many.masks == one.masks)
      #expect(many.steps.map(\.pruned) == [369, 602, 749, 842, 900])
      #expect(many.steps.map(\.step) == [1, 2, 3, 4, 5] && many.steps.last?.target == 0.9)
    }
    // And it is so: each step pruned from what the one before left.
    var current = tensors
    var last = once
    for step in try Geometric(steps: 5).cumulative(to: 0.9) {
      last = try PrunePlan(target: .sparsity(step)).prune(current, file: file)
      current = current.masked(by: last.masks)
    }
    #expect(last.masks == once.masks)
    let ten = [candidate("a", (1...10).map(Double.init))]
    let small = try PrunePlan(target: .keep(1), schedule: Geometric(steps: 5)).prune(
      ten, file: file)
    #expect(small.steps.map(\.pruned) == [4, 6, 7, 8, 9])
  }

  @Test func stepsCountWhatIsThere() throws {
    let tensors = [candidate("a", [0, 0, 0, 1, 2, 3]), candidate("b", [1, 2, 3, 4, 5, 6])]
    let schedule = Constant(steps: 3)
    let global = try PrunePlan(target: .sparsity(0.75), schedule: schedule).prune(
      tensors, file: file)
    #expect(global.steps.map(\.pruned) == [3, 6, 9])
    let layer = try PrunePlan(target: .sparsity(0.75), scope: .layer, schedule: schedule)
      .prune(tensors, file: file)
    // Shares 2+1, 3+3, 5+4, and a has 3 from the start.
    #expect(layer.steps.map(\.pruned) == [4, 6, 9])
    let set = try PrunePlan(
      target: .sparsity(0.5), scope: .layer, schedule: Constant(steps: 2), overrides: [1: 1]
    ).prune(tensors, file: file)
    #expect(set.steps.map(\.pruned) == [6, 9] && set.tensors.map(\.pruned) == [3, 6])
  }

  // MARK: size

  @Test func theFewestWeightsThatMakeItFit() throws {
    let tensors = [candidate("a", (1...1000).map(Double.init))]
    func size(_ result: PruneResult) -> Int { 100 + 6 * result.kept }
    for target in [100, 106, 107, 2000, 3099, 3100, 6099] {
      var asked = 0
      let result = try PrunePlan(target: .size(target)).prune(tensors, file: file) {
        asked += 1
        return size($0)
      }
      #expect(size(result) <= target && size(result) + 6 > target)
      #expect(result.prunedIndices[0] == Array(0..<result.pruned) && asked < 20)
    }
    let fits = try PrunePlan(target: .size(6100)).prune(tensors, file: file, measure: size)
    #expect(fits.changed == 0)
    #expect(throws: PruningError.sizeUnreachable(file: file, wanted: 99, least: 100)) {
      try PrunePlan(target: .size(99)).prune(tensors, file: file, measure: size)
    }
    #expect(throws: PruningError.sizeUnreachable(file: file, wanted: 3000, least: 3100)) {
      try PrunePlan(target: .size(3000), maxLayerSparsity: 0.5).prune(
        tensors, file: file, measure: size)
    }
    let layers = tensors + [candidate("b", [5, 6, 7, 8])]
    let layer = try PrunePlan(target: .size(3124), scope: .layer, overrides: [1: 0.5])
      .prune(layers, file: file, measure: size)
    #expect(layer.kept == 504 && layer.tensors[1].kept == 2)
  }

  @Test func searchesOfAwkwardSizes() throws {
    // A plateau, a cliff, a curve, noise: what is found fits, and the number before does not.
    let sizes: [(Int) -> Int] = [
      { max(0, 1000 - $0) / 100 * 100 }, { $0 < 777 ? 1_000_000 : 3 }, { 1_000_000 / ($0 + 1) },
      { 5000 - 4 * $0 + $0 * 7919 % 13 },
    ]
    for size in sizes {
      for target in [3, 100, 555, 999, 3000] {
        var asked = 0
        let (found, _) = smallestFitting(0...100_000, target: target) {
          asked += 1
          return size($0)
        }
        #expect(asked < 40)
        guard let found else {
          #expect(size(100_000) > target)
          continue
        }
        #expect(size(found) <= target && (found == 0 || size(found - 1) > target))
      }
    }
    #expect(smallestFitting(5...5, target: 1) { _ in 2 }.found == nil)
  }

  // MARK: masks from elsewhere

  @Test func masksFromElsewhere() throws {
    let tensors = [candidate("a", [1, 0, 2, -0.0]), candidate("b", [3])]
    var mask = Mask(count: 4, keeping: true)
    mask[2] = false
    let stored = MaskAsBytes(mask)
    let read = try PruneResult.mask(stored, tensor: "a", file: file)
    let result = try PruneResult(
      applying: [read, Mask(count: 1, keeping: true)], to: tensors, file: file)
    #expect(result.prunedIndices == [[1, 2, 3], []] && result.changed == 2 && result.pruned == 3)
    #expect(!result.tensors[1].isChanged)
    #expect(throws: PruningError.self) {
      try PruneResult(applying: [mask, mask], to: tensors, file: file)
    }
    #expect(throws: PruningError.mask(file: file, tensor: "a", problem: "byte 1 is 7, not 0 or 1"))
    {
      try PruneResult.mask(MemoryBytes([1, 7]), tensor: "a", file: file)
    }
  }

  // MARK: plans that cannot be

  @Test func plansThatCannotBe() throws {
    let tensors = [candidate("a", [1, 2, 3, 4])]
    let plans: [PrunePlan] = [
      .init(target: .sparsity(1.5)), .init(target: .sparsity(-0.1)), .init(target: .sparsity(.nan)),
      .init(target: .keep(-1)), .init(target: .keep(5)), .init(target: .threshold(-1)),
      .init(target: .threshold(.nan)), .init(target: .size(-1)), .init(target: .size(100)),
      .init(target: .sparsity(0.5), maxLayerSparsity: 2),
      .init(target: .sparsity(0.5), minKeep: -1),
      .init(target: .sparsity(0.5), overrides: [0: 7]),
      .init(target: .sparsity(0.5), criterion: LAMP(), scope: .layer),
      .init(target: .threshold(1), schedule: Geometric(steps: 2)),
      .init(target: .sparsity(0.5), schedule: Manual([0.4])),
      .init(target: .pattern(NMPattern("2:4")!), minKeep: 1),
    ]
    for plan in plans {
      do {
        _ = try plan.prune(tensors, file: file)
        Issue.record("not refused: \(plan.target)")
      } catch let error as PruningError {
        #expect(error.fault == .usage && !error.description.isEmpty)
      }
    }
    #expect(throws: PruningError.nothingPrunable(file: file)) {
      try PrunePlan(target: .sparsity(0.5)).prune([], file: file)
    }
    let integers = Candidate(
      name: "i", shape: [2], type: ElementType(.int8), source: MemoryBytes([1, 2]))
    #expect(throws: PruningError.notFloat(file: file, tensor: "i", type: "int8")) {
      try PrunePlan(target: .sparsity(0.5)).prune([integers], file: file)
    }
  }

  @Test func messagesShowNoControlCharacters() {
    let error = PruningError.notFloat(file: "a\u{1b}[31m", tensor: "x\n", type: "int8")
    #expect(!error.description.unicodeScalars.contains { $0.value < 32 })
    #expect(error.description.hasPrefix("a\\u{1b}[31m: cannot prune"))
  }
}

struct ApportionmentTests {
  @Test func partsAddUpAndAreWithinOne() {
    for sizes in [[7, 13, 1, 29], [1], [0, 5, 0], [3, 3, 3], [1_000_000_007, 3, 500]] {
      let whole = sizes.reduce(0, +)
      for total in [0, 1, 2, whole / 3, whole / 2, whole - 1, whole] where total <= whole {
        let parts = apportion(total, over: sizes)
        #expect(parts.reduce(0, +) == total)
        for (part, size) in zip(parts, sizes) {
          #expect(
            abs(Double(part) - Double(size) * Double(total) / Double(whole)) < 1 && part <= size)
        }
      }
    }
    #expect(apportion(1, over: [3, 3, 3]) == [1, 0, 0])
    #expect(apportion(0, over: []) == [])
    #expect(
      apportion(1 << 61, over: [1 << 62, 1 << 61]) == [
        1_537_228_672_809_129_301, 768_614_336_404_564_651,
      ])
  }

  @Test func limitsPassTheRestOn() {
    #expect(apportion(9, over: [4, 4, 4], limits: [1, 4, 4]) == [1, 4, 4])
    #expect(apportion(6, over: [4, 4, 4], limits: [1, 4, 4]) == [1, 3, 2])
    #expect(apportion(10, over: [4, 4, 4], limits: [1, 4, 4]) == nil)
  }
}
