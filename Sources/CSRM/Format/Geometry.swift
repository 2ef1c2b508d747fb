import Tensors

/// A tensor as the encodings see it: words in rows, cut into blocks.
///
/// Columns are the last axis and rows the product of the others. A vector has a row for every
/// element, so that it can be cut and taken in parts; a scalar is one row of one element.
struct Geometry: Hashable, Sendable {
  /// Bytes an element.
  let elementSize: Int
  /// Elements.
  let count: Int
  let rows: Int
  let columns: Int
  /// Elements in every block but the last, which may be shorter; 0 where there are no elements.
  let blockElements: Int

  /// Decoded bytes that a block of an encoding other than raw and constant takes at most: what a
  /// reader must be ready to hold.
  static let greatestBlock = 1 << 27

  /// The number of elements of a shape, or nil where it passes 2^40 or a dimension is negative.
  static func count(of shape: [Int]) -> Int? {
    var product = 1
    // A zero anywhere makes it zero, however large the others are.
    if shape.contains(0) { return shape.contains { $0 < 0 } ? nil : 0 }
    for dimension in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      if overflow || dimension < 0 || next > 1 << 40 { return nil }
      product = next
    }
    return product
  }

  /// `shape` makes `count` elements.
  static func rowsAndColumns(of shape: [Int], count: Int) -> (rows: Int, columns: Int) {
    guard shape.count >= 2, let columns = shape.last else { return (count, 1) }
    return (columns == 0 ? 0 : count / columns, columns)
  }

  init(elementSize: Int, shape: [Int], count: Int, blockElements: Int) {
    self.elementSize = elementSize
    self.count = count
    (rows, columns) = Geometry.rowsAndColumns(of: shape, count: count)
    self.blockElements = blockElements
  }

  /// The writer's own choice of blocks: whole rows, about 2^20 elements and 8 MiB, however many
  /// threads there are. Rows of more than 2^22 elements are cut.
  init(elementSize: Int, count: Int, rows: Int, columns: Int, blockRows: Int? = nil) {
    self.elementSize = elementSize
    self.count = count
    self.rows = rows
    self.columns = columns
    let wanted = min(1 << 20, max(1, (1 << 23) / elementSize))
    if count == 0 {
      blockElements = 0
    } else if let blockRows {
      let (elements, overflow) = blockRows.multipliedReportingOverflow(by: columns)
      blockElements = overflow ? count : min(count, elements)
    } else if columns > 1 << 22
      || columns.multipliedReportingOverflow(by: elementSize).partialValue
        > Geometry.greatestBlock
    {
      blockElements = min(count, wanted)
    } else {
      blockElements = min(count, max(1, wanted / columns) * columns)
    }
  }

  private init(_ other: Geometry, elementSize: Int? = nil, blockElements: Int) {
    self.elementSize = elementSize ?? other.elementSize
    count = other.count
    rows = other.rows
    columns = other.columns
    self.blockElements = blockElements
  }

  /// The same, uncut.
  var inOneBlock: Geometry { Geometry(self, blockElements: count) }

  /// The same blocks of elements of another size.
  func with(elementSize: Int) -> Geometry {
    Geometry(self, elementSize: elementSize, blockElements: blockElements)
  }

  /// Decoded bytes.
  var byteCount: Int { count * elementSize }
  var blockCount: Int { count == 0 ? 0 : (count - 1) / blockElements + 1 }
  /// Whether the kernels can handle an element as one word.
  var hasWords: Bool { [1, 2, 4, 8].contains(elementSize) }
  var hasWholeRows: Bool { count > 0 && columns > 0 && blockElements % columns == 0 }
  var fitsBlocks: Bool { blockElements <= Geometry.greatestBlock / max(1, elementSize) }

  func elements(of block: Int) -> Range<Int> {
    let start = block * blockElements
    return start..<min(count, start + blockElements)
  }

  func bytes(of block: Int) -> Range<Int> {
    let elements = elements(of: block)
    return elements.lowerBound * elementSize..<elements.upperBound * elementSize
  }

  /// Rows of a block; where blocks are whole rows.
  func rows(of block: Int) -> Range<Int> {
    let elements = elements(of: block)
    return elements.lowerBound / columns..<elements.upperBound / columns
  }
}
