import CKernels

/// Encoding 1: compressed sparse rows. Row pointers, columns and values are three arrays over the
/// whole tensor, each aligned to 64 bytes, so that a mapped file can be multiplied with as it is.
struct CompressedRows: TensorCoding {
  let encoding = Encoding.csr
  let name = "csr"
  let runs = 3

  /// Where the three arrays lie in the section.
  struct Layout {
    let pointerWidth: Int
    let indexWidth: Int
    let pointers: Range<Int>
    let indices: Range<Int>
    let values: Range<Int>

    init(_ geometry: Geometry, nonzeros: Int) {
      pointerWidth = nonzeros >> 32 == 0 ? 4 : 8
      indexWidth = geometry.columns <= 1 << 8 ? 1 : geometry.columns <= 1 << 16 ? 2 : 4
      pointers = 0..<(geometry.rows + 1) * pointerWidth
      let afterPointers = (pointers.upperBound + 63) & ~63
      indices = afterPointers..<afterPointers + nonzeros * indexWidth
      let afterIndices = (indices.upperBound + 63) & ~63
      values = afterIndices..<afterIndices + nonzeros * geometry.elementSize
    }
  }

  private func holds(_ geometry: Geometry) -> Bool {
    geometry.hasWords && geometry.hasWholeRows && geometry.fitsBlocks && geometry.columns <= 1 << 32
  }

  func storedBytes(of geometry: Geometry, nonzeros: Int) -> Int? {
    holds(geometry) ? Layout(geometry, nonzeros: nonzeros).values.upperBound : nil
  }

  func maskBytes(of geometry: Geometry, nonzeros: Int) -> Int? {
    Layout(geometry, nonzeros: nonzeros).values.lowerBound
  }

  func alignment(of geometry: Geometry) -> Int { 64 }

  func length(of block: BlockShape, run: Int) -> Int {
    let layout = Layout(block.geometry, nonzeros: block.nonzerosInAll)
    return switch run {
    case 0:
      (block.geometry.rows(of: block.block).count + (block.isLast ? 1 : 0)) * layout.pointerWidth
    case 1: block.nonzeros * layout.indexWidth
    default: block.nonzeros * block.geometry.elementSize
    }
  }

  func encode(
    _ block: BlockShape, _ words: UnsafeRawBufferPointer, run: Int,
    into out: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    guard let start = out.baseAddress?.assumingMemoryBound(to: UInt8.self),
      let elements = words.baseAddress
    else { return 0 }
    let geometry = block.geometry
    let layout = Layout(geometry, nonzeros: block.nonzerosInAll)
    let rows = geometry.rows(of: block.block).count
    let width = Int32(geometry.elementSize)
    switch run {
    case 0:
      var pointer = block.nonzerosBefore
      let rowBytes = geometry.columns * geometry.elementSize
      // The pointer behind the last row is the next block's first one; the last block brings it.
      for row in 0..<rows + (block.isLast ? 1 : 0) {
        if layout.pointerWidth == 4 {
          out.storeBytes(of: UInt32(pointer).littleEndian, toByteOffset: row * 4, as: UInt32.self)
        } else {
          out.storeBytes(of: UInt64(pointer).littleEndian, toByteOffset: row * 8, as: UInt64.self)
        }
        guard row < rows else { break }
        pointer +=
          geometry.columns
          - ck_count_equal(Kernels.level, width, elements + row * rowBytes, geometry.columns, 0)
      }
      return (rows + (block.isLast ? 1 : 0)) * layout.pointerWidth
    case 1:
      return layout.indexWidth
        * ck_csr_columns(
          Kernels.level, width, elements, rows, geometry.columns, Int32(layout.indexWidth), start)
    default:
      return geometry.elementSize
        * ck_pack_nonzero(Kernels.level, width, elements, block.count, nil, start)
    }
  }

  func check(_ entry: Entry) throws(Malformed) {
    try checkNoParameters(entry)
    guard entry.geometry.hasWords, entry.geometry.hasWholeRows, entry.columns <= 1 << 32 else {
      throw Malformed("is in compressed rows, but its blocks are not whole rows of words")
    }
    guard entry.alignment % 64 == 0 else {
      throw Malformed("is in compressed rows that are not aligned to 64 bytes")
    }
    try checkBlockFits(entry)
    // Rows are at most 2^40 and non-zeros at most that, so nothing below overflows.
    let layout = Layout(entry.geometry, nonzeros: entry.nonzeros)
    guard entry.storedBytes == layout.values.upperBound else {
      throw Malformed(
        "is in compressed rows of \(entry.storedBytes) bytes where \(layout.values.upperBound) must be"
      )
    }
    var total = 0
    for block in 0..<entry.blockCount {
      guard let nonzeros = nonzeros(of: block, in: entry, layout) else {
        throw Malformed("has a block of compressed rows of \(entry.storedBlock(block).count) bytes")
      }
      total += nonzeros
    }
    guard total == entry.nonzeros else {
      throw Malformed("has \(total) values in its blocks, and \(entry.nonzeros) non-zeros")
    }
  }

  private func pointers(of block: Int, in entry: Entry) -> Int {
    entry.geometry.rows(of: block).count + (block == entry.blockCount - 1 ? 1 : 0)
  }

  private func nonzeros(of block: Int, in entry: Entry, _ layout: Layout) -> Int? {
    let each = layout.indexWidth + entry.element.size
    let rest = entry.storedBlock(block).count - pointers(of: block, in: entry) * layout.pointerWidth
    guard rest >= 0, rest % each == 0, rest / each <= entry.geometry.elements(of: block).count
    else { return nil }
    return rest / each
  }

  /// The values of a block, counted over the tensor: what lies before follows from the lengths.
  private func values(of block: Int, in entry: Entry, _ layout: Layout) -> Range<Int> {
    let start =
      block == 0
      ? 0
      : (entry.blockEnds[block - 1] - entry.geometry.rows(of: block).lowerBound
        * layout.pointerWidth)
        / (layout.indexWidth + entry.element.size)
    return start..<start + (nonzeros(of: block, in: entry, layout) ?? 0)
  }

  func pieces(of block: Int, in entry: Entry) -> [Range<Int>] {
    let layout = Layout(entry.geometry, nonzeros: entry.nonzeros)
    let values = values(of: block, in: entry, layout)
    let firstPointer = entry.geometry.rows(of: block).lowerBound * layout.pointerWidth
    func part(_ array: Range<Int>, _ width: Int) -> Range<Int> {
      array.lowerBound + values.lowerBound * width..<array.lowerBound + values.upperBound * width
    }
    return [
      firstPointer..<firstPointer + pointers(of: block, in: entry) * layout.pointerWidth,
      part(layout.indices, layout.indexWidth), part(layout.values, entry.element.size),
    ]
  }

  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) {
    let layout = Layout(entry.geometry, nonzeros: entry.nonzeros)
    let values = values(of: block, in: entry, layout)
    let rows = entry.geometry.rows(of: block).count
    guard let pointers = pieces[0].baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      throw Malformed("has an empty block")
    }
    // A block without values has no bytes there; the kernel does not look.
    let indices = pieces[1].baseAddress?.assumingMemoryBound(to: UInt8.self) ?? pointers
    let elements = pieces[2].baseAddress?.assumingMemoryBound(to: UInt8.self) ?? pointers
    let found = ck_csr_expand(
      Int32(entry.element.size), Int32(layout.indexWidth), Int32(layout.pointerWidth), pointers,
      rows, entry.columns, UInt64(values.lowerBound), UInt64(values.upperBound), indices, elements,
      out.baseAddress)
    switch Int(found) {
    case Int(ck_csr_good): break
    case Int(ck_csr_first_pointer): throw Malformed("has a block whose first row pointer is wrong")
    case Int(ck_csr_pointer_order): throw Malformed("has row pointers that do not ascend")
    case Int(ck_csr_column_order): throw Malformed("has columns that do not ascend in their row")
    default: throw Malformed("has a column of \(entry.columns) or more")
    }
    guard block == entry.blockCount - 1 else { return }
    let last = pieces[0].suffix(layout.pointerWidth).reversed().reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    guard last == UInt64(entry.nonzeros) else {
      throw Malformed("has a last row pointer of \(last)")
    }
  }
}
