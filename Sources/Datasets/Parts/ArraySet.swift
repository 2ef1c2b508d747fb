import Documents

/// Arrays that belong together, row by row: inputs and, where there are any, labels.
struct ArraySet: Sendable {
  enum Role: String, Sendable { case train, test, whole }

  struct Member: Sendable {
    /// The model's input or output that the user named.
    let place: String?
    let array: StoredArray
  }

  let role: Role
  let inputs: [Member]
  let targets: [Member]
  /// What rows weigh in a loss; nil where all weigh 1.
  var weights: Member?

  var file: String { inputs[0].array.file }
  var count: Int { inputs[0].array.rows }

  /// Throws where an array is empty or no rows, or where numbers of rows differ.
  func check() throws(DataError) {
    let weights = weights.map { [$0] } ?? []
    for member in inputs + targets + weights { try member.array.checkRows() }
    for other in inputs.dropFirst() + targets + weights
    where other.array.rows != count {
      throw .mismatch(
        file: other.array.file,
        what:
          "'\(other.array.name.printable())' has \(other.array.rows) rows and '\(inputs[0].array.name.printable())' has \(count)",
        advice: "They must belong together row by row.")
    }
  }
}
