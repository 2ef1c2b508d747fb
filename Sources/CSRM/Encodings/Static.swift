import CKernels
import Files
import Tensors

/// Encoding 3: for each block where its non-zeros are, then their exponents with the first bits of
/// the mantissa, coded by tables that hold for the whole tensor (interleaved rANS), then what is
/// left of sign and mantissa, as it is.
struct StaticCoding: FloatCoding {
  let encoding = Encoding.static
  let name = "static"
  /// What it was fitted to; nil where that is nothing yet.
  private let target: Target?
  let parameters: [UInt8]

  private struct Target {
    let plan: Plan
    let type: ElementType
    let layout: FloatLayout
  }

  /// For decoding, and for being fitted.
  init() {
    target = nil
    parameters = []
  }

  private init(_ target: Target) {
    self.target = target
    parameters = target.plan.bytes
  }

  func fitted(to census: FloatCensus, shape: [Int], _ geometry: Geometry) -> Fitting? {
    guard geometry.fitsBlocks,
      let (plan, bytes) = Plan.best(for: census, blocks: geometry.blockCount)
    else { return nil }
    let target = Target(plan: plan, type: census.type, layout: census.layout)
    return Fitting(coding: StaticCoding(target), expectedBytes: bytes)
  }

  func storedBytes(of geometry: Geometry, nonzeros: Int) -> Int? { nil }

  func alignment(of geometry: Geometry) -> Int { 1 }

  func length(of block: BlockShape, run: Int) -> Int {
    let (count, nonzeros) = (block.count, block.nonzeros)
    // A mask takes at most two bytes a symbol, and there are no more gaps than this.
    let mask = max((count + 7) / 8, nonzeros + count / 255 + 1)
    return 512 + 2 * mask + 2 * nonzeros + nonzeros * block.geometry.elementSize
  }

  func check(_ entry: Entry) throws(Malformed) {
    try checkBlocksFillSection(entry)
    try checkBlockFits(entry)
    guard let layout = entry.type.floatLayout else {
      throw Malformed("codes elements of type \(entry.type) as floats")
    }
    let plan = try Plan(entry.parameters, layout)
    guard plan.form != .none || entry.nonzeros == entry.count else {
      throw Malformed("has no mask, and \(entry.nonzeros) non-zeros of \(entry.count)")
    }
  }
}

extension StaticCoding {
  func encode(
    _ block: BlockShape, _ words: UnsafeRawBufferPointer, run: Int,
    into out: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    guard let target else { preconditionFailure("an encoder is made by fitted(to:_:)") }
    let plan = target.plan
    var cut = plan.cut(target.type, target.layout)
    let count = block.count
    let rawBytes = (block.nonzeros * plan.rawBits(target.layout) + 7) / 8
    let gapRoom = plan.form == .gaps ? block.nonzeros + count / 255 + 1 : 0
    var room = Room()
    let waiting = room.add(Int(ck_cut_room))
    let mask = room.add((count + 7) / 8)
    let symbols = room.add(block.nonzeros)
    let raw = room.add(rawBytes)
    let gaps = room.add(gapRoom)
    let stream = room.add(256 + 2 * max(block.nonzeros, gapRoom, (count + 7) / 8))
    let table = room.add(MemoryLayout<ck_rans_encoding>.size)
    return withScratch(room.size) { scratch in
      let start = scratch.baseAddress?.assumingMemoryBound(to: UInt8.self)
      guard let start else { return 0 }
      let coder = UnsafeMutableRawPointer(start + table.lowerBound)
        .bindMemory(to: ck_rans_encoding.self, capacity: 1)
      let found = ck_cut_block(
        Kernels.level, &cut, words.baseAddress, count, start + waiting.lowerBound,
        start + mask.lowerBound, start + symbols.lowerBound, start + raw.lowerBound)
      precondition(found == block.nonzeros, "the values changed since they were counted")
      /// A coded stream, at the end of the room for it.
      func coded(
        _ frequencies: FrequencyTable, _ symbols: Int, _ count: Int
      ) -> UnsafeRawBufferPointer {
        let end = start + stream.upperBound
        ck_rans_make_encoding(frequencies.frequencies, coder)
        let length = ck_rans_encode(Kernels.level, coder, start + symbols, count, end)
        return UnsafeRawBufferPointer(start: end - length, count: length)
      }
      var written = 0
      func put(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: out[written...]).copyMemory(from: bytes)
        written += bytes.count
      }
      func put(_ fields: FieldWriter) { fields.bytes.withUnsafeBytes { put($0) } }
      var head = FieldWriter()
      if plan.form != .none { head.varint(found) }
      let hasMask = plan.form != .none && found > 0 && found < count
      switch (plan.form, plan.mask) {
      case (.bytes, let frequencies?) where hasMask:
        let bytes = coded(frequencies, mask.lowerBound, mask.count)
        head.varint(bytes.count)
        put(head)
        put(bytes)
      case (.gaps, let frequencies?) where hasMask:
        let number = ck_mask_to_gaps(start + mask.lowerBound, count, start + gaps.lowerBound)
        let bytes = coded(frequencies, gaps.lowerBound, number)
        head.varint(number)
        head.varint(bytes.count)
        put(head)
        put(bytes)
      default:
        put(head)
        if hasMask { put(UnsafeRawBufferPointer(rebasing: scratch[mask])) }
      }
      if found > 0 { put(coded(plan.symbols, symbols.lowerBound, found)) }
      put(UnsafeRawBufferPointer(rebasing: scratch[raw]))
      return written
    }
  }

  /// Places in one piece of memory, each with 64 bytes behind it that may be written to as well.
  struct Room {
    private(set) var size = 0

    mutating func add(_ bytes: Int) -> Range<Int> {
      let range = size..<size + bytes
      // The next place is aligned for the widest loads.
      size = (size + bytes + 64 + 63) & ~63
      return range
    }
  }
}
