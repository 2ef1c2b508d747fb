import Documents

/// Where in which archive something is wrong: what the archive's errors need to say it.
public struct ZipPlace: Sendable {
  let path: String
  /// The member; nil for the archive as a whole.
  let member: Name?

  public init(path: String, member: Name? = nil) {
    self.path = path
    self.member = member
  }

  private var who: String { member.map { "member '\($0.printable)'" } ?? "the zip archive" }

  public func damaged(_ what: String) -> ZipError { .damaged(path: path, what: "\(who) \(what)") }

  public func unsafe(_ what: String) -> ZipError { .unsafe(path: path, what: "\(who) \(what)") }

  public func unsupported(_ what: String, advice: String) -> ZipError {
    .unsupported(path: path, what: "\(who) \(what)", advice: advice)
  }
}
