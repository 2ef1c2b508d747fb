import Keras

/// The mask that a merging layer gives to what it makes of its inputs.
struct MergedMask {
  /// What a position counts for.
  enum Condition {
    /// Where any input counts; none unless every input has a mask (Keras 3).
    case anyOfAll
    /// Where every input with a mask counts (Keras 1 and 2).
    case allOfGiven
  }

  static let none = MergedMask(inputs: [], isAny: false, shape: [])

  /// The inputs whose masks go in.
  private let inputs: [Int]
  private let isAny: Bool
  private let shape: [Int]

  private init(inputs: [Int], isAny: Bool, shape: [Int]) {
    self.inputs = inputs
    self.isAny = isAny
    self.shape = shape
  }

  /// Throws where the masks have different shapes.
  init(_ call: Invocation, _ condition: Condition, _ result: [Int]) throws(LayerFault) {
    let given = call.masks.indices.filter { call.masks[$0] != nil }
    guard let first = given.first, let shape = call.masks[first],
      condition == .allOfGiven || given.count == call.masks.count
    else {
      self = .none
      return
    }
    guard given.allSatisfy({ call.masks[$0] == shape }), shape.count <= result.count else {
      throw .unsupported("a merge of masks of different shapes")
    }
    self.init(inputs: given, isAny: condition == .anyOfAll, shape: shape)
  }

  var rule: Signal.MaskRule {
    switch inputs.count {
    case 0: .none
    case 1: .same(as: inputs[0])
    default: .made(shape)
    }
  }

  func write(_ frame: Frame) {
    guard inputs.count > 1, let out = frame.outputMask(), let first = frame.mask(inputs[0]) else {
      return
    }
    let count = frame.rows * shape.reduce(1, *)
    out.update(from: first, count: count)
    for input in inputs.dropFirst() {
      guard let mask = frame.mask(input) else { continue }
      for i in 0..<count {
        let isKept = isAny ? out[i] != 0 || mask[i] != 0 : out[i] != 0 && mask[i] != 0
        out[i] = isKept ? 1 : 0
      }
    }
  }
}
