/// The columns that `inspect --sort` knows, named as in the JSON. Numbers sort with the largest
/// first, words alphabetically with the numbers in them by value (`conv2d_2` before `conv2d_10`),
/// rows that have nothing there last. What is equal keeps the order of the model.
public enum InspectColumn: String, CaseIterable, Sendable {
  case name, layer
  case layerClass = "class"
  case role, dtype, count, zeros, sparsity
  case minimum = "min"
  case maximum = "max"
  case mean
  case standardDeviation = "std"
  case absoluteMean = "abs_mean"
  case nan, inf, bytes
  case storedBytes = "stored_bytes"
  case storedAs = "stored_as"
  case encoding
  case bitsPerWeight = "bits_per_weight"
  case bitsPerNonzero = "bits_per_nonzero"
  case ratioToLimit = "ratio_to_limit"

  enum Key {
    case word(String)
    case number(Double)
    case nothing
  }

  func key(of tensor: TensorFacts) -> Key {
    switch self {
    case .name: .word(tensor.name)
    case .layer: Key(tensor.layer)
    case .layerClass: Key(tensor.layerClass)
    case .role: .word(tensor.role)
    case .dtype: .word(tensor.dtype)
    case .count: Key(tensor.count)
    case .zeros: Key(tensor.zeros)
    case .sparsity: Key(tensor.sparsity)
    case .minimum: Key(tensor.minimum)
    case .maximum: Key(tensor.maximum)
    case .mean: Key(tensor.mean)
    case .standardDeviation: Key(tensor.standardDeviation)
    case .absoluteMean: Key(tensor.absoluteMean)
    case .nan: Key(tensor.nan)
    case .inf: Key(tensor.inf)
    case .bytes: Key(tensor.bytes)
    case .storedBytes: Key(tensor.storedBytes)
    case .storedAs: .word(tensor.storedAs)
    case .encoding: Key(tensor.encoding?.name)
    case .bitsPerWeight: Key(tensor.encoding?.bitsPerWeight(count: tensor.count))
    case .bitsPerNonzero: Key(tensor.encoding?.bitsPerNonzero)
    case .ratioToLimit: Key(tensor.encoding?.ratioToLimit)
    }
  }

  /// A column that layers do not have leaves them in the order of the model.
  func key(of layer: LayerFacts) -> Key {
    switch self {
    case .name, .layer: Key(layer.layer)
    case .layerClass: Key(layer.layerClass)
    case .count: Key(layer.count)
    case .zeros: Key(layer.zeros)
    case .sparsity: Key(layer.sparsity)
    case .bytes: Key(layer.bytes)
    case .storedBytes: Key(layer.storedBytes)
    default: .nothing
    }
  }

  func sorted<Row>(_ rows: [Row], key: (Row) -> Key) -> [Row] {
    let keyed = rows.enumerated().map { (place: $0.offset, key: key($0.element), row: $0.element) }
    return keyed.sorted { a, b in
      if a.key.precedes(b.key) { return true }
      if b.key.precedes(a.key) { return false }
      return a.place < b.place
    }.map(\.row)
  }
}

extension InspectColumn.Key {
  init(_ word: String?) { self = word.map(Self.word) ?? .nothing }
  init(_ count: Int) { self = .number(Double(count)) }
  init(_ value: Double?) {
    guard let value, !value.isNaN else {
      self = .nothing
      return
    }
    self = .number(value)
  }

  func precedes(_ other: Self) -> Bool {
    switch (self, other) {
    case (.word(let a), .word(let b)): naturallyPrecedes(a, b)
    case (.number(let a), .number(let b)): a > b
    case (.nothing, _): false
    case (_, .nothing): true
    default: false
    }
  }
}

/// Alphabetical by bytes, but runs of digits compare as numbers.
func naturallyPrecedes(_ a: String, _ b: String) -> Bool {
  func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  var left = a.utf8[...]
  var right = b.utf8[...]
  while let x = left.first, let y = right.first {
    guard isDigit(x), isDigit(y) else {
      if x != y { return x < y }
      left = left.dropFirst()
      right = right.dropFirst()
      continue
    }
    let m = left.prefix(while: isDigit).drop { $0 == UInt8(ascii: "0") }
    let n = right.prefix(while: isDigit).drop { $0 == UInt8(ascii: "0") }
    if m.count != n.count { return m.count < n.count }
    if !m.elementsEqual(n) { return m.lexicographicallyPrecedes(n) }
    left = left.drop(while: isDigit)
    right = right.drop(while: isDigit)
  }
  if left.isEmpty != right.isEmpty { return left.isEmpty }
  // Only the leading zeros differ: `a01` and `a1`.
  return a.utf8.lexicographicallyPrecedes(b.utf8)
}
