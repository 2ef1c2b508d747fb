import Keras

/// Which inputs of a call of a recurrent layer are what.
struct RecurrentCall {
  /// The input that is the sequence.
  let sequence: Int
  /// The inputs that the states begin with; none where they begin at zero.
  let states: [Int]
  /// Whether a mask of the sequence counts. Keras 3 does not hand on the mask that comes with a
  /// sequence where there are other tensors beside it; only one that the call names counts then.
  let isMasked: Bool

  /// Keras 1 and 2 give the states behind the sequence, or in a list with it; Keras 3 as a list of
  /// its own, by place or as `initial_state`.
  init(_ call: Invocation, age: KerasAge) throws(LayerFault) {
    guard call.keyword("constants")?.values.isEmpty ?? true else {
      throw .unsupported("the call argument 'constants'")
    }
    if age == .three, call.arguments.count > 2, !call.arguments[2].values.isEmpty {
      throw .unsupported("a mask given by its place among the arguments")
    }
    var all = call.arguments.flatMap(\.values)
    for name in ["inputs", "sequences"] where call.arguments.isEmpty {
      if case .value(let index) = call.keyword(name) { all.insert(index, at: 0) }
    }
    guard let first = all.first else { throw .bad("takes a sequence and is given none") }
    sequence = first
    if let given = call.keyword("initial_state") {
      if case .constant(let value) = given, !value.isNull {
        throw .unsupported("a constant initial state")
      }
      all += given.values
    }
    states = Array(all.dropFirst())
    isMasked = age < .three || states.isEmpty || call.namesMask
  }
}

extension Invocation {
  /// A call on a sequence and behind it as many initial states.
  static func recurrent(states: Int, namesMask: Bool) -> Invocation {
    var call = Invocation(arguments: [.value(0)])
    call.namesMask = namesMask
    if states > 0 {
      call.keywords = [("initial_state", .list((1...states).map { .value($0) }))]
    }
    return call
  }
}
