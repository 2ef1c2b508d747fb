import Reports

/// Figures to files; `-` is standard output.
enum Plots {
  /// Throws where there can be no figure at `path`: told before the work, not after it.
  static func check(_ path: String?) throws {
    if let path, path != "-" { try SideFile.figure.check(path) }
  }

  static func write(_ figure: Figure, to path: String) throws {
    if path == "-" { return Console.print(figure.svg) }
    try SideFile.figure.write(figure.svg, to: path)
  }
}
