/// How often each of 256 symbols comes, in parts of 2^14: what an rANS coder is told of a source.
struct FrequencyTable: Equatable {
  /// The sum of all frequencies is 2^`bits`.
  static let bits = 14
  static let total = 1 << bits

  /// Of every symbol; 0 for those that do not come.
  let frequencies: [UInt16]

  /// The frequencies that suit `counts`, of which there are 256, not all 0 and at most 2^40 in sum.
  ///
  /// Every symbol that comes has at least 1. What rounding leaves too much or too little is taken
  /// where it costs least and given where it saves most, so the choice does not depend on how a
  /// machine rounds.
  init(counts: [UInt64]) {
    let sum = counts.reduce(0, +)
    precondition(counts.count == 256 && sum > 0)
    var found = counts.map { count in
      count == 0 ? 0 : Int(max(1, (count << UInt64(FrequencyTable.bits) + sum / 2) / sum))
    }
    var surplus = found.reduce(0, +) - FrequencyTable.total
    while surplus != 0 {
      // A sixteenth at a time while there is much to do.
      let step = max(1, abs(surplus) / 16)
      var best: (symbol: Int, cost: Int64)?
      for (symbol, frequency) in found.enumerated()
      where counts[symbol] > 0 && (surplus < 0 || frequency > 1) {
        let other = surplus < 0 ? frequency + 1 : frequency - 1
        let cost =
          Int64(counts[symbol])
          * (Int64(BinaryLogarithm.of(frequency)) - Int64(BinaryLogarithm.of(other)))
        if cost < best?.cost ?? .max { best = (symbol, cost) }
      }
      // There is one: while there is too much, some frequency is over 1.
      guard let symbol = best?.symbol else { break }
      let change = surplus < 0 ? step : -min(step, found[symbol] - 1)
      found[symbol] += change
      surplus += change
    }
    frequencies = found.map { UInt16($0) }
  }

  /// The bits that a coder takes for symbols that come as often as `counts` says, in 1/65,536;
  /// none of them may have a frequency of 0.
  func cost(of counts: [UInt64]) -> UInt64 {
    zip(counts, frequencies).reduce(0) { sum, pair in
      let (count, frequency) = pair
      guard count > 0, frequency > 0 else { return sum }
      let bits = UInt64(FrequencyTable.bits) << 16 - UInt64(BinaryLogarithm.of(Int(frequency)))
      return sum + count * bits
    }
  }

  /// The last symbol that comes.
  var lastSymbol: Int { frequencies.lastIndex { $0 > 0 } ?? 0 }
}

extension FrequencyTable {
  /// A varint a symbol; behind a 0 the number of zeros that follow it.
  func write(to out: inout FieldWriter) {
    var symbol = 0
    while symbol < 256 {
      out.varint(Int(frequencies[symbol]))
      let start = symbol
      symbol += 1
      guard frequencies[start] == 0 else { continue }
      while symbol < 256, frequencies[symbol] == 0 { symbol += 1 }
      out.varint(symbol - start - 1)
    }
  }

  init(from reader: inout FieldReader) throws(Malformed) {
    var found: [UInt16] = []
    var sum = 0
    var follows = false
    while found.count < 256 {
      let frequency = try reader.size()
      guard frequency <= FrequencyTable.total - sum else {
        throw Malformed("has frequencies of more than \(FrequencyTable.total)")
      }
      found.append(UInt16(frequency))
      sum += frequency
      guard frequency == 0 else {
        follows = false
        continue
      }
      let more = try reader.size()
      guard !follows, more <= 256 - found.count else {
        throw Malformed("has a frequency table whose zeros are miscounted")
      }
      found += [UInt16](repeating: 0, count: more)
      follows = true
    }
    guard sum == FrequencyTable.total else {
      throw Malformed("has frequencies of \(sum) in sum")
    }
    frequencies = found
  }
}

/// Logarithms to base 2 in 1/65,536, by squaring: integers alone, so that what is chosen by them is
/// the same on every machine.
enum BinaryLogarithm {
  /// Of 1 to 2^14.
  static func of(_ value: Int) -> UInt32 { table[value] }

  private static let table: [UInt32] = [0] + (1...FrequencyTable.total).map { rounded(UInt64($0)) }

  /// Of any number but 0, rounded down.
  static func rounded(_ value: UInt64) -> UInt32 {
    let whole = 63 - value.leadingZeroBitCount
    // In 1/2^31, from 1 up to 2.
    var part = whole > 31 ? value >> UInt64(whole - 31) : value << UInt64(31 - whole)
    var result = UInt32(whole)
    for _ in 0..<16 {
      part = (part * part) >> 31
      result <<= 1
      if part >> 32 != 0 {
        part >>= 1
        result |= 1
      }
    }
    return result
  }
}
