import Files

extension OutputPlan {
  /// The line that says that `--skip-existing` passes over `file`; nil where it is to be worked on.
  func skipped(_ file: String) -> String? {
    guard skipsExisting, let path = earlyPath(for: file), FileIdentity(path) != nil else {
      return nil
    }
    Console.note("\(Inputs.shown(file)): skipped, \(path) exists")
    return ""
  }
}
