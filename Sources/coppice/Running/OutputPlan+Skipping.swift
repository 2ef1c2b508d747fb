import Files

/// An output is there, and `--skip-existing` passes over it.
struct PassedOver: Error {
  let path: String
}

extension OutputPlan {
  /// Says that `--skip-existing` passes over `file`, where it does; nil where it is to be worked on.
  func skipped(_ file: String) -> String? {
    guard skipsExisting, let path = earlyPath(for: file), Self.isThere(path) else { return nil }
    return passedOver(file, path)
  }

  /// Says that `file` is passed over, since its output is there.
  func passedOver(_ file: String, _ path: String) -> String {
    Console.note("\(Inputs.shown(file)): skipped, \(path) exists")
    return ""
  }
}
