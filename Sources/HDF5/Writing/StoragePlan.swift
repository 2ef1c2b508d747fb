import Documents
import Files
import Parallel

/// How each dataset is to be stored, decided before the file is made.
struct StoragePlan: Sendable {
  /// A chunk as it is to lie in the file.
  struct EncodedChunk: Sendable {
    let bytes: [UInt8]
    let mask: UInt32
  }

  struct Entry: Sendable {
    var layout: Dataset.Layout
    var filters: [Dataset.Filter]
    var allocationTime: Dataset.AllocationTime
    /// All chunks, where deciding has made them already.
    var chunks: [EncodedChunk]?
  }

  private var entries: [Document.ObjectID: Entry] = [:]

  /// Throws what reading the values throws.
  init(_ document: Document, _ storage: HDF5.Storage, name: String) throws(HDF5Error) {
    guard case .deflate(let level) = storage else { return }
    let candidates = document.objects.indices.filter { object in
      guard case .dataset(let dataset) = document.objects[object] else { return false }
      return Self.mayDeflate(dataset)
    }
    let planned = try HDF5.reading(name) {
      try Parallel.map(candidates.count) { index -> Entry? in
        guard case .dataset(let dataset) = document.objects[candidates[index]],
          case .plain(let source) = dataset.value
        else { return nil }
        return try Self.deflated(
          dataset, source, level: level, superblockVersion: document.superblockVersion)
      }
    }
    for (object, entry) in zip(candidates, planned) { entries[object] = entry }
  }

  func storage(of object: Document.ObjectID, _ dataset: Dataset) -> Entry {
    entries[object]
      ?? Entry(
        layout: dataset.layout, filters: dataset.filters, allocationTime: dataset.allocationTime)
  }

  // MARK: Deflate

  /// Numbers that no filter is applied to yet.
  private static func mayDeflate(_ dataset: Dataset) -> Bool {
    guard dataset.filters.isEmpty, dataset.type.elementType != nil,
      case .plain(let source) = dataset.value, case .simple(let dimensions, _) = dataset.space
    else { return false }
    return source.count >= 256 && !dimensions.isEmpty && dimensions.allSatisfy { $0 > 0 }
  }

  /// Chunks are at most this large…
  private static let largestChunk = 1 << 20
  /// …and this many, spread over the values, are tried out.
  private static let tried = 8

  /// The deflated storage of a dataset, or nil where that would not be smaller.
  private static func deflated(
    _ dataset: Dataset, _ source: any ByteSource, level: Int, superblockVersion: Int
  ) throws -> Entry? {
    let size = dataset.type.storedSize
    let shape =
      if case .chunked(let own) = dataset.layout { own } else {
        chunkShape(dataset.space.dimensions, elementSize: size)
      }
    let filters =
      (size > 1
        ? [Dataset.Filter(id: FilterPipeline.Known.shuffle, parameters: [UInt32(size)])] : [])
      + [Dataset.Filter(id: FilterPipeline.Known.deflate, parameters: [UInt32(clamping: level)])]
    let pipeline = FilterPipeline(filters: filters)
    let geometry = ChunkGeometry(dimensions: dataset.space.dimensions, chunk: shape)
    let gatherer = ChunkGatherer(geometry: geometry, elementSize: size, fill: dataset.fill)
    let all = gatherer.slabs <= tried
    let sample =
      all ? Array(0..<gatherer.slabs) : (0..<tried).map { $0 * (gatherer.slabs - 1) / (tried - 1) }
    let encoded = try Parallel.map(sample.count) { index in
      try gatherer.chunks(ofSlab: sample[index], source) { chunk in
        let (bytes, mask) = pipeline.encode(chunk)
        return EncodedChunk(bytes: bytes, mask: mask)
      }
    }
    let chunks = Array(encoded.joined())
    let before = chunks.count * geometry.chunkCount * size
    let after = chunks.reduce(0) { $0 + $1.bytes.count }
    if all {
      let index = indexSize(
        chunks: geometry.count, rank: shape.count, superblockVersion: superblockVersion)
      guard after + index < source.count else { return nil }
    } else {
      // No chunk ever takes more than its own size, so a gain here is a gain; a hundredth of a
      // megabyte a chunk is far more than its entry in the index.
      guard after < before - before / 100 else { return nil }
    }
    let keep = all && after <= 8 << 20
    let allocation = dataset.layout.isChunked ? dataset.allocationTime : .incremental
    return Entry(
      layout: .chunked(shape), filters: filters, allocationTime: allocation,
      chunks: keep ? chunks : nil)
  }

  /// Whole rows (of the first dimension, or of a later one where a row alone is too large), in
  /// chunks of nearly equal size.
  static func chunkShape(_ dimensions: [Int], elementSize: Int) -> [Int] {
    var shape = dimensions
    for axis in dimensions.indices {
      let row = dimensions[(axis + 1)...].reduce(elementSize) { $0.saturatingTimes($1) }
      let most = largestChunk / row
      if most >= dimensions[axis] { break }
      if most > 0 || axis == dimensions.count - 1 {
        let pieces = (dimensions[axis] + max(1, most) - 1) / max(1, most)
        shape[axis] = (dimensions[axis] + pieces - 1) / pieces
        break
      }
      shape[axis] = 1
    }
    return shape
  }

  /// Bytes that the index of the chunks takes, and the rest that a contiguous dataset does not
  /// have. Up to superblock version 2 that is a B-tree with nodes of 64 entries (file format
  /// specification 3.0, section III.A.1), later an array.
  static func indexSize(chunks: Int, rank: Int, superblockVersion: Int) -> Int {
    let headers = 128
    if superblockVersion >= 3 { return headers + (chunks == 1 ? 0 : 200 + 20 * chunks) }
    let key = 8 + 8 * (rank + 1)
    let node = 24 + 65 * key + 64 * 8
    var nodes = 0
    var level = chunks
    repeat {
      // A split leaves nodes half full.
      level = level <= 64 ? 1 : (level + 31) / 32
      nodes += level
    } while level > 1
    return headers + nodes * node
  }
}

extension Dataset.Layout {
  var isChunked: Bool { if case .chunked = self { true } else { false } }
}
