/// Room for those items of a batch that count, moved together, where a mask or the loss leaves some
/// out, and for what they weigh.
struct KeptItems {
  private var outputs: [Float] = []
  private var classes: [Int32] = []
  private var values: [Float] = []
  private var weights: [Float] = []

  /// Calls `body` with the items of `items` that `mask` (`[count]`, 0 leaves out) and `ignored` (a
  /// class) let through, and with what each weighs (nil: 1), which is what its row does.
  mutating func withItems(
    of items: Items, mask: UnsafePointer<Float>?, ignored: Int?,
    weights rows: (values: UnsafePointer<Float>, itemsARow: Int)? = nil,
    _ body: (Items, UnsafePointer<Float>?) -> Void
  ) {
    weights.removeAll(keepingCapacity: true)
    guard mask != nil || ignored != nil else {
      guard let rows else { return body(items, nil) }
      for item in 0..<items.count { weights.append(rows.values[item / rows.itemsARow]) }
      return weights.withUnsafeBufferPointer { body(items, $0.baseAddress) }
    }
    outputs.removeAll(keepingCapacity: true)
    classes.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    var count = 0
    for item in 0..<items.count {
      if let mask, mask[item] == 0 { continue }
      if let ignored, items.targetClass(item) == ignored { continue }
      count += 1
      if let rows { weights.append(rows.values[item / rows.itemsARow]) }
      let places = item * items.width..<(item + 1) * items.width
      outputs += UnsafeBufferPointer(start: items.outputs, count: places.upperBound)[places]
      switch items.targets {
      case .classes(let numbers): classes.append(numbers[item])
      case .values(let targets):
        values += UnsafeBufferPointer(start: targets, count: places.upperBound)[places]
      }
    }
    guard count > 0 else { return }
    let width = items.width
    weights.withUnsafeBufferPointer { weights in
      let weights = rows == nil ? nil : weights.baseAddress
      outputs.withUnsafeBufferPointer { outputs in
        guard let base = outputs.baseAddress else { return }
        switch items.targets {
        case .classes:
          classes.withUnsafeBufferPointer {
            guard let numbers = $0.baseAddress else { return }
            body(
              Items(outputs: base, targets: .classes(numbers), count: count, width: width), weights)
          }
        case .values:
          values.withUnsafeBufferPointer {
            guard let targets = $0.baseAddress else { return }
            body(
              Items(outputs: base, targets: .values(targets), count: count, width: width), weights)
          }
        }
      }
    }
  }
}
