import Files

/// A file that is written beside the outputs. An earlier one of its kind is replaced without a word,
/// anything else never.
enum SideFile: String {
  case report
  case figure

  /// Throws where there can be none at `path`, or something else is there: told before the work, not
  /// after it.
  func check(_ path: String) throws {
    try OutputFile.check(path, replacing: true)
    try checkWhatIsThere(path)
  }

  /// Throws where something else came to be at `path` since: an output of this very run, say.
  func write(_ text: String, to path: String) throws {
    try checkWhatIsThere(path)
    let output = try OutputFile(path: path, replacing: true)
    try output.write(Array(text.utf8))
    try output.commit()
  }

  private func checkWhatIsThere(_ path: String) throws {
    guard FileIdentity(path) != nil else { return }
    let file = try MappedFile(path: path)
    let head = try file.withBytes(0..<min(file.count, 64)) { String(decoding: $0, as: UTF8.self) }
    guard head.isEmpty || recognises(head) else {
      throw FileError.cannotCreate(
        path: path, reason: "something else than an earlier \(rawValue) is there")
    }
  }

  private func recognises(_ head: String) -> Bool {
    switch self {
    // The schema comes first. A sweep's plan and points are no reports: hours may be in them.
    case .report:
      head.hasPrefix("{") && head.contains("\"coppice.") && !head.contains("\"coppice.sweep-p")
    case .figure: head.hasPrefix("<svg")
    }
  }
}
