import Dispatch

/// Reads the batches of a part one after another, the next one while the last is being used: two
/// batches are held at any time.
public final class BatchReader {
  /// What of a target a batch brings along.
  public struct TargetContent: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let classes = TargetContent(rawValue: 1)
    public static let floats = TargetContent(rawValue: 2)
  }

  public let part: DataPart
  /// Rows of a batch; the last one may have fewer.
  public let batchSize: Int
  /// How many batches there are.
  public let batches: Int

  private let order: [Int]?
  private let contents: [TargetContent]
  private let isRandom: Bool
  private let total: Int
  private let queue = DispatchQueue(label: "coppice.batches", qos: .userInitiated)
  private let slots: [BatchSlot]
  private var next = 0

  /// - Parameters:
  ///   - order: rows of the part in the order in which they are wanted; nil for all of them in
  ///     theirs. Rows may be left out or come again.
  ///   - targets: for each of the part's targets, in order, what to read of it; those at the end
  ///     may be left out. They have been fitted.
  ///   - weights: whether to read what rows weigh, where the part says it.
  public init(
    _ part: DataPart, batchSize: Int, order: [Int]? = nil, targets: [TargetContent] = [],
    weights: Bool = false
  ) {
    precondition(batchSize > 0 && targets.count <= part.targets.count)
    self.part = part
    self.order = order
    contents = targets
    isRandom = order.map { !$0.isAscending } ?? false
    total = order?.count ?? part.count
    let batchSize = min(batchSize, max(1, total))
    self.batchSize = batchSize
    batches = (total + batchSize - 1) / batchSize
    slots = (0..<2).map { _ in
      BatchSlot(part, rows: batchSize, targets, hasWeights: weights && part.hasWeights)
    }
    begin(0)
  }

  // A batch may still be on its way into a slot.
  deinit { queue.sync {} }

  /// The next batch, or nil after the last. It can be used until `next` is called again.
  ///
  /// Throws `DataError`, as `DataPart.read` does, when the batch with the bad row comes.
  public func nextBatch() throws(DataError) -> RowBatch? {
    guard next < batches else { return nil }
    let slot = slots[next % 2]
    slot.isReady.wait()
    if let failure = slot.failure {
      // So that whoever asks again hears it again.
      slot.isReady.signal()
      throw failure
    }
    let batch = RowBatch(slot, rows: range(next))
    next += 1
    begin(next)
    return batch
  }

  private func range(_ batch: Int) -> Range<Int> {
    batch * batchSize..<min(total, (batch + 1) * batchSize)
  }

  /// Starts to read a batch into its slot, which nobody uses any more.
  private func begin(_ batch: Int) {
    guard batch < batches else { return }
    let slot = slots[batch % 2]
    let rows = range(batch)
    let (part, order, isRandom, contents) = (part, order, isRandom, contents)
    queue.async {
      do throws(DataError) {
        if let order {
          try slot.read(order[rows], of: part, isRandom: isRandom, contents)
        } else {
          try slot.read(rows, of: part, isRandom: isRandom, contents)
        }
      } catch {
        slot.failure = error
      }
      slot.isReady.signal()
    }
  }
}

/// Rows that were read together.
public struct RowBatch {
  /// Where they stand in the order in which they are read.
  public let rows: Range<Int>
  /// For each input `count × itemCount` values.
  public let inputs: [UnsafeMutableBufferPointer<Float>]
  /// For each target `count × positions` class numbers; empty where they were not asked for.
  public let classes: [UnsafeMutableBufferPointer<Int32>]
  /// For each target `count × positions × width` values; empty where they were not asked for.
  public let floats: [UnsafeMutableBufferPointer<Float>]
  /// What each row weighs; nil where all weigh 1 or it was not asked for.
  public let weights: UnsafeMutableBufferPointer<Float>?

  public var count: Int { rows.count }

  fileprivate init(_ slot: BatchSlot, rows: Range<Int>) {
    func shortened<Element>(
      _ room: UnsafeMutableBufferPointer<Element>
    ) -> UnsafeMutableBufferPointer<Element> {
      UnsafeMutableBufferPointer(rebasing: room[..<(room.count / slot.rows * rows.count)])
    }
    self.rows = rows
    inputs = slot.inputs.map(shortened)
    classes = slot.classes.map(shortened)
    floats = slot.floats.map(shortened)
    weights = slot.weights.map(shortened)
  }
}

/// Room for a batch. The thread that fills it and the one that uses it take turns by `isReady`.
private final class BatchSlot: @unchecked Sendable {
  let rows: Int
  let inputs: [UnsafeMutableBufferPointer<Float>]
  let classes: [UnsafeMutableBufferPointer<Int32>]
  let floats: [UnsafeMutableBufferPointer<Float>]
  let weights: UnsafeMutableBufferPointer<Float>?
  let isReady = DispatchSemaphore(value: 0)
  var failure: DataError?

  init(
    _ part: DataPart, rows: Int, _ targets: [BatchReader.TargetContent], hasWeights: Bool
  ) {
    self.rows = rows
    inputs = part.inputs.map { .allocate(capacity: rows * $0.itemCount) }
    classes = zip(part.targets, targets).map { target, content in
      .allocate(capacity: content.contains(.classes) ? rows * target.positions : 0)
    }
    floats = zip(part.targets, targets).map { target, content in
      .allocate(capacity: content.contains(.floats) ? rows * target.positions * target.width : 0)
    }
    weights = hasWeights ? .allocate(capacity: rows) : nil
  }

  deinit {
    for room in inputs + floats { room.deallocate() }
    for room in classes { room.deallocate() }
    weights?.deallocate()
  }

  func read<Rows: RandomAccessCollection<Int>>(
    _ rows: Rows, of part: DataPart, isRandom: Bool, _ targets: [BatchReader.TargetContent]
  ) throws(DataError) {
    for (index, room) in inputs.enumerated() {
      guard let start = room.baseAddress else { continue }
      try part.read(rows: rows, isRandom: isRandom, input: index, into: start)
    }
    for (index, content) in targets.enumerated() {
      if content.contains(.classes), let start = classes[index].baseAddress {
        try part.readClasses(rows: rows, isRandom: isRandom, target: index, into: start)
      }
      if content.contains(.floats), let start = floats[index].baseAddress {
        try part.readFloats(rows: rows, isRandom: isRandom, target: index, into: start)
      }
    }
    if let start = weights?.baseAddress {
      try part.readWeights(rows: rows, isRandom: isRandom, into: start)
    }
  }
}
