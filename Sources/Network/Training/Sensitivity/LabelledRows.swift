/// Samples with their targets, held as floats.
///
/// Whoever makes them fills the memory before anybody reads it.
public final class LabelledRows: @unchecked Sendable {
  /// How the targets of an output are given, and how many numbers a row they are.
  public struct Target: Sendable {
    public var form: Evaluation.TargetForm
    public var width: Int

    public init(_ form: Evaluation.TargetForm, width: Int) {
      self.form = form
      self.width = width
    }
  }

  public let count: Int
  /// Floats a row, by input.
  public let widths: [Int]
  /// By output of the model; nil where it has none.
  public let targets: [Target?]
  /// By input, `[count][width]`.
  public let inputs: [UnsafeMutablePointer<Float>]
  /// By output, `[count][width]`; nil where targets are not of this form.
  public let classes: [UnsafeMutablePointer<Int32>?]
  public let values: [UnsafeMutablePointer<Float>?]
  /// What each row weighs in the loss.
  public let weights: UnsafeMutablePointer<Float>

  public init(count: Int, widths: [Int], targets: [Target?]) {
    self.count = count
    self.widths = widths
    self.targets = targets
    inputs = widths.map { .allocate(capacity: max(1, count * $0)) }
    classes = targets.map { target in
      target.flatMap { $0.form == .classes ? .allocate(capacity: max(1, count * $0.width)) : nil }
    }
    values = targets.map { target in
      target.flatMap { $0.form == .classes ? nil : .allocate(capacity: max(1, count * $0.width)) }
    }
    weights = .allocate(capacity: max(1, count))
    weights.initialize(repeating: 1, count: max(1, count))
  }

  deinit {
    for room in inputs { room.deallocate() }
    for room in classes { room?.deallocate() }
    for room in values { room?.deallocate() }
    weights.deallocate()
  }

  func samples(from row: Int) -> [UnsafePointer<Float>] {
    zip(inputs, widths).map { UnsafePointer($0 + row * $1) }
  }

  func targets(from row: Int) -> [Evaluation.Targets?] {
    targets.indices.map { output in
      guard let target = targets[output] else { return nil }
      if let classes = classes[output] {
        return .classes(UnsafePointer(classes + row * target.width))
      }
      return values[output].map { .values(UnsafePointer($0 + row * target.width)) }
    }
  }
}
