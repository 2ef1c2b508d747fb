/// What an output of the model gives for some items, and what would be right.
///
/// An item is one vector along the last dimension of the output: a sample of `(10,)`, a time step of
/// `(28, 10)`, a pixel of `(32, 32, 4)`. Losses and metrics judge items.
struct Items {
  /// What would be right, as the data says it.
  enum Targets {
    /// `[count]` class numbers, each below `width`.
    case classes(UnsafePointer<Int32>)
    /// `[count][width]` values: one-hot, soft labels, or what a regression is after.
    case values(UnsafePointer<Float>)
  }

  /// `[count][width]`
  let outputs: UnsafePointer<Float>
  let targets: Targets
  let count: Int
  let width: Int

  /// The largest value of an item's output, the first of equals; nil where one of them is NaN.
  @inline(__always)
  func largestOutput(_ item: Int) -> Int? { Self.largest(outputs + item * width, width) }

  /// The class of an item: its number, or the place of its largest value.
  @inline(__always)
  func targetClass(_ item: Int) -> Int {
    switch targets {
    case .classes(let numbers): Int(numbers[item])
    case .values(let values): Self.largest(values + item * width, width) ?? 0
    }
  }

  /// The value that the output should have; of a class number, 1 at its place.
  @inline(__always)
  func target(_ item: Int, _ place: Int) -> Double {
    switch targets {
    case .classes(let numbers): Int(numbers[item]) == place ? 1 : 0
    case .values(let values): Double(values[item * width + place])
    }
  }

  @inline(__always)
  func output(_ item: Int, _ place: Int) -> Double { Double(outputs[item * width + place]) }

  private static func largest(_ values: UnsafePointer<Float>, _ width: Int) -> Int? {
    var best = 0
    for i in 0..<width {
      if values[i].isNaN { return nil }
      if values[i] > values[best] { best = i }
    }
    return best
  }
}
