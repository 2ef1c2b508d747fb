import Files

/// Files that people have instead of data that can be read.
enum Stranger {
  /// By their first bytes.
  private static let signatures: [(start: [UInt8], what: String, advice: String)] = [
    ([0x1F, 0x8B], "is compressed with gzip twice", "Unpack it first."),
    (Array("BZh".utf8), "is compressed with bzip2", "Unpack it with: bunzip2"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "is compressed with xz", "Unpack it with: unxz"),
    ([0x28, 0xB5, 0x2F, 0xFD], "is compressed with zstd", "Unpack it first."),
    (Array("MATLAB 5.0 MAT".utf8), "is a MATLAB file of version 5", "Save it with: save -v7.3"),
    (Array("PAR1".utf8), "is a Parquet file", "Save it as .npz or CSV."),
    (Array("ARROW1".utf8), "is an Arrow file", "Save it as .npz or CSV."),
    (Array("SQLite format".utf8), "is an SQLite database", "Export the table as CSV."),
    ([0x89, 0x50, 0x4E, 0x47], "is a PNG image", "Put the images into one .npz or HDF5 file."),
    ([0xFF, 0xD8, 0xFF], "is a JPEG image", "Put the images into one .npz or HDF5 file."),
    ([0xFF, 0xFE], "is text in UTF-16", "Save it in UTF-8."),
    ([0xFE, 0xFF], "is text in UTF-16", "Save it in UTF-8."),
    (
      Array("version https://git-lfs".utf8), "is a Git LFS pointer, not the file itself",
      "Fetch it with: git lfs pull"
    ),
    (Array("CSRM".utf8), "is a packed model", "Give it as the model, and data with --data."),
  ]

  static func error(_ source: any ByteSource, file: String) throws -> DataError {
    let start = try source.prefix(512)
    func known(_ what: String, _ advice: String) -> DataError {
      .unknownFormat(file: file, what: what, advice: advice)
    }
    if start.isEmpty { return known("is empty (0 bytes)", "Get it again.") }
    for stranger in signatures where start.starts(with: stranger.start) {
      return known(stranger.what, stranger.advice)
    }
    if start.count > 262, start[257..<262].elementsEqual("ustar".utf8) {
      return known("is a tar archive", "Unpack it and name the file with the data.")
    }
    if start[0] == 0x80, start.count > 1, (2...5).contains(start[1]) {
      return known("is a Python pickle", "Save the arrays with numpy.savez.")
    }
    let text = String(decoding: start, as: UTF8.self).drop { $0.isWhitespace }
    if text.prefix(9).lowercased() == "<!doctype" || text.prefix(5).lowercased() == "<html" {
      return known("is an HTML page, probably of the server it came from", "Download it again.")
    }
    if text.hasPrefix("{") || text.hasPrefix("[") {
      return known("is JSON text", "Save the data as .npz or CSV.")
    }
    return known("begins with nothing that is known", "Check where it comes from.")
  }

  /// Whether a file that could be text is one of these.
  static func isKnown(_ start: [UInt8]) -> Bool {
    signatures.contains { start.starts(with: $0.start) } || start.first == UInt8(ascii: "{")
      || start.first == UInt8(ascii: "[") || start.first == UInt8(ascii: "<")
  }
}
