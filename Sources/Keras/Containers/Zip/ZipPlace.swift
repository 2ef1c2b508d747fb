import Documents

/// Where in which archive something is wrong: what the archive's errors need to say it.
struct ZipPlace: Sendable {
  let path: String
  /// The member; nil for the archive as a whole.
  var member: Name?

  private var who: String { member.map { "member '\($0.printable)'" } ?? "the zip archive" }

  func damaged(_ what: String) -> KerasError { .damaged(path: path, what: "\(who) \(what)") }

  func unsafe(_ what: String) -> KerasError { .unsafe(path: path, what: "\(who) \(what)") }

  func unsupported(_ what: String, advice: String) -> KerasError {
    .unsupported(path: path, what: "\(who) \(what)", advice: advice)
  }
}
