import CKernels
import Parallel

extension Ranking {
  /// One mask a tensor: clear for the elements below `cut`, set for those above.
  public func masks(above cut: Cut) throws -> [Mask] {
    var below = cut.ties
    return try sources.map { source in
      var words = [UInt64](repeating: 0, count: (source.count + 63) / 64)
      let ties = try words.withUnsafeMutableBufferPointer { buffer in
        try Ranking.fill(buffer, of: source, above: cut.key)
      }
      // Every tie was put below; give back those that are past the last one there.
      if below < ties.reduce(0, +) {
        try words.withUnsafeMutableBufferPointer { buffer in
          try Ranking.keep(ties: ties, but: below, in: buffer, of: source, key: cut.key)
        }
      }
      below = max(0, below - ties.reduce(0, +))
      return Mask(count: source.count, words: words)
    }
  }

  /// One mask a tensor: clear for zeros of either sign, set for all else.
  public func nonzeroMasks() throws -> [Mask] {
    try masks(above: .after(0))
  }

  /// The index of the first element of tensor `tensor` that is NaN or infinite.
  public func firstNonfinite(in tensor: Int) throws -> Int? {
    guard surveys[tensor].nonfinite > 0 else { return nil }
    let source = sources[tensor]
    for block in Parallel.pieces(of: source.count, size: TensorBlock.size) {
      let found = try source.withKeys(block) { keys in
        (0..<block.count).first { source.width.key(keys, $0) >= source.width.infinite }
      }
      if let found { return block.lowerBound + found }
    }
    return nil
  }

  /// Sets the bits of the elements over `key`; returns how many elements of each block equal it.
  static func fill(
    _ words: UnsafeMutableBufferPointer<UInt64>, of source: any KeySource, above key: UInt64
  ) throws -> [Int] {
    guard let base = words.baseAddress else { return [] }
    // Blocks are multiples of 64 elements: no two share a word.
    nonisolated(unsafe) let start = base
    let blocks = Parallel.pieces(of: source.count, size: TensorBlock.size)
    return try Parallel.map(blocks.count) { index in
      let block = blocks[index]
      return try source.withKeys(block) { keys in
        switch source.width {
        case .narrow: ck_cut32(keys, block.count, UInt32(key), start + block.lowerBound >> 6)
        case .wide: ck_cut64(keys, block.count, key, start + block.lowerBound >> 6)
        }
      }
    }
  }

  private static func keep(
    ties: [Int], but below: Int, in words: UnsafeMutableBufferPointer<UInt64>,
    of source: any KeySource, key: UInt64
  ) throws {
    guard let base = words.baseAddress else { return }
    nonisolated(unsafe) let start = base
    let blocks = Parallel.pieces(of: source.count, size: TensorBlock.size)
    var skipped = below
    var touched: [(block: Range<Int>, skipped: Int)] = []
    for (block, count) in zip(blocks, ties) {
      if count > skipped { touched.append((block, skipped)) }
      skipped = max(0, skipped - count)
    }
    let all = touched
    try Parallel.forEach(all.count) { index in
      let (block, skipped) = all[index]
      try source.withKeys(block) { keys in
        let place = start + block.lowerBound >> 6
        switch source.width {
        case .narrow: ck_keep_ties32(keys, block.count, UInt32(key), skipped, place)
        case .wide: ck_keep_ties64(keys, block.count, key, skipped, place)
        }
      }
    }
  }
}

extension Mask {
  /// The mask that keeps what is not zero: clear for zeros of either sign, set for all else, NaN
  /// too. The elements are numbers. Throws what their source throws.
  public init(nonzero values: TensorValues) throws {
    let keys = MagnitudeKeys(values, width: MagnitudeKeys.width(for: [values.type]))
    var words = [UInt64](repeating: 0, count: (values.count + 63) / 64)
    try words.withUnsafeMutableBufferPointer { _ = try Ranking.fill($0, of: keys, above: 0) }
    self.init(count: values.count, words: words)
  }
}
