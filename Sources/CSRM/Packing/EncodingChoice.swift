import Parallel
import Synchronization

/// The encoding that is smallest for one entry, among those that its options allow.
struct EncodingChoice {
  private(set) var coding: any TensorCoding
  /// Nil where they are known only when the blocks are written.
  private(set) var sizes: Section.Sizes?
  /// The blocks as they are stored, where they were made and are few.
  private(set) var ready: [[UInt8]] = []

  /// Parameters included.
  private var bytes: Int

  /// Chooses. Encodings whose size follows from counts are compared by it; of the others as many
  /// are tried as the level asks for, and the smallest result stands.
  init(_ elements: Elements, _ options: PackOptions, isWritten: Bool) throws {
    let candidates = elements.item.candidates(options)
    self.init(plain: elements, candidates)
    guard elements.geometry.fitsBlocks, !elements.scan.isUniform else { return }
    if let span = elements.item.plane?.span {
      try attempt(BitFields(span), elements, options, isWritten: isWritten)
    }
    if let rounded = elements.item.rounded, options.layout == .automatic {
      try attempt(rounded, elements, options)
      return
    }
    if candidates.contains(where: { $0.encoding == .deflate }), bytes > Self.tooSmallToDeflate {
      try attempt(DeflateCoding(), elements, options, isWritten: isWritten)
    }
    guard let census = elements.scan.census else { return }
    if let forced = options.forced {
      if let fitting = forced.fitted(
        to: census, shape: elements.item.shape, elements.geometry) {
        bytes = .max
        try attempt(fitting.coding, elements, options, isWritten: isWritten)
      }
      return
    }
    let fittings = FloatCodings.fittings(
      census, shape: elements.item.shape, elements.geometry, options)
    if fittings.count == 1, let only = fittings.first,
      only.expectedBytes < bytes - bytes / Self.clear
    {
      if isWritten, elements.geometry.blockCount > 1 {
        // No need to encode only to know beforehand how much it will be.
        (coding, sizes, bytes) = (only.coding, nil, only.expectedBytes)
        return
      }
      bytes = .max
    }
    for fitting in fittings {
      try attempt(fitting.coding, elements, options, isWritten: isWritten)
    }
  }

  /// A deflate stream of anything has more bytes than this.
  private static let tooSmallToDeflate = 8
  /// Expected bytes are right to a few in a thousand; less than one in so many of difference is
  /// left to trying.
  private static let clear = 32

  /// The smallest encoding whose size follows from counts.
  private init(plain elements: Elements, _ candidates: [any TensorCoding]) {
    let geometry = elements.geometry
    var best: (coding: any TensorCoding, bytes: Int) = (RawCoding(), geometry.byteCount)
    for coding in candidates {
      let bytes =
        coding.encoding == .constant
        ? (elements.scan.isUniform ? geometry.elementSize : nil)
        : coding.storedBytes(of: geometry, nonzeros: elements.scan.nonzerosInAll)
      if let bytes, bytes < best.bytes { best = (coding, bytes) }
    }
    coding = best.coding
    bytes = best.bytes
    let blocks = best.coding.blocks.geometry(geometry).blockCount
    let lengths = (0..<blocks).map { block in
      let shape = elements.shape(block)
      return (0..<best.coding.runs).reduce(0) { $0 + best.coding.length(of: shape, run: $1) }
    }
    sizes = Section.Sizes(blocks: lengths, all: best.bytes)
  }

  /// Finds the smallest way to store the words of rounded values, and keeps it where it is smaller
  /// than what was best: of tiny tensors the table alone may take more than the values do.
  private mutating func attempt(
    _ rounded: RoundedValues, _ elements: Elements, _ options: PackOptions
  ) throws {
    if options.forced != nil { bytes = .max }
    for form in rounded.map.forms where options.forced == nil || form.element.isFloat {
      let plane = try Section(
        PackItem(
          planeOf: elements.item, type: form.element, source: PlaneBytes(rounded, form),
          geometry: elements.geometry.with(elementSize: form.element.size),
          span: form == .int8 || form == .int16 ? rounded.map.span : nil),
        options, isWritten: false)
      let coding = LevelsCoding(rounded, form, in: plane.coding)
      guard let sizes = plane.sizes, sizes.all + coding.parameters.count < bytes else { continue }
      bytes = sizes.all + coding.parameters.count
      self.coding = coding
      self.sizes = sizes
    }
  }

  /// Encodes all blocks, and keeps the result where it is smaller than what was best.
  private mutating func attempt(
    _ coding: any TensorCoding, _ elements: Elements, _ options: PackOptions, isWritten: Bool
  ) throws {
    let most = isWritten ? options.memory / 4 : 0
    let made = try Encoded(elements, coding, keepingAtMost: most)
    let all = made.lengths.reduce(0, +)
    guard all + coding.parameters.count < bytes else { return }
    bytes = all + coding.parameters.count
    self.coding = coding
    sizes = Section.Sizes(blocks: made.lengths, all: all)
    ready = made.blocks
  }
}

/// Blocks that were encoded to see how long they are.
private struct Encoded {
  let lengths: [Int]
  /// Empty where they are more than are kept.
  let blocks: [[UInt8]]

  init(_ elements: Elements, _ coding: any TensorCoding, keepingAtMost most: Int) throws {
    let geometry = elements.geometry
    let pool = BufferPool(keeping: Parallel.threads)
    let kept = Mutex(0)
    let made = try Parallel.map(geometry.blockCount) { block in
      try elements.withWords(block) { words in
        let shape = elements.shape(block)
        let buffer = pool.take(coding.length(of: shape, run: 0))
        defer { pool.giveBack(buffer) }
        let length = try coding.encode(shape, words, run: 0, into: buffer.all)
        let keeps = kept.withLock { kept in
          kept += length
          return kept <= most
        }
        return (length: length, bytes: keeps ? Array(buffer.first(length)) : nil)
      }
    }
    lengths = made.map(\.length)
    let bytes = made.compactMap(\.bytes)
    blocks = bytes.count == made.count ? bytes : []
  }
}
