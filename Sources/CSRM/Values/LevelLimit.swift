import Parallel
import Tensors

extension RoundedValues {
  /// The zeroth-order limit of the words, in bytes: of levels N·H2(n/N) + n·H(level) bits, of narrow
  /// numbers as `ZerothOrderLimit` has it of their type.
  public func zerothOrderLimit() throws -> Double {
    let blocks = TensorBlock.all(of: [count / type.size])
    let counts = try Parallel.map(blocks.count) { index in
      var counts = [Int](repeating: 0, count: 1 << 16)
      try RoundedValues.forEachPiece(of: blocks[index].range) { piece in
        try self.withWords(piece) { words in
          for word in words { counts[Int(UInt16(bitPattern: word))] += 1 }
        }
      }
      return counts
    }
    var total = [Int](repeating: 0, count: 1 << 16)
    for block in counts { for word in block.indices { total[word] += block[word] } }
    let zeros = total[0]
    total[0] = 0
    let nonzeros = total.reduce(0, +)
    return (Entropy.information([zeros, nonzeros]) + bits(total, nonzeros)) / 8
  }

  private func bits(_ counts: [Int], _ nonzeros: Int) -> Double {
    guard map.span == nil, let form = map.forms.first else { return Entropy.information(counts) }
    let mantissa = form == .half ? 10 : 7
    var signs = [0, 0]
    var exponents = [Int](repeating: 0, count: 1 << (15 - mantissa))
    for (word, count) in counts.enumerated() {
      signs[word >> 15] += count
      exponents[(word & 0x7fff) >> mantissa] += count
    }
    return Entropy.information(signs) + Entropy.information(exponents) + Double(nonzeros * mantissa)
  }
}
