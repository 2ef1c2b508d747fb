/// What an optimizer remembers of all parameters: its slots, and how many steps were done.
final class OptimizerState {
  /// Steps done.
  private(set) var iteration = 0
  let optimizer: any Optimizer
  private let names: [String]
  private let counts: [Int]
  /// Where each parameter's slots begin.
  private let starts: [Int]
  private let memory: UnsafeMutablePointer<Float>
  private let size: Int

  /// A fresh state for parameters of so many values.
  init(_ optimizer: any Optimizer, counts: [Int]) {
    self.optimizer = optimizer
    self.counts = counts
    names = optimizer.slots
    var starts: [Int] = []
    var end = 0
    for count in counts {
      starts.append(end)
      end += Floats.rounded(count) * names.count
    }
    self.starts = starts
    size = end
    memory = Floats.allocate(end)
    reset()
  }

  deinit { memory.deallocate() }

  /// Bytes of memory that the slots of such parameters take.
  static func bytes(_ optimizer: any Optimizer, counts: [Int]) -> Int {
    counts.reduce(0) { $0 + Floats.rounded($1) } * optimizer.slots.count
      * MemoryLayout<Float>.size
  }

  /// Forgets everything, as a new pruning step wants it.
  func reset() {
    iteration = 0
    memory.update(repeating: optimizer.initialSlot, count: size)
  }

  /// The parameter at `place` under way.
  func target(
    _ place: Int, weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    mask: UnsafePointer<UInt8>?
  ) -> UpdateTarget {
    UpdateTarget(
      weights: weights, gradient: gradient, mask: mask, slots: memory + starts[place],
      slotCount: names.count, stride: Floats.rounded(counts[place]),
      initialSlot: optimizer.initialSlot)
  }

  /// The numbers of the step that comes.
  func step(rate: Double) -> UpdateStep {
    UpdateStep(rate: rate, corrections: optimizer.corrections(at: iteration))
  }

  /// Says that all parameters were moved.
  func finishStep() { iteration += 1 }

  /// A slot of a parameter, as it is written to a checkpoint.
  struct Slot: Equatable {
    var parameter: Int
    /// As Keras calls it: `momentum`, `velocity`.
    var name: String
    var values: [Float]
  }

  var slots: [Slot] {
    counts.indices.flatMap { parameter in
      names.enumerated().map { place, name in
        Slot(
          parameter: parameter, name: name,
          values: Array(
            UnsafeBufferPointer(start: start(parameter, place), count: counts[parameter]))
        )
      }
    }
  }

  /// Takes over what `slots` and `iteration` gave; false, and nothing changed, where they are another
  /// optimizer's or other parameters'.
  func restore(_ slots: [Slot], iteration: Int) -> Bool {
    let fits =
      iteration >= 0 && slots.count == counts.count * names.count
      && slots.enumerated().allSatisfy { place, slot in
        slot.parameter == place / names.count && slot.name == names[place % names.count]
          && slot.values.count == counts[slot.parameter]
      }
    guard fits else { return false }
    reset()
    self.iteration = iteration
    for (place, slot) in slots.enumerated() {
      let start = start(slot.parameter, place % names.count)
      for (i, value) in slot.values.enumerated() { start[i] = value }
    }
    return true
  }

  private func start(_ parameter: Int, _ slot: Int) -> UnsafeMutablePointer<Float> {
    memory + starts[parameter] + slot * Floats.rounded(counts[parameter])
  }
}
