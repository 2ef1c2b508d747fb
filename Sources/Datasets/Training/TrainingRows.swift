import Documents
import Tensors

/// Rows to train on, held in memory as they are stored: bytes stay bytes (60,000 images of 28 × 28 are
/// 47 MB, not 188), and become floats batch by batch.
///
/// Rows may be gathered by several threads at once, each into memory of its own.
public final class TrainingRows: Sendable {
  public let part: DataPart
  public var count: Int { part.count }
  /// What a row weighs in the loss; nil where all weigh 1.
  public let weights: [Float]?
  let inputs: [Held]
  let classes: [[Int32]?]
  let floats: [[Float]?]

  /// The bytes of one input, row after row in the order of the part.
  struct Held: Sendable {
    let bytes: [UInt8]
    let type: ElementType
    let rowBytes: Int
  }

  /// What a batch of these rows wants changed, and by which numbers.
  public struct Variation: Sendable {
    public var augmentation: Augmentation
    public var seed: UInt64
    public var epoch: Int

    public init(_ augmentation: Augmentation, seed: UInt64, epoch: Int) {
      self.augmentation = augmentation
      self.seed = seed
      self.epoch = epoch
    }
  }

  /// Reads all rows of `part`, whose targets have been fitted.
  ///
  /// - Parameters:
  ///   - weights: `[rows]`, in place of the file's own `sample_weight`.
  ///   - memory: bytes that they may take.
  ///
  /// Throws `DataError` where they would take more, before anything is read, and where a value cannot
  /// be used.
  public init(
    _ part: DataPart, weights: [Float]? = nil, memory: Int
  ) throws(DataError) {
    precondition(weights.map { $0.count == part.count } ?? true)
    self.part = part
    let needed = Self.bytes(of: part)
    guard let needed, needed <= memory else {
      let shown = needed.map { "\(($0 + (1 << 20) - 1) >> 20) MiB" } ?? "more than can be addressed"
      throw .usage(
        file: part.files[0],
        what:
          "the \(part.count) rows of part '\(part.name)' take \(shown) of memory, and \(memory >> 20) MiB are allowed",
        advice: "Train on fewer rows with --limit, or store them in a smaller type.")
    }
    var held: [Held] = []
    for index in part.inputs.indices { held.append(try Self.read(part, input: index)) }
    inputs = held
    if weights == nil, part.hasWeights {
      self.weights = try part.readWeights()
    } else {
      self.weights = weights
    }
    var classes: [[Int32]?] = []
    var floats: [[Float]?] = []
    for (index, target) in part.targets.enumerated() {
      classes.append(
        target.hasClasses
          ? try Self.filled(part.count * target.positions) { (room) throws(DataError) in
            try part.readClasses(0..<part.count, target: index, into: room)
          } : nil)
      floats.append(
        target.hasValues
          ? try Self.filled(part.count * target.positions * target.width) {
            (room) throws(DataError) in
            try part.readFloats(0..<part.count, target: index, into: room)
          } : nil)
    }
    self.classes = classes
    self.floats = floats
  }

  /// What the rows of a part take; nil where that is beyond counting.
  private static func bytes(of part: DataPart) -> Int? {
    let rows =
      part.inputs.map { [$0.itemCount, $0.type.size] }
      + part.targets.map { [$0.positions, $0.hasValues ? $0.width : 1, 4] }
    var sum = 0
    for factors in rows {
      guard let bytes = ([part.count] + factors).checkedProduct else { return nil }
      let (next, isTooMuch) = sum.addingReportingOverflow(bytes)
      if isTooMuch { return nil }
      sum = next
    }
    return sum
  }

  private static func read(_ part: DataPart, input index: Int) throws(DataError) -> Held {
    let input = part.inputs[index]
    let rowBytes = input.itemCount * input.type.size
    var bytes = [UInt8](repeating: 0, count: part.count * rowBytes)
    try bytes.withUnsafeMutableBufferPointer { (values) throws(DataError) in
      let room = UnsafeMutableRawBufferPointer(values)
      try part.rows.forEachRun(of: 0..<part.count) { (set, run, before) throws(DataError) in
        let place = before * rowBytes..<(before + run.count) * rowBytes
        try input.segments[set].copy(
          run, allowsNonfinite: input.allowsNonfinite,
          to: UnsafeMutableRawBufferPointer(rebasing: room[place]))
      }
    }
    return Held(bytes: bytes, type: input.type, rowBytes: rowBytes)
  }

  private static func filled<Element: AdditiveArithmetic>(
    _ count: Int, _ body: (UnsafeMutablePointer<Element>) throws(DataError) -> Void
  ) throws(DataError) -> [Element] {
    var values = [Element](repeating: .zero, count: count)
    try values.withUnsafeMutableBufferPointer { (room) throws(DataError) in
      if let start = room.baseAddress { try body(start) }
    }
    return values
  }

  /// The values of target `index` as they are stored, row after row; nil where it is class numbers.
  public func values(ofTarget index: Int) -> [Float]? { floats[index] }

  /// Throws where `augmentation` cannot be done to the inputs: only images with channels last.
  public func check(_ augmentation: Augmentation) throws(DataError) {
    for input in part.inputs { try augmentation.check(input) }
  }

  /// `share` of the rows for validation, the others to train on. Rows are drawn class by class where
  /// the first target is one class a row, however it is stored. Throws where either would be empty.
  public func split(validation share: Double, seed: UInt64) throws(DataError) -> RowSplit {
    let wanted = Int((Double(count) * share).rounded())
    guard wanted > 0, wanted < count else {
      throw .usage(
        file: part.files[0],
        what: "a share of \(share) of \(count) rows leaves one part empty",
        advice: "Give another --validation.")
    }
    return RowSplit(wanted, of: count, seed: seed, classes: rowClasses)
  }

  /// One class a row by the first target: class numbers, one-hot vectors, or a yes or no; nil where it
  /// is none of these.
  private var rowClasses: [Int32]? {
    guard let target = part.targets.first, target.positions == 1 else { return nil }
    if let numbers = classes[0] { return numbers }
    guard let values = floats[0], values.allSatisfy({ $0 == 0 || $0 == 1 }) else { return nil }
    if target.width == 1 { return values.map { Int32($0) } }
    var numbers: [Int32] = []
    for row in 0..<count {
      let ones = (0..<target.width).filter { values[row * target.width + $0] == 1 }
      guard ones.count == 1 else { return nil }
      numbers.append(Int32(ones[0]))
    }
    return numbers
  }

  /// Writes items of input `index` to `floats`, `rows.count × itemCount` values: prepared, and in the
  /// shape of `inputs[index].itemShape`. `variation` has been checked.
  public func gather(
    _ rows: ArraySlice<Int>, input index: Int, varied variation: Variation? = nil,
    into floats: UnsafeMutablePointer<Float>
  ) {
    let input = part.inputs[index]
    let held = inputs[index]
    let width = input.itemCount
    let changes = variation.flatMap { $0.augmentation.isEmpty ? nil : $0 }
    let move = input.adaptation.move
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * width) { room in
      guard let scratch = room.baseAddress else { return }
      held.bytes.withUnsafeBytes { bytes in
        var to = floats
        for row in rows {
          let stored = UnsafeRawBufferPointer(
            rebasing: bytes[row * held.rowBytes..<(row + 1) * held.rowBytes])
          let plain = move == .none && changes == nil ? to : scratch
          held.type.convert(stored, to: UnsafeMutableBufferPointer(start: plain, count: width))
          var item = plain
          if move != .none {
            let moved = changes == nil ? to : scratch + width
            move.apply(item: input.storedShape, from: item, to: moved)
            item = moved
          }
          if let changes {
            changes.augmentation.apply(
              item, shape: input.itemShape, to: to, seed: changes.seed, epoch: changes.epoch,
              row: row)
          }
          to += width
        }
      }
    }
    input.prepare(floats, count: rows.count * width)
  }

  /// Writes the class numbers of target `index`, `positions` a row; nothing where `hasClasses` of the
  /// target is false.
  public func gatherClasses(
    _ rows: ArraySlice<Int>, target index: Int, into numbers: UnsafeMutablePointer<Int32>
  ) {
    guard let held = classes[index] else { return }
    Self.gather(rows, held, part.targets[index].positions, into: numbers)
  }

  /// Writes the values of target `index`, `positions × width` a row; class numbers become one-hot
  /// vectors.
  public func gatherFloats(
    _ rows: ArraySlice<Int>, target index: Int, into values: UnsafeMutablePointer<Float>
  ) {
    let target = part.targets[index]
    if let held = floats[index] {
      Self.gather(rows, held, target.positions * target.width, into: values)
    } else if let held = classes[index] {
      values.update(repeating: 0, count: rows.count * target.positions * target.width)
      var vector = values
      for row in rows {
        for position in 0..<target.positions {
          vector[Int(held[row * target.positions + position])] = 1
          vector += target.width
        }
      }
    }
  }

  /// Writes what `rows` weigh in the loss.
  public func gatherWeights(_ rows: ArraySlice<Int>, into values: UnsafeMutablePointer<Float>) {
    if let weights {
      Self.gather(rows, weights, 1, into: values)
    } else {
      values.update(repeating: 1, count: rows.count)
    }
  }

  private static func gather<Element>(
    _ rows: ArraySlice<Int>, _ held: [Element], _ width: Int,
    into room: UnsafeMutablePointer<Element>
  ) {
    held.withUnsafeBufferPointer { held in
      guard let start = held.baseAddress else { return }
      var to = room
      for row in rows {
        to.update(from: start + row * width, count: width)
        to += width
      }
    }
  }
}

extension DataTarget {
  /// Whether labels are stored as class numbers, one a position.
  public var hasClasses: Bool { form == .sparse }
  /// Whether labels are stored as values: one-hot, soft, or what a regression is after.
  public var hasValues: Bool { form == .dense }
}
