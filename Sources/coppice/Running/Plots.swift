import Files
import Reports

/// Figures to files; `-` is standard output.
enum Plots {
  static func write(_ figure: Figure, to path: String) throws {
    if path == "-" { return Console.print(figure.svg) }
    let output = try OutputFile(path: path, replacing: true)
    try output.write(Array(figure.svg.utf8))
    try output.commit()
  }
}
