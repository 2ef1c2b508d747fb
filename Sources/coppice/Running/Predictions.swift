import Files
import Network
import Reports

/// The outputs of a model on their way to a file: `.npy` (one array of float32) or `.csv` (one line a
/// sample). Several outputs get a file each, their name before the ending: `out.price.npy`.
final class Predictions {
  enum Form {
    case npy, csv

    /// Nil where the ending says neither.
    init?(path: String) {
      if path.hasSuffix(".npy") {
        self = .npy
      } else if path.hasSuffix(".csv") {
        self = .csv
      } else {
        return nil
      }
    }
  }

  private let form: Form
  private let files: [OutputFile]
  private let counts: [Int]

  /// Throws a usage fault where the ending says neither, `FileError` where a file cannot be made.
  init(_ path: String, _ outputs: [Network.Port], rows: Int, replaces: Bool) throws {
    guard let form = Form(path: path) else {
      throw UsageFault("--predictions \(path): the ending says how: .npy or .csv")
    }
    self.form = form
    counts = outputs.map(\.count)
    let paths = outputs.map { outputs.count == 1 ? path : Self.path(path, $0.name) }
    for (index, one) in paths.enumerated() where paths[..<index].contains(one) {
      throw UsageFault(
        "--predictions \(path): two outputs would both be \(one): name a .csv or .npy of one output"
      )
    }
    var files: [OutputFile] = []
    for (output, path) in zip(outputs, paths) {
      let file = try OutputFile(path: path, replacing: replaces)
      let header =
        form == .npy
        ? try NumPyHeader.bytes(
          .float32, shape: [rows] + output.shape.map { $0 ?? 1 }, tensor: output.name)
        : Array(Self.csvHeader(output).utf8)
      try file.write(header)
      files.append(file)
    }
    self.files = files
  }

  private static func path(_ path: String, _ output: String) -> String {
    let name = String(output.map { $0 == "/" ? "_" : $0 })
    return "\(path.dropLast(4)).\(name)\(path.suffix(4))"
  }

  private static func csvHeader(_ output: Network.Port) -> String {
    let count = output.count
    return CSV(columns: count == 1 ? [output.name] : (0..<count).map { "\(output.name)_\($0)" })
      .text
  }

  func add(_ results: [UnsafeMutablePointer<Float>], rows: Int) throws {
    for (place, file) in files.enumerated() {
      let values = UnsafeBufferPointer(start: results[place], count: rows * counts[place])
      switch form {
      case .npy:
        #if _endian(little)
          try file.write(UnsafeRawBufferPointer(values))
        #else
          try file.write(
            values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
        #endif
      case .csv:
        var text = ""
        for row in 0..<rows {
          let line = values[row * counts[place]..<(row + 1) * counts[place]]
          text += line.map(\.description).joined(separator: ",") + "\n"
        }
        try file.write(Array(text.utf8))
      }
    }
  }

  /// Puts the files in their places.
  func commit() throws {
    for file in files { try file.commit() }
  }
}
