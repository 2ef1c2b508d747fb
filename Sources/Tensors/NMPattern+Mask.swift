import CKernels
import Parallel

extension NMPattern {
  /// The mask that keeps the N highest of every group of M, by `keys`; of equal keys the earlier
  /// goes first. Zeros are pruned and what is not finite is kept, wherever they stand; rows past the
  /// last whole group are kept. `layout` describes the tensor. Throws what `keys` throws.
  public func mask(_ keys: any KeySource, layout: KernelLayout) throws -> Mask {
    precondition(keys.count == layout.rows * layout.outputs)
    if layout.after > 1 { return try turnedMask(keys, layout: layout) }
    var mask = Mask(count: keys.count, keeping: false)
    try mask.words.withUnsafeMutableBufferPointer { words in
      guard let base = words.baseAddress else { return }
      // Blocks are multiples of 64 elements: no two share a word.
      nonisolated(unsafe) let start = base
      let blocks = Parallel.pieces(of: keys.count, size: TensorBlock.size)
      try Parallel.forEach(blocks.count) { index in
        try fill(start + blocks[index].lowerBound >> 6, block: blocks[index], keys, layout)
      }
    }
    try mask.keepNonfinite(of: keys)
    return mask
  }

  private func fill(
    _ words: UnsafeMutablePointer<UInt64>, block: Range<Int>, _ keys: any KeySource,
    _ layout: KernelLayout
  ) throws {
    let columns = layout.outputs
    let rows = block.lowerBound / columns..<(block.upperBound - 1) / columns + 1
    // All of the groups that the block has a part of.
    let window =
      rows.lowerBound / group
      * group..<min(layout.rows, (rows.upperBound + group - 1) / group * group)
    try keys.withKeys(window.lowerBound * columns..<window.upperBound * columns) { base in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: block.count) { keep in
        guard let out = keep.baseAddress else { return }
        for row in rows {
          let part =
            max(block.lowerBound, row * columns)..<min(block.upperBound, (row + 1) * columns)
          let first = row / group * group
          // A row that is in no whole group is a group of its own, of which nothing is pruned.
          let isWhole = first + group <= layout.rows
          let top =
            ((isWhole ? first : row) - window.lowerBound) * columns + part.lowerBound - row
            * columns
          let place = base + keys.width.size * top
          let kept = out + (part.lowerBound - block.lowerBound)
          let height = isWhole ? group : 1
          let own = isWhole ? row - first : 0
          let pruned = UInt32(isWhole ? group - self.kept : 0)
          switch keys.width {
          case .narrow: ck_nm_row32(place, height, columns, own, pruned, part.count, kept)
          case .wide: ck_nm_row64(place, height, columns, own, pruned, part.count, kept)
          }
        }
        _ = ck_bytes_to_bits(out, block.count, words)
      }
    }
  }

  /// The same for a kernel whose outputs are not its last axis: by way of a copy of the keys with
  /// the rows in order.
  private func turnedMask(_ keys: any KeySource, layout: KernelLayout) throws -> Mask {
    let all = try keys.withKeys(0..<keys.count) { base in
      (0..<keys.count).map { keys.width.key(base, $0) }
    }
    func place(_ element: Int) -> Int {
      layout.index(row: element / layout.outputs, output: element % layout.outputs)
    }
    let turned = MatrixKeys(
      keys: all.indices.map { all[place($0)] }, infinite: keys.width.infinite)
    let straight = KernelLayout(shape: [layout.rows, layout.outputs], axes: .standard(rank: 2))
    let rows = try mask(turned, layout: straight)
    var mask = Mask(count: keys.count, keeping: false)
    for element in 0..<rows.count where rows[element] { mask[place(element)] = true }
    return mask
  }
}

/// Keys held in memory, in 8 bytes each.
private struct MatrixKeys: KeySource {
  private let keys: [UInt64]
  var count: Int { keys.count }
  var width: KeyWidth { .wide }

  /// Keys from a source in which `infinite` is the lowest of a weight that is not finite.
  init(keys: [UInt64], infinite: UInt64) {
    self.keys = keys.map { $0 >= infinite ? KeyWidth.wide.infinite : $0 }
  }

  func withKeys<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawPointer) throws -> Result
  ) throws -> Result {
    try keys.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { preconditionFailure("no keys to read") }
      return try body(start + 8 * range.lowerBound)
    }
  }
}

extension Mask {
  /// Sets the bits of the elements that are NaN or infinite.
  fileprivate mutating func keepNonfinite(of keys: any KeySource) throws {
    var odd = [UInt64](repeating: 0, count: words.count)
    try odd.withUnsafeMutableBufferPointer {
      _ = try Ranking.fill($0, of: keys, above: keys.width.infinite - 1)
    }
    for i in words.indices { words[i] |= odd[i] }
  }
}
