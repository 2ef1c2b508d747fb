/// What a file makes use of that a reader of the first version does not know: the bits of required
/// features in its header (csrm(5), HEADER).
struct Features: OptionSet, Sendable {
  let rawValue: UInt32

  /// Documents end with the marks of their names.
  static let nameMarks = Features(rawValue: 1 << 0)

  /// Those that this version reads.
  static let known: Features = [.nameMarks]
}
