import Documents
import Files
import Tensors

/// The values of a tensor, or of some rows of one.
public struct TensorBytes: Sendable {
  public let type: ElementType
  /// The tensor's own shape; `[rows, columns]` for a range of rows, `[elements]` for a range of a
  /// vector.
  public let shape: [Int]
  /// `shape` elements in row-major order, decoded as they are read.
  public let source: any ByteSource
}

extension PackedFile {
  /// All that the file spends on the elements of the entry at `index`: its section, or its share of
  /// its pool's, and the tables that its encoding keeps in the directory.
  public func codedBytes(of index: Int) -> Int {
    let entry = entries[index]
    guard entry.encoding == .pooled, let place = pools.places[index] else {
      return entry.storedBytes + entry.parameters.count
    }
    let pool = entries[place.pool]
    return Pooling.share(
      of: pool.storedBytes + pool.parameters.count, for: place.bytes, of: pool.decodedBytes)
  }

  /// The values of the tensor called `name`, or of the `rows` given. Columns are the last axis and
  /// rows the product of the others; a vector has a row for every element.
  ///
  /// Reads the blocks that the rows touch and nothing else. Throws `CSRMError` where there is no
  /// such tensor, no such rows, or an encoding that this version does not know.
  public func tensorBytes(_ name: String, rows: Range<Int>? = nil) throws -> TensorBytes {
    guard
      let index = tensorPlaces[name]
    else { throw CSRMError.noSuchTensor(file: self.name, name: name.printable()) }
    let entry = entries[index]
    let source = try source(of: index)
    guard let rows else { return TensorBytes(type: entry.type, shape: entry.shape, source: source) }
    guard rows.lowerBound >= 0, rows.upperBound <= entry.rows else {
      throw CSRMError.rowsOutside(
        file: self.name, tensor: name.printable(), rows: rows, count: entry.rows)
    }
    // A tensor without elements may have columns without bound.
    guard !rows.isEmpty else {
      return TensorBytes(
        type: entry.type, shape: entry.shape.count > 1 ? [0, entry.columns] : [0],
        source: MemoryBytes([]))
    }
    let size = entry.columns * entry.element.size
    return TensorBytes(
      type: entry.type, shape: entry.shape.count > 1 ? [rows.count, entry.columns] : [rows.count],
      source: ByteSlice(source, rows.lowerBound * size..<rows.upperBound * size))
  }
}
