/// Whether the labels of a table are numbers or words, told as they come.
///
/// They are one or the other: a stray word among numbers would make words of all, and classes of another
/// order (`10` sorts before `2`). `nan` and `inf` are what the others are.
struct LabelKinds {
  private enum Kind { case number, word }
  private var kind: Kind?

  /// Whether all labels so far can be read as numbers.
  private(set) var areNumbers = true

  /// Takes in the label in `range` of a line's bytes; gives what is wrong with it, as the end of a sentence,
  /// or nil.
  mutating func add(_ bytes: [UInt8], _ range: Range<Int>) -> String? {
    let isNumber = DecimalNumber.value(of: bytes, range) != nil
    let label = bytes[range]
    if !isNumber, String(validating: label, as: UTF8.self) == nil { return "not UTF-8 text" }
    let own: Kind? = !isNumber ? .word : label.contains { 0x30...0x39 ~= $0 } ? .number : nil
    if let own, let kind, own != kind {
      return own == .word ? "no number, as those before it are" : "a number, and those before it are words"
    }
    kind = kind ?? own
    if !isNumber { areNumbers = false }
    return nil
  }
}
