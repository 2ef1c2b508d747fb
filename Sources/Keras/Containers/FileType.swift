import CSRM
import Files
import HDF5
import Zip

/// What a file is, told from its bytes and never from its name (keras-files.md, section 1).
enum FileType: Equatable {
  case hdf5, zip, packed
  /// Something that is no container of tensors: what it is, and what to do about it.
  case other(what: String, advice: String)

  init(of source: any ByteSource) throws {
    let signature = HDF5.signatureOffset(in: source)
    if PackedFile.recognises(source) {
      self = .packed
    } else if signature == 0 {
      self = .hdf5
    } else if try ZipArchive.recognises(source) {
      // Before HDF5 behind a block of the user's: a member that is HDF5 may happen to lie where that
      // would.
      self = .zip
    } else if signature != nil {
      self = .hdf5
    } else {
      self = try Self.stranger(source)
    }
  }

  private static func stranger(_ source: any ByteSource) throws -> FileType {
    let start = try source.withBytes(0..<min(512, source.count)) { [UInt8]($0) }
    let text = String(decoding: start, as: UTF8.self)
    let trimmed = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    func begins(_ bytes: [UInt8]) -> Bool { start.starts(with: bytes) }
    if start.isEmpty { return .other(what: "is empty (0 bytes)", advice: "Get it again.") }
    if text.hasPrefix("version https://git-lfs") {
      return .other(
        what: "is a Git LFS pointer, not the file itself", advice: "Fetch it with: git lfs pull")
    }
    if trimmed.prefix(9).lowercased() == "<!doctype" || trimmed.prefix(5).lowercased() == "<html" {
      return .other(
        what: "is an HTML page, probably an error message of the server it came from",
        advice: "Download the file again.")
    }
    if begins([0x1F, 0x8B]) {
      return .other(what: "is compressed with gzip", advice: "Unpack it with: gunzip")
    }
    if begins([0x28, 0xB5, 0x2F, 0xFD]) {
      return .other(what: "is compressed with zstd", advice: "Unpack it first.")
    }
    if begins([0xFD, 0x37, 0x7A, 0x58, 0x5A]) {
      return .other(what: "is compressed with xz", advice: "Unpack it with: unxz")
    }
    if begins([0x80]), start.count > 1, (2...5).contains(start[1]) {
      return .other(
        what: "is a Python pickle", advice: "Save the model from Keras as .keras or .h5.")
    }
    if isSafetensors(start, count: source.count) {
      return .other(
        what: "is a safetensors file", advice: "Save the model from Keras as .keras or .h5.")
    }
    if trimmed.hasPrefix("{") || trimmed.hasPrefix("[") {
      return .other(
        what: "is JSON text",
        advice: "If it is a model's architecture, name it with --config-from beside the weights.")
    }
    return .other(what: "begins with nothing that is known", advice: "Check where it comes from.")
  }

  /// The length of a JSON header in 8 bytes, and its brace.
  private static func isSafetensors(_ start: [UInt8], count: Int) -> Bool {
    guard start.count > 9, start[8] == UInt8(ascii: "{") else { return false }
    let length = start[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return length <= UInt64(max(0, count - 8))
  }
}
