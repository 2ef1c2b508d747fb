import Files
import Reports

/// Figures to files; `-` is standard output.
enum Plots {
  /// Throws where there can be no figure at `path`: told before the work, not after it.
  static func check(_ path: String?) throws {
    if let path, path != "-" { try SideFile.check(path, beginning: "<svg", kind: "figure") }
  }

  static func write(_ figure: Figure, to path: String) throws {
    if path == "-" { return Console.print(figure.svg) }
    let output = try OutputFile(path: path, replacing: true)
    try output.write(Array(figure.svg.utf8))
    try output.commit()
  }
}
