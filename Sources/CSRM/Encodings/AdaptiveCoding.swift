import CKernels
import Files
import Tensors

/// What encodings 4 and 5 have in common. Their probabilities learn as they go, so there are no
/// tables; each block stands for itself, and one that would only grow is stored as it is.
protocol AdaptiveCoding: FloatCoding {
  /// The type that it was made to encode; nil in one that only decodes.
  var type: ElementType? { get }

  /// Codes a block into `out`; returns its bytes, or 0 where it takes more than the room less
  /// `ck_adaptive_margin`.
  func encode(
    _ number: ck_number, _ block: BlockShape, _ words: UnsafeRawBufferPointer,
    into out: UnsafeMutableBufferPointer<UInt8>
  ) -> Int

  /// Decodes a block that was coded; false where no encoder makes it.
  func decode(
    _ number: ck_number, _ stored: UnsafeBufferPointer<UInt8>, block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) -> Bool
}

extension AdaptiveCoding {
  func storedBytes(of geometry: Geometry, nonzeros: Int) -> Int? { nil }

  func alignment(of geometry: Geometry) -> Int { 1 }

  func length(of block: BlockShape, run: Int) -> Int {
    block.geometry.bytes(of: block.block).count + 1 + Int(ck_adaptive_margin)
  }

  func encode(
    _ block: BlockShape, _ words: UnsafeRawBufferPointer, run: Int,
    into out: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    guard let type, let number = ck_number(type) else {
      preconditionFailure("an encoder is made for a type")
    }
    let room = out.prefix(length(of: block, run: run))
    let bytes = UnsafeMutableRawBufferPointer(rebasing: room).assumingMemoryBound(to: UInt8.self)
    let coded = encode(number, block, words, into: bytes)
    guard coded == 0 else { return coded }
    out.storeBytes(of: 0, as: UInt8.self)
    UnsafeMutableRawBufferPointer(rebasing: out[1...]).copyMemory(from: words)
    return 1 + words.count
  }

  func checkAdaptive(_ entry: Entry) throws(Malformed) {
    try checkNoParameters(entry)
    try checkBlocksFillSection(entry)
    try checkBlockFits(entry)
    guard ck_number(entry.type) != nil else {
      throw Malformed("codes elements of type \(entry.type) as numbers")
    }
  }

  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) {
    let stored = pieces[0]
    guard let number = ck_number(entry.type), let form = stored.first else {
      throw Malformed("has an empty block")
    }
    if form == 0 {
      guard stored.count == 1 + out.count else {
        throw Malformed("has a block of \(stored.count) bytes that is stored as it is")
      }
      out.copyMemory(from: UnsafeRawBufferPointer(rebasing: stored[1...]))
      return
    }
    let bytes = stored.assumingMemoryBound(to: UInt8.self)
    guard decode(number, bytes, block: block, of: entry, into: out) else {
      throw Malformed("has a coded block that no encoder makes")
    }
  }
}

extension ck_number {
  /// Nil for what is no number, or none that these coders take.
  init?(_ type: ElementType) {
    self.init()
    width = Int32(type.size)
    swapped = type.isNativeOrder ? 0 : 1
    switch type.kind {
    case .float16, .bfloat16, .float32, .float64:
      guard let layout = type.floatLayout else { return nil }
      mantissa = Int32(layout.mantissaBits)
    case .int8, .int16, .int32: is_signed = 1
    case .uint8, .uint16, .uint32, .bool: is_signed = 0
    case .int64, .uint64, .opaque: return nil
    }
  }
}

/// The tables of all adaptive coders, made when they are first needed.
enum Logistic {
  nonisolated(unsafe) static let tables: UnsafePointer<ck_logistic> = {
    let tables = UnsafeMutablePointer<ck_logistic>.allocate(capacity: 1)
    ck_make_logistic(tables)
    return UnsafePointer(tables)
  }()
}

extension FloatCensus {
  /// About what a coder that learns takes: the information in places, exponents with the first
  /// three mantissa bits and the signs of zeros, and the rest as it is.
  var adaptiveBytes: Int {
    // -0.0 is told apart from the values; the smallest subnormals with it, which nobody has.
    let negativeZeros = tops.first ?? 0
    let values = UInt64(nonzeros) - negativeZeros
    let zeros = UInt64(count) - values
    let learned = min(3, layout.mantissaBits)
    let step = 1 << (FloatCensus.topBits - learned)
    let symbols = stride(from: 0, to: tops.count, by: step).map { start in
      tops[start..<start + step].reduce(0, +) - (start == 0 ? negativeZeros : 0)
    }
    let plain = max(0, 1 + layout.mantissaBits - trailingZeros - learned)
    let bits =
      Entropy.information([values, zeros])
      + Entropy.information([negativeZeros, zeros - negativeZeros])
      + Entropy.information(symbols) + Double(values) * Double(plain)
    return Int(bits / 8) + 16
  }
}
