import JSON
import Keras

/// Numbers that stand in a configuration, as floats.
final class ConstantArray {
  let shape: [Int]
  let count: Int
  /// `count` floats, aligned to 64 bytes.
  let values: UnsafeMutablePointer<Float>

  /// Zeros.
  init(shape: [Int]) {
    self.shape = shape
    count = shape.reduce(1, *)
    values = Floats.allocate(count)
  }

  /// What `parameter` holds now.
  convenience init(_ parameter: Parameter) {
    self.init(shape: parameter.shape)
    values.update(from: parameter.values, count: count)
  }

  /// A number, lists of numbers in one another, or a tensor as Keras 3 writes it
  /// (`{"class_name": "__numpy__", "config": {"value": …}}`). Throws where it is none of these, or
  /// lists of one depth have different lengths.
  convenience init(_ value: JSON.Value) throws(LayerFault) {
    var value = value
    if let inner = value["config"]?["value"], value["class_name"] != nil { value = inner }
    var shape: [Int] = []
    var level = value
    while let list = LayerReading.list(level) {
      shape.append(list.count)
      guard let first = list.first else { break }
      level = first
    }
    var numbers: [Float] = []
    try Self.read(value, shape[...], into: &numbers, whole: value)
    self.init(shape: shape)
    for (i, number) in numbers.enumerated() { values[i] = number }
  }

  deinit { values.deallocate() }

  /// This array under another shape of as many elements.
  func reshaped(_ shape: [Int]) -> ConstantArray {
    let copy = ConstantArray(shape: shape)
    precondition(copy.count == count, "another shape has as many elements")
    copy.values.update(from: values, count: count)
    return copy
  }

  private static func read(
    _ value: JSON.Value, _ shape: ArraySlice<Int>, into numbers: inout [Float], whole: JSON.Value
  ) throws(LayerFault) {
    guard let size = shape.first else {
      guard let number = number(value) else {
        throw .bad("\(whole.shown) is no array of numbers")
      }
      numbers.append(number)
      return
    }
    guard let list = LayerReading.list(value), list.count == size else {
      throw .bad("\(whole.shown) is no array of numbers")
    }
    for member in list { try read(member, shape.dropFirst(), into: &numbers, whole: whole) }
  }

  private static func number(_ value: JSON.Value) -> Float? {
    if let number = value.doubleValue { return Float(number) }
    if let flag = value.boolValue { return flag ? 1 : 0 }
    switch value.stringValue {
    // As some writers spell what JSON has no numbers for.
    case "inf", "Infinity": return .infinity
    case "-inf", "-Infinity": return -.infinity
    case "nan", "NaN": return .nan
    default: return nil
    }
  }
}
