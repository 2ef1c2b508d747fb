import Parallel

/// Where a kernel's zeros (of either sign) line up.
public struct Structure: Sendable, Equatable {
  /// How many slices of one kind there are, and how many hold nothing but zeros.
  public struct Slices: Sendable, Equatable {
    public var zero: Int
    public var count: Int
  }

  /// How many whole groups of a pattern there are, and how many comply with it.
  public struct Compliance: Sendable, Equatable {
    public var pattern: NMPattern
    public var compliant: Int
    public var groups: Int
  }

  /// Rows of the kernel as a matrix: one input of a Dense kernel, one position of a convolution.
  public var rows: Slices
  /// Outputs: columns of a Dense kernel, filters of a convolution.
  public var filters: Slices
  /// Input channels: rows of a Dense kernel.
  public var channels: Slices
  public var compliance: [Compliance]

  /// The matrix's columns: the filters.
  public var columns: Slices { filters }

  /// The patterns that `measure` looks for: 1:2, 2:4, 4:8.
  public static let patterns = [(1, 2), (2, 4), (4, 8)].compactMap(NMPattern.init(kept:group:))

  /// The structure of a tensor of numbers whose elements `layout` describes. Throws what its source
  /// throws. Takes a bit an element.
  public static func measure(_ values: TensorValues, layout: KernelLayout) throws -> Structure {
    precondition(values.count == layout.rows * layout.outputs)
    let bits = KernelBits(mask: try Mask(nonzero: values), layout: layout)
    let (rowsUsed, outputsUsed) = try bits.used()
    var channelsUsed = [Bool](repeating: false, count: layout.inputs)
    if layout.inputs > 0, values.count > 0 {
      if layout.inputFollowsOutput {
        for output in 0..<layout.outputs where outputsUsed[output] {
          channelsUsed[layout.input(of: layout.index(row: 0, output: output))] = true
        }
      } else {
        for row in 0..<layout.rows where rowsUsed[row] {
          channelsUsed[layout.input(of: layout.index(row: row, output: 0))] = true
        }
      }
    }
    func slices(_ used: [Bool]) -> Slices {
      Slices(zero: used.count { !$0 }, count: used.count)
    }
    return Structure(
      rows: slices(rowsUsed), filters: slices(outputsUsed), channels: slices(channelsUsed),
      compliance: try patterns.map(bits.compliance))
  }
}

/// A kernel's nonzero elements as a matrix of bits, 64 outputs at a time.
private struct KernelBits: Sendable {
  let mask: Mask
  let layout: KernelLayout

  /// Words a row.
  var width: Int { (layout.outputs + 63) / 64 }

  /// Bits `64 * word ..<` of row `row`, cleared past the last output.
  func bits(row: Int, word: Int) -> UInt64 {
    let first = 64 * word
    let wanted = min(64, layout.outputs - first)
    if layout.after == 1 { return run(from: row * layout.outputs + first, count: wanted) }
    var bits: UInt64 = 0
    for i in 0..<wanted where mask[layout.index(row: row, output: first + i)] {
      bits |= 1 << UInt64(i)
    }
    return bits
  }

  /// `count` bits, 1...64, from bit `start` on.
  private func run(from start: Int, count: Int) -> UInt64 {
    let over = UInt64(start & 63)
    var bits = mask.words[start >> 6] >> over
    if start & 63 + count > 64 { bits |= mask.words[start >> 6 + 1] << (64 - over) }
    return count == 64 ? bits : bits & (1 << UInt64(count) - 1)
  }

  /// Which rows and which outputs have an element that is not zero.
  func used() throws -> (rows: [Bool], outputs: [Bool]) {
    let blocks = Parallel.pieces(
      of: layout.rows, size: max(1, TensorBlock.size / (64 * max(1, width))))
    let parts = try Parallel.map(blocks.count) { index -> (rows: [Bool], columns: [UInt64]) in
      var columns = [UInt64](repeating: 0, count: width)
      let rows = blocks[index].map { row in
        var any: UInt64 = 0
        for word in 0..<width {
          let bits = self.bits(row: row, word: word)
          columns[word] |= bits
          any |= bits
        }
        return any != 0
      }
      return (rows, columns)
    }
    var columns = [UInt64](repeating: 0, count: width)
    for part in parts { for word in 0..<width { columns[word] |= part.columns[word] } }
    let outputs = (0..<layout.outputs).map { columns[$0 >> 6] >> UInt64($0 & 63) & 1 == 1 }
    return (parts.flatMap(\.rows), outputs)
  }

  /// How many groups of `pattern` have no more than they may.
  func compliance(_ pattern: NMPattern) throws -> Structure.Compliance {
    let groups = layout.rows / pattern.group
    let size = max(1, TensorBlock.size / (64 * pattern.group * max(1, width)))
    let blocks = Parallel.pieces(of: groups, size: size)
    let violations = try Parallel.map(blocks.count) { index in
      var violations = 0
      for group in blocks[index] {
        for word in 0..<width {
          violations += crowded(group: group, word: word, pattern: pattern).nonzeroBitCount
        }
      }
      return violations
    }
    let all = groups * layout.outputs
    return Structure.Compliance(
      pattern: pattern, compliant: all - violations.reduce(0, +), groups: all)
  }

  /// The outputs, as bits, in which a group has more elements that are not zero than may stay. The
  /// counts are kept as planes of bits, one sum for each of 64 outputs at once.
  private func crowded(group: Int, word: Int, pattern: NMPattern) -> UInt64 {
    var planes: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
      (0, 0, 0, 0, 0, 0, 0, 0)
    return withUnsafeMutableBytes(of: &planes) { raw in
      let planes = raw.bindMemory(to: UInt64.self)
      for row in group * pattern.group..<(group + 1) * pattern.group {
        var carry = bits(row: row, word: word)
        for plane in 0..<8 where carry != 0 {
          let sum = planes[plane] ^ carry
          carry &= planes[plane]
          planes[plane] = sum
        }
      }
      var over: UInt64 = 0
      var level = UInt64.max
      for plane in (0..<8).reversed() {
        if pattern.kept >> plane & 1 == 1 {
          level &= planes[plane]
        } else {
          over |= level & planes[plane]
          level &= ~planes[plane]
        }
      }
      return over
    }
  }
}
