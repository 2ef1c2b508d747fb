/// Where every storage of a plan lies in a thread's memory while a chunk of rows goes through.
///
/// Storages whose lives do not overlap share a place: a chain of layers needs the largest pair of
/// neighbours, not the sum, and so stays in the cache.
struct Arena {
  /// By storage, floats from the start for a chunk of `samples`; nil for what is not in the arena.
  let offsets: [Int?]
  /// Floats of all storages together.
  let count: Int
  /// Floats of scratch behind them.
  let scratch: Int
  let samples: Int

  /// Debug builds keep this many floats of a known pattern behind every storage.
  #if DEBUG
    static let guarded = 16
  #else
    static let guarded = 0
  #endif
  static let pattern: Float = -1.8446744e19

  init(_ plan: Plan, samples: Int) {
    self.samples = samples
    var owner = Array(plan.storages.indices)
    func root(_ storage: Int) -> Int {
      var place = storage
      while owner[place] != place { place = owner[place] }
      return place
    }
    var born = [Int](repeating: .max, count: plan.storages.count)
    var dies = [Int](repeating: -1, count: plan.storages.count)
    func touch(_ value: Int, at step: Int) {
      let all = [plan.values[value].storage] + (plan.values[value].mask.map { [$0.storage] } ?? [])
      for storage in all {
        born[storage] = min(born[storage], step)
        dies[storage] = max(dies[storage], step)
      }
    }
    for (step, node) in plan.nodes.enumerated() {
      for value in node.inputPlaces + node.outputPlaces { touch(value, at: step) }
    }
    for value in plan.outputs { touch(value, at: plan.nodes.count) }
    // A layer that works in place takes the memory of an input that nobody needs after it.
    for (step, node) in plan.nodes.enumerated() where node.layer.worksInPlace {
      guard let input = node.inputPlaces.first, let output = node.outputPlaces.first else {
        continue
      }
      let (from, to) = (plan.values[input].storage, plan.values[output].storage)
      let base = root(from)
      guard plan.storages[from].kind == .arena, dies[base] == step, born[base] < step,
        plan.storages[from].floats == plan.storages[to].floats,
        !node.inputPlaces.dropFirst().contains(where: { root(plan.values[$0].storage) == base })
      else { continue }
      owner[to] = base
      dies[base] = max(dies[base], dies[to])
    }
    // First fit in the order of birth.
    var offsets = [Int?](repeating: nil, count: plan.storages.count)
    var live: [(range: Range<Int>, dies: Int)] = []
    var end = 0
    let order = plan.storages.indices
      .filter { plan.storages[$0].kind == .arena && owner[$0] == $0 && dies[$0] >= 0 }
      .sorted { (born[$0], $0) < (born[$1], $1) }
    for storage in order {
      live.removeAll { $0.dies < born[storage] }
      live.sort { $0.range.lowerBound < $1.range.lowerBound }
      let size = Floats.rounded(plan.storages[storage].floats * samples) + Arena.guarded
      var place = 0
      for other in live {
        if place + size <= other.range.lowerBound { break }
        place = max(place, other.range.upperBound)
      }
      offsets[storage] = place
      live.append((place..<place + size, dies[storage]))
      end = max(end, place + size)
    }
    for storage in plan.storages.indices where owner[storage] != storage {
      offsets[storage] = offsets[root(storage)]
    }
    self.offsets = offsets
    count = end
    scratch =
      plan.nodes.map { $0.layer.scratch($0.call, rows: $0.rowsPerSample * samples) }.max() ?? 0
  }

  /// Samples a chunk: as many as keep the arena in a core's second-level cache, at most `largest`.
  /// It depends on the network alone, so that results do not depend on the machine's threads.
  static func samples(for plan: Plan, largest: Int = 128) -> Int {
    let one = Arena(plan, samples: 1)
    let bytes = max(1, (one.count + one.scratch) * MemoryLayout<Float>.size)
    var samples = largest
    while samples > 1, samples * bytes > cache { samples /= 2 }
    return samples
  }

  private static let cache = 1 << 20
}
