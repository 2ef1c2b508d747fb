import Documents
import Files

/// Labels that are words: the classes are the words in the order of their bytes (which is that of
/// their code points, and of NumPy's `unique`), counted from 0.
struct ClassNames: Sendable {
  let names: [String]
  /// Class numbers of every array, in its order.
  let numbers: [[Int32]]

  /// The words of arrays of strings, taken together: a word is one class in all of them.
  init(_ arrays: [StoredArray]) throws(DataError) {
    var known: [[UInt8]: Int32] = [:]
    var met: [[Int32]] = []
    for array in arrays {
      try array.checkRows()
      guard case .strings(let source, let coding) = array.values else {
        throw .mismatch(
          file: array.file,
          what: "labels are words in one part and numbers in another ('\(array.name.printable())')",
          advice: "Store them alike.")
      }
      var numbers: [Int32] = []
      try DataError.reading(array.file) {
        try coding.forEach(source) { word in
          let next = Int32(known.count)
          numbers.append(known[word] ?? next)
          if known[word] == nil { known[word] = next }
        }
      }
      guard numbers.count == array.shape.checkedProduct else {
        throw .damaged(
          file: array.file,
          what:
            "'\(array.name.printable())' holds \(numbers.count) strings for its shape \(shapeText(array.shape))"
        )
      }
      met.append(numbers)
    }
    let sorted = known.keys.sorted { $0.lexicographicallyPrecedes($1) }
    var places = [Int32](repeating: 0, count: sorted.count)
    for (place, word) in sorted.enumerated() {
      if let number = known[word] { places[Int(number)] = Int32(place) }
    }
    names = sorted.map { String(decoding: $0, as: UTF8.self) }
    numbers = met.map { $0.map { places[Int($0)] } }
  }
}
