import CKernels
import Tensors

extension StaticCoding {
  /// How the places of the non-zeros are stored (csrm(5), encoding 3).
  enum MaskForm: UInt8 {
    /// There is no zero.
    case none = 0
    /// A bit an element.
    case bits
    /// Bytes of eight such bits, coded.
    case bytes
    /// The gaps between non-zeros, coded.
    case gaps
  }

  /// Whether raw fields have signs.
  enum Signs: UInt8 {
    case each = 0
    case allClear
    case allSet
  }

  /// What holds for all blocks of a tensor: the encoding's parameters.
  struct Plan: Equatable {
    var form: MaskForm
    var signs: Signs
    /// Mantissa bits that are zero everywhere, and those that are in the symbol.
    var trailing: Int
    var prefix: Int
    /// The smallest upper part, which symbol 0 stands for.
    var base: UInt64
    var symbols: FrequencyTable
    /// Of mask bytes or gaps, where they are coded.
    var mask: FrequencyTable?
  }
}

extension StaticCoding.Plan {
  /// The parameters as the directory keeps them.
  var bytes: [UInt8] {
    var out = FieldWriter()
    out.byte(form.rawValue)
    out.byte(signs.rawValue)
    out.byte(UInt8(trailing))
    out.byte(UInt8(prefix))
    out.varint(base)
    symbols.write(to: &out)
    mask?.write(to: &out)
    return out.bytes
  }

  /// Reads the parameters of a tensor of floats of this layout, and trusts nothing.
  init(_ bytes: [UInt8], _ layout: FloatLayout) throws(Malformed) {
    var reader = FieldReader(bytes)
    form = try reader.choice(StaticCoding.MaskForm.self, "a mask in form")
    signs = try reader.choice(StaticCoding.Signs.self, "signs in form")
    trailing = Int(try reader.byte())
    prefix = Int(try reader.byte())
    guard trailing + prefix <= layout.mantissaBits else {
      throw Malformed("cuts \(trailing) and \(prefix) bits off a mantissa of \(layout.mantissaBits)")
    }
    base = try reader.varint()
    symbols = try FrequencyTable(from: &reader)
    mask = form == .bytes || form == .gaps ? try FrequencyTable(from: &reader) : nil
    guard reader.isAtEnd else { throw Malformed("has \(reader.remaining) bytes of parameters over") }
    // So that no symbol leads into the sign.
    let end = UInt64(1) << UInt64(layout.exponentBits + prefix)
    guard base < end, UInt64(symbols.lastSymbol) < end - base else {
      throw Malformed("has symbols past the largest exponent")
    }
  }

  /// How the kernels cut the elements of a tensor.
  func cut(_ type: ElementType, _ layout: FloatLayout) -> ck_float_cut {
    var cut = ck_float_cut(type, layout)
    cut.trailing = Int32(trailing)
    cut.prefix = Int32(prefix)
    cut.has_signs = signs == .each ? 1 : 0
    cut.negative = signs == .allSet ? 1 : 0
    cut.base = base
    return cut
  }

  /// Bits of a raw field.
  func rawBits(_ layout: FloatLayout) -> Int {
    (signs == .each ? 1 : 0) + layout.mantissaBits - trailing - prefix
  }
}

extension StaticCoding.Plan {
  /// The plan that suits a tensor, and the bytes that blocks and parameters are expected to take;
  /// nil where there is nothing to store or the exponents span more than a symbol can tell.
  static func best(
    for census: FloatCensus, blocks: Int
  ) -> (plan: StaticCoding.Plan, expectedBytes: Int)? {
    guard let values = bestValues(census) else { return nil }
    let mask = bestMask(census, blocks: blocks)
    let plan = StaticCoding.Plan(
      form: mask.form, signs: values.signs, trailing: census.trailingZeros, prefix: values.prefix,
      base: values.base, symbols: values.table, mask: mask.table)
    // A few varints a block, and what 32 states take beyond the information they hold.
    let streams = (mask.table == nil ? 1 : 2) * blocks
    let bits = values.bits + mask.bits + UInt64(8 * (100 * streams + 8 * blocks))
    return (plan, Int(bits / 8) + plan.bytes.count)
  }

  private struct Values {
    var signs: StaticCoding.Signs
    var prefix: Int
    var base: UInt64
    var table: FrequencyTable
    /// Table aside.
    var bits: UInt64
  }

  /// The number of mantissa bits in the symbol that makes symbols, raw fields and table smallest.
  private static func bestValues(_ census: FloatCensus) -> Values? {
    guard let first = census.tops.firstIndex(where: { $0 > 0 }),
      let last = census.tops.lastIndex(where: { $0 > 0 })
    else { return nil }
    let signs: StaticCoding.Signs =
      census.negatives == 0 ? .allClear : census.negatives == census.nonzeros ? .allSet : .each
    let mantissa = census.layout.mantissaBits - census.trailingZeros
    var best: (values: Values, bits: UInt64)?
    for prefix in 0...min(FloatCensus.topBits, mantissa) {
      let shift = FloatCensus.topBits - prefix
      guard last >> shift - first >> shift < 256 else { break }
      var counts = [UInt64](repeating: 0, count: 256)
      for top in first...last { counts[top >> shift - first >> shift] += census.tops[top] }
      let table = FrequencyTable(counts: counts)
      let raw = (signs == .each ? 1 : 0) + mantissa - prefix
      let bits = table.cost(of: counts) >> 16 + UInt64(census.nonzeros * raw)
      var written = FieldWriter()
      table.write(to: &written)
      let all = bits + UInt64(8 * written.bytes.count)
      if all < best?.bits ?? .max {
        best = (
          Values(
            signs: signs, prefix: prefix, base: UInt64(first >> shift), table: table, bits: bits), all
        )
      }
    }
    return best?.values
  }

  private static func bestMask(
    _ census: FloatCensus, blocks: Int
  ) -> (form: StaticCoding.MaskForm, table: FrequencyTable?, bits: UInt64) {
    guard census.nonzeros < census.count else { return (.none, nil, 0) }
    func coded(_ counts: [UInt64]) -> (table: FrequencyTable, bits: UInt64, all: UInt64) {
      let table = FrequencyTable(counts: counts)
      let bits = table.cost(of: counts) >> 16
      var written = FieldWriter()
      table.write(to: &written)
      return (table, bits, bits + UInt64(8 * (written.bytes.count + 100 * blocks)))
    }
    let plain = UInt64(census.maskBytes.reduce(0, +) * 8)
    let bytes = coded(census.maskBytes)
    var best = (form: StaticCoding.MaskForm.bytes, table: bytes.table, bits: bytes.bits)
    var all = bytes.all
    // With one non-zero in eight there are as many gaps as mask bytes, and they take longer.
    if let gaps = census.gaps, census.nonzeros <= census.count / 8 {
      let coded = coded(gaps)
      // Only for half a percent; where there are few, they are faster too.
      if census.nonzeros <= census.count / 50 ? coded.all < all : coded.all < all - all / 200 {
        best = (.gaps, coded.table, coded.bits)
        all = coded.all
      }
    }
    return all < plain - plain / 200 ? best : (.bits, nil, plain)
  }
}
