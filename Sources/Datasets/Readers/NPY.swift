import Files
import Tensors

/// One array as NumPy stores it (numpy.lib.format, versions 1 to 3).
enum NPY: DataReader {
  static func recognises(_ source: any ByteSource) throws -> Bool {
    try source.prefix(6) == NPYHeader.magic
  }

  static func read(
    _ source: any ByteSource, file: String, options: DataOptions
  ) throws -> DataContents {
    let header: NPYHeader
    do {
      header = try NPYHeader(source.prefix(NPYHeader.longest), name: "the array")
    } catch let failure as NPYHeader.Failure {
      throw failure.error(file)
    }
    let size = try header.checkedSize(present: source.count, file: file, name: "the array")
    let values = ByteSlice(source, header.dataStart..<header.dataStart + size)
    var contents = DataContents(
      format: .npy, arrays: .single(header.array(values, file: file, name: fileName(file))))
    let rest = source.count - header.dataStart - size
    if rest > 0 { contents.notes.append("\(rest) bytes after the array were left alone") }
    return contents
  }
}

extension NPYHeader {
  /// The bytes that the values take. Throws where they are not all there: of a file of `present`
  /// bytes, header included.
  func checkedSize(present: Int, file: String, name: String) throws(DataError) -> Int {
    let size = (shape + [elementSize]).checkedProduct
    guard let size, size <= present - dataStart else {
      throw .damaged(
        file: file,
        what:
          "is cut off: \(name) declares \(shapeText(shape)) \(typeText), and \(max(0, present - dataStart)) bytes follow its header"
      )
    }
    return size
  }

  /// The array whose values are `stored`, `checkedSize` bytes of them.
  func array(_ stored: any ByteSource, file: String, name: String) -> StoredArray {
    func rowMajor() -> any ByteSource {
      isFortranOrder
        ? FortranOrder.rowMajor(stored, shape: shape, elementSize: elementSize, file: file) : stored
    }
    let values: StoredArray.Values =
      switch content {
      case .numbers(let type): .numbers(rowMajor(), type)
      case .strings(let coding): .strings(rowMajor(), coding)
      case .unsupported(let what): .unreadable(reason: what)
      }
    return StoredArray(file: file, name: name, shape: shape, values: values)
  }
}
