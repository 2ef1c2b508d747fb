import JSON

/// One call of a layer, as the graph says it: tensors by their place among the call's inputs, and
/// constants as they stand in the configuration.
struct Invocation {
  enum Bound {
    case value(Int)
    case list([Bound])
    case dictionary([(key: String, value: Bound)])
    case constant(JSON.Value)

    /// The inputs in it, in order.
    var values: [Int] {
      switch self {
      case .value(let index): [index]
      case .list(let members): members.flatMap(\.values)
      case .dictionary(let members): members.flatMap(\.value.values)
      case .constant: []
      }
    }

    /// The same when the input at `index` is taken out of the list of inputs.
    func without(_ index: Int) -> Bound {
      switch self {
      case .value(let own): .value(own > index ? own - 1 : own)
      case .list(let members): .list(members.map { $0.without(index) })
      case .dictionary(let members): .dictionary(members.map { ($0.key, $0.value.without(index)) })
      case .constant: self
      }
    }
  }

  /// Every tensor that the call takes, positional ones first; what `Frame.input` counts.
  var inputs: [Signal] = []
  /// The shapes of the inputs' masks, nil where there is none.
  var masks: [[Int]?] = []
  var arguments: [Bound] = []
  var keywords: [(name: String, value: Bound)] = []
  /// Whether the call named the mask of an input, which is then that input's.
  var namesMask = false
  /// Which call of its plan this is: by it a layer finds in `forward` what it worked out in `infer`.
  var number = 0

  /// The layer's usual one input. Throws where there is none.
  func only() throws(LayerFault) -> Signal {
    guard inputs.count == 1 else { throw .bad("takes one input and is given \(inputs.count)") }
    return inputs[0]
  }

  /// The tensors of the first argument, which merging layers take as a list.
  var listed: [Int] { arguments.first?.values ?? [] }

  func keyword(_ name: String) -> Bound? {
    keywords.first { $0.name == name }.map(\.value)
  }

  /// The constant that the call gives under `name`, or as the argument at `place`.
  func constant(_ name: String, at place: Int? = nil) -> JSON.Value? {
    if case .constant(let value) = keyword(name), !value.isNull { return value }
    if let place, arguments.indices.contains(place), case .constant(let value) = arguments[place],
      !value.isNull
    {
      return value
    }
    return nil
  }

  /// The input that the call gives under `name`, or as the argument at `place`.
  func tensor(_ name: String, at place: Int? = nil) -> Int? {
    if case .value(let index) = keyword(name) { return index }
    if let place, arguments.indices.contains(place), case .value(let index) = arguments[place] {
      return index
    }
    return nil
  }
}
