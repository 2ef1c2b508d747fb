import Documents
import Files
import Tensors

/// An array of a data file where it lies: rows of items, row-major.
struct StoredArray: Sendable {
  enum Values: Sendable {
    /// `count × element size` bytes. Where rows lie in chunks that are decoded as a whole, `slab` is
    /// how many bytes that are at a time: rows out of order are expensive.
    case numbers(any ByteSource, ElementType, slab: Int? = nil)
    case strings(any ByteSource, StringCoding)
    /// Nothing that can be computed with; `reason` names the type or filter.
    case unreadable(reason: String)
  }

  let file: String
  let name: String
  /// `[rows, …]`; empty for a single value.
  let shape: [Int]
  let values: Values

  var rows: Int { shape.first ?? 0 }
  var itemShape: [Int] { Array(shape.dropFirst()) }

  var isNumeric: Bool { if case .numbers = values { true } else { false } }

  /// `x_train, 60000 × 28 × 28 uint8`.
  var summary: String {
    let type =
      switch values {
      case .numbers(_, let type, _): type.description
      case .strings: "strings"
      case .unreadable: "unreadable"
      }
    return "'\(name.printable())', \(shapeText(shape)) \(type)"
  }

  /// Throws where the array cannot be rows of anything.
  func checkRows() throws(DataError) {
    guard !shape.isEmpty else {
      throw .mismatch(
        file: file, what: "'\(name.printable())' is a single value (rank 0), not rows of items",
        advice: "Name the right array with --x or --y.")
    }
    guard rows > 0, !itemShape.contains(0) else {
      throw .mismatch(
        file: file, what: "'\(name.printable())' is empty (shape \(shapeText(shape)))",
        advice: "Check how it was made.")
    }
  }

  /// The values as numbers, for an input.
  func numbers() throws(DataError) -> NumberRows {
    try checkRows()
    switch values {
    case .numbers(let source, let type, let slab):
      return NumberRows(self, source, type, slab: slab)
    case .strings:
      throw .unsupported(
        file: file, what: "'\(name.printable())' holds strings, which no input takes",
        advice: "Encode them as numbers first.")
    case .unreadable(let reason):
      throw .unsupported(
        file: file, what: "'\(name.printable())' cannot be read: \(reason)",
        advice: "Store it as float32 or as integers.")
    }
  }
}
