import CHDF5
import Documents

/// The filters of a dataset, run by our own code: several chunks at a time, and outside the
/// library's lock.
struct FilterPipeline: Sendable {
  let filters: [Dataset.Filter]

  enum Known {
    static let deflate = 1
    static let shuffle = 2
    static let fletcher32 = 3
    static let lzf = LZF.filter
  }

  /// Whether every filter is one that we have. With two that compress, the size between them is not
  /// known, and the library has to do it.
  var isOurs: Bool {
    let ours = [Known.deflate, Known.shuffle, Known.fletcher32, Known.lzf]
    return filters.count <= 32 && filters.allSatisfy { ours.contains($0.id) }
      && filters.count { compresses($0) } <= 1
  }

  /// The `size` bytes of a chunk out of its stored bytes. A set bit of `mask` says that the filter
  /// at this place was skipped.
  func decode(
    _ stored: UnsafeRawBufferPointer, mask: UInt32, size: Int
  ) throws(Trouble) -> [UInt8] {
    // What each filter got when the chunk was written; nil behind the one that compresses.
    var sizes: [Int?] = []
    var now: Int? = size
    for (index, filter) in filters.enumerated() {
      sizes.append(now)
      if mask >> UInt32(index) & 1 == 1 { continue }
      if compresses(filter) { now = nil }
      if filter.id == Known.fletcher32 { now = now.map { $0 + 4 } }
    }
    var bytes: [UInt8]?
    for (index, filter) in filters.enumerated().reversed() where mask >> UInt32(index) & 1 == 0 {
      let before = sizes[index] ?? size
      switch filter.id {
      case Known.fletcher32:
        bytes = Array(try Fletcher32.strip(bytes.map { $0[...] } ?? Array(stored)[...]))
      case Known.deflate:
        bytes = try with(bytes, stored) { (b) throws(Trouble) in try Deflate.decode(b, size: before)
        }
      case Known.lzf:
        bytes = try with(bytes, stored) { (b) throws(Trouble) in try LZF.decode(b, size: before) }
      case Known.shuffle:
        let width = filter.parameters.first.map(Int.init) ?? 1
        bytes = with(bytes, stored) { Shuffle.decode($0, elementSize: width) }
      default: throw .unsupported(FilterPipeline.describe(filter.id))
      }
    }
    let result = bytes ?? Array(stored)
    guard result.count == size else {
      throw .damaged("a chunk holds \(result.count) bytes instead of \(size)")
    }
    return result
  }

  /// A chunk as it is to be stored, and the mask of the filters that were skipped: where it would
  /// not become smaller, shuffle and the compression are left out.
  func encode(_ chunk: UnsafeRawBufferPointer) -> (bytes: [UInt8], mask: UInt32) {
    if let packed = encode(chunk, skipping: 0) { return (packed, 0) }
    var mask: UInt32 = 0
    for (index, filter) in filters.enumerated() where filter.id != Known.fletcher32 {
      mask |= 1 << UInt32(index)
    }
    return (encode(chunk, skipping: mask) ?? Array(chunk), mask)
  }

  private func encode(_ chunk: UnsafeRawBufferPointer, skipping mask: UInt32) -> [UInt8]? {
    var bytes: [UInt8]?
    for (index, filter) in filters.enumerated() where mask >> UInt32(index) & 1 == 0 {
      switch filter.id {
      case Known.fletcher32:
        var summed = bytes ?? Array(chunk)
        let sum = summed.withUnsafeBytes(Fletcher32.checksum)
        withUnsafeBytes(of: sum.littleEndian) { summed.append(contentsOf: $0) }
        bytes = summed
      case Known.shuffle:
        let width = filter.parameters.first.map(Int.init) ?? 1
        bytes = with(bytes, chunk) { Shuffle.encode($0, elementSize: width) }
      case Known.deflate:
        let level = filter.parameters.first.map(Int.init) ?? 6
        guard let packed = with(bytes, chunk, { Deflate.encode($0, level: level) }) else {
          return nil
        }
        bytes = packed
      case Known.lzf:
        guard let packed = with(bytes, chunk, { LZF.encode($0) }) else { return nil }
        bytes = packed
      default: return nil
      }
    }
    return bytes ?? Array(chunk)
  }

  private func compresses(_ filter: Dataset.Filter) -> Bool {
    filter.id == Known.deflate || filter.id == Known.lzf
  }

  private func with<Result, Failure: Error>(
    _ bytes: [UInt8]?, _ first: UnsafeRawBufferPointer,
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let bytes else { return try body(first) }
    return try bytes.span.withUnsafeBytes(body)
  }

  /// `filter 32015 (zstd)`.
  static func describe(_ id: Int) -> String {
    let names = [
      1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scale-offset",
      305: "lzo", 307: "bzip2", 32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle",
      32013: "zfp", 32015: "zstd", 32017: "sz", 32018: "fcidecomp", 32019: "jpeg",
      32022: "bitgroom",
      32026: "blosc2",
    ]
    return "filter \(id)\(names[id].map { " (\($0))" } ?? "")"
  }
}
