import JSON
import Keras

/// What an operation is called with. A parameter may be given by name, by its place, or, where it is
/// a setting of Keras 3's `Operation` object, in the configuration.
struct OperationArguments {
  let call: Invocation
  let settings: LayerReading

  /// An operand: a tensor, or numbers that all rows share.
  enum Operand {
    case input(Int)
    /// The shape is as Keras has it, the batch included where the array is of full rank.
    case constant(ConstantArray)
  }

  private func bound(_ name: String, at place: Int?) -> Invocation.Bound? {
    if let keyword = call.keyword(name) { return keyword }
    if let place, call.arguments.indices.contains(place) { return call.arguments[place] }
    return nil
  }

  /// A setting; nil where it is not given or null. Throws where a tensor stands for it: what depends
  /// on the data has no fixed shape.
  func setting(_ name: String, at place: Int? = nil) throws(LayerFault) -> JSON.Value? {
    if let bound = bound(name, at: place) {
      guard case .constant(let value) = bound else {
        throw .unsupported("'\(name)' out of the data itself")
      }
      if !value.isNull { return value }
    }
    return settings.value(name)
  }

  func int(_ name: String, at place: Int? = nil, default standard: Int) throws(LayerFault) -> Int {
    guard let value = try setting(name, at: place) else { return standard }
    guard let number = LayerReading.size(value) else {
      throw .bad("\(name) is \(value.shown), not a whole number")
    }
    return number
  }

  func ints(_ name: String, at place: Int? = nil) throws(LayerFault) -> [Int]? {
    guard let value = try setting(name, at: place) else { return nil }
    let list = LayerReading.list(value) ?? [value]
    let numbers = list.compactMap(LayerReading.size)
    guard numbers.count == list.count else {
      throw .bad("\(name) is \(value.shown), not whole numbers")
    }
    return numbers
  }

  func float(_ name: String, at place: Int? = nil, default standard: Float) throws(LayerFault)
    -> Float
  {
    guard let value = try setting(name, at: place) else { return standard }
    guard let number = value.doubleValue else {
      throw .bad("\(name) is \(value.shown), not a number")
    }
    return Float(number)
  }

  func flag(_ name: String, at place: Int? = nil, default standard: Bool) throws(LayerFault) -> Bool
  {
    try setting(name, at: place)?.boolValue ?? standard
  }

  /// The tensor given as `name` or at `place`.
  func input(_ name: String, at place: Int) throws(LayerFault) -> Int {
    guard case .value(let index)? = bound(name, at: place) else {
      throw .unsupported("a call without a tensor for '\(name)'")
    }
    return index
  }

  /// The shape of one row of the tensor given as `name` or at `place`.
  func shape(_ name: String, at place: Int) throws(LayerFault) -> (index: Int, shape: [Int]) {
    let index = try input(name, at: place)
    return (index, call.inputs[index].shape)
  }

  /// A tensor or numbers; nil where neither is given.
  func operand(_ name: String, at place: Int) throws(LayerFault) -> Operand? {
    switch bound(name, at: place) {
    case .value(let index): return .input(index)
    case .constant(let value): return value.isNull ? nil : .constant(try ConstantArray(value))
    case .list, .dictionary: throw .unsupported("a list that holds tensors as '\(name)'")
    case nil:
      return try settings.value(name).map { value throws(LayerFault) in
        .constant(try ConstantArray(value))
      }
    }
  }

  /// The tensors of a list.
  func list(_ name: String, at place: Int) throws(LayerFault) -> [Int] {
    guard case .list(let members)? = bound(name, at: place) else {
      throw .unsupported("a call without a list of tensors for '\(name)'")
    }
    var places: [Int] = []
    for member in members {
      guard case .value(let index) = member else {
        throw .unsupported("numbers among the tensors of '\(name)'")
      }
      places.append(index)
    }
    return places
  }

  /// The dimensions of one row that `axis` names. Throws where it names none: then it is all of them,
  /// the batch too.
  func axes(_ name: String, at place: Int? = nil, rank: Int) throws(LayerFault) -> [Int] {
    guard let value = try setting(name, at: place) else {
      throw .unsupported("work along all dimensions, which mixes samples,")
    }
    return try Axes.places(value, rank: rank)
  }

  func axis(_ name: String, at place: Int? = nil, rank: Int, default standard: Int? = nil)
    throws(LayerFault) -> Int
  {
    guard let value = try setting(name, at: place) else {
      if let standard { return try Axes.place(standard, rank: rank) }
      throw .unsupported("work along all dimensions, which mixes samples,")
    }
    // TensorFlow writes lists of one.
    let list = LayerReading.list(value) ?? [value]
    guard list.count == 1, let axis = LayerReading.size(list[0]) else {
      throw .bad("\(name) is \(value.shown), not a dimension")
    }
    return try Axes.place(axis, rank: rank)
  }
}

extension OperationArguments.Operand {
  /// One row's shape, and where the numbers are.
  ///
  /// - Parameter rank: the dimensions of a row of the result. An array of full rank has 1 for the
  ///   batch; tensors of less rank would be set against the batch.
  func broadcast(_ call: Invocation, rank: Int) throws(LayerFault) -> Broadcast.Operand {
    switch self {
    case .input(let index):
      let shape = call.inputs[index].shape
      guard shape.count == rank else {
        throw .unsupported("an operation between tensors of different ranks, which mixes samples,")
      }
      return Broadcast.Operand(shape: shape)
    case .constant(let array):
      guard array.shape.count <= rank + 1,
        array.shape.count <= rank || array.shape[0] == 1
      else {
        throw .unsupported(
          "an array of the shape \(Signal.text(array.shape)) set against the batch")
      }
      return Broadcast.Operand(shape: Array(array.shape.suffix(rank)), isConstant: true)
    }
  }

  func pointer(_ frame: Frame) -> UnsafeMutablePointer<Float> {
    switch self {
    case .input(let index): frame.input(index)
    case .constant(let array): array.values
    }
  }
}

extension [OperationArguments.Operand] {
  /// The dimensions of one row of what is made of these operands.
  func rank(_ call: Invocation) -> Int {
    reduce(0) { most, operand in
      switch operand {
      case .input(let index): Swift.max(most, call.inputs[index].rank)
      case .constant(let array): Swift.max(most, array.shape.count - 1)
      }
    }
  }
}
