import Files
import Tensors

/// The format of the MNIST files (yann.lecun.com/exdb/mnist): two zero bytes, a type, a rank, the
/// lengths of the axes in four bytes each, and the values; all of it big-endian.
enum IDX: DataReader {
  private static let types: [UInt8: ElementType] = [
    0x08: ElementType(.uint8), 0x09: ElementType(.int8),
    0x0B: ElementType(.int16, bigEndian: true), 0x0C: ElementType(.int32, bigEndian: true),
    0x0D: ElementType(.float32, bigEndian: true), 0x0E: ElementType(.float64, bigEndian: true),
  ]

  static func recognises(_ source: any ByteSource) throws -> Bool {
    let start = try source.prefix(4)
    return start.count == 4 && start[0] == 0 && start[1] == 0 && types[start[2]] != nil
      && (1...32).contains(start[3])
  }

  static func read(
    _ source: any ByteSource, file: String, options: DataOptions
  ) throws -> DataContents {
    let start = try source.prefix(4)
    guard start.count == 4, let type = types[start[2]] else {
      throw DataError.damaged(file: file, what: "has no IDX header")
    }
    let data = 4 + 4 * Int(start[3])
    guard source.count >= data else {
      throw DataError.damaged(file: file, what: "is cut off inside its IDX header")
    }
    let lengths = try source.withBytes(4..<data) { bytes in
      stride(from: 0, to: bytes.count, by: 4).map { at in
        (0..<4).reduce(0) { $0 << 8 | Int(bytes[at + $1]) }
      }
    }
    let size = (lengths + [type.size]).checkedProduct
    let present = source.count - data
    guard let size, size <= present else {
      throw DataError.damaged(
        file: file,
        what:
          "is cut off: its header declares \(shapeText(lengths)) \(type), and \(present) bytes follow"
      )
    }
    guard size == present else {
      throw DataError.damaged(
        file: file,
        what:
          "holds \(present - size) bytes more than the \(shapeText(lengths)) \(type) of its header")
    }
    let values = ByteSlice(source, data..<data + size)
    return DataContents(
      format: .idx,
      arrays: .single(
        StoredArray(
          file: file, name: fileName(file), shape: lengths,
          values: .numbers(values, type))))
  }

  /// The name that the labels of these images go by: `…labels-idx1…` beside `…images-idx3…`, or with
  /// dots instead of hyphens.
  static func labelsPath(beside images: String) -> String? {
    for separator in ["-", "."] {
      guard let word = images.ranges(of: "images\(separator)idx").last else { continue }
      let rank = word.upperBound
      guard rank < images.endIndex, images[rank].isNumber else { continue }
      return images[..<word.lowerBound] + "labels\(separator)idx1"
        + images[images.index(after: rank)...]
    }
    return nil
  }
}

/// What comes after the last slash.
func fileName(_ path: String) -> String {
  path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
}
