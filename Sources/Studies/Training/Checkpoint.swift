import Files
import JSON
import Tensors

/// A stored `RunState`: a line that says what it is, the length of a JSON text and that text, all
/// numbers and masks as little-endian words, and the SHA-256 of everything before it.
///
/// Written whole or not at all, so that a full disk or a pulled plug leaves the checkpoint before.
public enum Checkpoint {
  static let heading = Array("coppice checkpoint 1\n".utf8)
  private static let digestLength = 64

  /// Replaces what is at `path`. Throws `FileError`.
  public static func write(_ state: RunState, to path: String) throws {
    var bytes = heading
    let text = Array(state.json.text(.compact).utf8)
    append(&bytes, UInt64(text.count))
    bytes += text
    for list in [state.variables, state.optimizer, state.current?.best ?? []] {
      for values in list { values.withUnsafeBytes { bytes += $0 } }
    }
    for mask in state.masks { mask.words.withUnsafeBytes { bytes += $0 } }
    bytes += Array(try SHA256.hexadecimal(of: MemoryBytes(bytes)).utf8)
    let file = try OutputFile(path: path, replacing: true)
    try bytes.withUnsafeBytes { try file.write($0) }
    try file.commit()
  }

  /// Throws `FileError`, and `StudyError.notACheckpoint` for anything but a whole checkpoint.
  public static func read(_ path: String) throws -> RunState {
    let bytes = try MappedFile(path: path).bytes()
    let end = bytes.count - digestLength
    guard end >= heading.count + 8, bytes.starts(with: heading),
      Array(bytes[end...])
        == Array(try SHA256.hexadecimal(of: MemoryBytes(Array(bytes[..<end]))).utf8)
    else { throw StudyError.notACheckpoint(path: path) }
    var reader = Words(bytes: bytes, place: heading.count, end: end)
    guard let length = reader.count(), let text = reader.take(length),
      let json = try? JSON.parse(Array(text), options: .python),
      let state = RunState(json, &reader), reader.place == end
    else { throw StudyError.notACheckpoint(path: path) }
    return state
  }

  private static func append(_ bytes: inout [UInt8], _ word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
  }

  /// The numbers after the text, one after the other; nil where there are not as many.
  struct Words {
    let bytes: [UInt8]
    var place: Int
    let end: Int

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard count >= 0, count <= end - place else { return nil }
      defer { place += count }
      return bytes[place..<place + count]
    }

    mutating func count() -> Int? {
      take(8).flatMap { Int(exactly: $0.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) }
    }

    private mutating func numbers<Number>(_ count: Int, of size: Int, as type: Number.Type)
      -> [Number]?
    {
      guard count >= 0, count <= (end - place) / size, let slice = take(count * size) else {
        return nil
      }
      return slice.withUnsafeBytes { base in
        (0..<count).map { base.loadUnaligned(fromByteOffset: $0 * size, as: type) }
      }
    }

    mutating func floats(_ counts: [Int]) -> [[Float]]? {
      var lists: [[Float]] = []
      for count in counts {
        guard let values = numbers(count, of: 4, as: Float.self) else { return nil }
        lists.append(values)
      }
      return lists
    }

    mutating func mask(_ count: Int) -> Mask? {
      guard count >= 0, count / 64 <= end - place,
        let words = numbers((count + 63) / 64, of: 8, as: UInt64.self)
      else { return nil }
      var mask = Mask(count: count, keeping: false)
      let whole = Mask(count: count, keeping: true)
      guard zip(words, whole.words).allSatisfy({ $0 & ~$1 == 0 }) else { return nil }
      mask.words = words
      return mask
    }
  }
}
