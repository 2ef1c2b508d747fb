/// How items of data become items that the model takes: axes moved, 1s added or dropped, flattened.
/// Values stay in their order but for a moved axis.
struct Adaptation: Sendable, Equatable {
  enum Move: Sendable, Equatable {
    case none
    /// Channels from the first axis to the last.
    case firstToLast
    case lastToFirst
  }

  let move: Move
  /// What an item is afterwards.
  let shape: [Int]
  /// The axis of `shape` that is the channels; nil where there is none.
  let channelAxis: Int?

  /// What `--layout` says alone, before any model is known.
  init(item: [Int], layout: DataOptions.Layout?) {
    move = layout == .nchw && item.count >= 3 ? .firstToLast : .none
    shape = move.shape(item)
    channelAxis = shape.isEmpty ? nil : shape.count - 1
  }

  private init(move: Move, item: [Int], shape: [Int], layout: DataOptions.Layout?) {
    self.move = move
    self.shape = shape
    let isFirst = move == .lastToFirst || (layout == .nchw && move == .none && item.count >= 3)
    channelAxis = shape.isEmpty ? nil : isFirst && shape.count >= 3 ? 0 : shape.count - 1
  }

  /// What makes items of shape `item` agree with `wanted` (nil: any length); nil where nothing does.
  /// `allowsFolding` lets flat items take any shape of as many values.
  init?(item: [Int], wanted: [Int?], layout: DataOptions.Layout?, allowsFolding: Bool = false) {
    let moves: [Move] =
      switch layout {
      case nil: [.none]
      case .nchw: item.count >= 3 ? [.firstToLast, .none] : [.none]
      case .nhwc: item.count >= 3 ? [.none, .lastToFirst] : [.none]
      }
    // What agrees as it is comes before what has to be bent.
    for step in Self.steps {
      for move in moves {
        guard let shape = step(move.shape(item), wanted) else { continue }
        self.init(move: move, item: item, shape: shape, layout: layout)
        return
      }
    }
    guard allowsFolding, item.count == 1, let fixed = wanted.fixed,
      fixed.checkedProduct == item[0]
    else { return nil }
    self.init(move: .none, item: item, shape: fixed, layout: layout)
  }

  private static let steps: [@Sendable ([Int], [Int?]) -> [Int]?] = [same, withOnes, flattened]

  private static func same(_ item: [Int], _ wanted: [Int?]) -> [Int]? {
    guard item.count == wanted.count, zip(item, wanted).allSatisfy({ $1 == nil || $1 == $0 }) else {
      return nil
    }
    return item
  }

  /// Axes of 1 dropped from both, the rest agrees. Where only lengths that may be anything are left
  /// over, one axis of 1 is added in the one place that makes it agree.
  private static func withOnes(_ item: [Int], _ wanted: [Int?]) -> [Int]? {
    let dense = item.filter { $0 != 1 }
    if let found = same(dense, wanted.filter { $0 != 1 }) {
      var rest = found[...]
      return wanted.map { $0 == 1 ? 1 : rest.popFirst() ?? 1 }
    }
    let added = (0...item.count).map { place in
      Array(item[..<place]) + [1] + Array(item[place...])
    }
    let agreeing = Set(added.filter { same($0, wanted) != nil })
    return agreeing.count == 1 ? agreeing.first : nil
  }

  private static func flattened(_ item: [Int], _ wanted: [Int?]) -> [Int]? {
    guard wanted.count == 1, let length = wanted[0], item.checkedProduct == length else {
      return nil
    }
    return [length]
  }
}

extension Adaptation.Move {
  func shape(_ item: [Int]) -> [Int] {
    switch self {
    case .none: item
    case .firstToLast: Array(item.dropFirst() + item.prefix(1))
    case .lastToFirst: Array(item.suffix(1) + item.dropLast())
    }
  }

  /// Moves the values of one item of shape `item`, as stored, from one place to another.
  func apply(
    item: [Int], from: UnsafePointer<Float>, to: UnsafeMutablePointer<Float>
  ) {
    let count = item.reduce(1, *)
    let channels = self == .firstToLast ? item[0] : item[item.count - 1]
    let pixels = count / max(1, channels)
    switch self {
    case .none: to.update(from: from, count: count)
    case .firstToLast:
      for channel in 0..<channels {
        for pixel in 0..<pixels { to[pixel * channels + channel] = from[channel * pixels + pixel] }
      }
    case .lastToFirst:
      for channel in 0..<channels {
        for pixel in 0..<pixels { to[channel * pixels + pixel] = from[pixel * channels + channel] }
      }
    }
  }
}

extension [Int?] {
  /// The lengths, where all are fixed.
  var fixed: [Int]? {
    var lengths: [Int] = []
    for length in self {
      guard let length else { return nil }
      lengths.append(length)
    }
    return lengths
  }
}
