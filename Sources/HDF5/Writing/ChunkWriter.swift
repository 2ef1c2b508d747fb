import CHDF5
import Documents
import Files
import Parallel

/// Writes the values of a chunked dataset: gathered, filtered side by side, and handed to the library
/// as they are to lie in the file.
///
/// Filters that only the library has (szip, n-bit, scale-offset) are run by it. Some of them lose
/// bits, so each chunk is read back, and one that comes back different is stored without filters:
/// values are never changed, whatever the filter is for. Chunks that LZF or deflate would not make
/// smaller are stored without it, as their writers do.
final class ChunkWriter {
  private let writer: TreeWriter
  private let object: Document.ObjectID
  private let dataset: Dataset
  private let chunk: [Int]
  private let boxes: ChunkBoxes
  private let geometry: ChunkGeometry
  private let pipeline: FilterPipeline
  private let ready: [StoragePlan.EncodedChunk]?
  private let elementSize: Int

  init(
    _ writer: TreeWriter, _ object: Document.ObjectID, _ dataset: Dataset, _ chunk: [Int],
    _ storage: StoragePlan.Entry
  ) {
    self.writer = writer
    self.object = object
    self.dataset = dataset
    self.chunk = chunk
    let dimensions = dataset.space.dimensions
    boxes = ChunkBoxes(dimensions: dimensions, chunk: chunk)
    geometry = ChunkGeometry(dimensions: dimensions, chunk: chunk)
    pipeline = FilterPipeline(filters: storage.filters)
    ready = storage.chunks
    elementSize = dataset.type.storedSize
  }

  func write(_ source: any ByteSource) throws(HDF5Error) {
    if let ready {
      try store(ready, from: 0)
      return Passage.add(source.count)
    }
    let gatherer = ChunkGatherer(geometry: geometry, elementSize: elementSize, fill: dataset.fill)
    let step = source.count / max(1, gatherer.slabs)
    let pipeline = pipeline
    nonisolated(unsafe) let this = self
    try HDF5.reading(writer.name) {
      if pipeline.isOurs {
        try Parallel.inOrder(gatherer.slabs, window: gatherer.window) { slab in
          try gatherer.chunks(ofSlab: slab, source) { pipeline.encode($0) }
        } consume: { slab, chunks in
          try this.store(
            chunks.map { StoragePlan.EncodedChunk(bytes: $0.bytes, mask: $0.mask) },
            from: slab * gatherer.chunksInSlab)
          Passage.add(step)
        }
      } else {
        for slab in 0..<gatherer.slabs {
          let chunks = try gatherer.chunks(ofSlab: slab, source) { [UInt8]($0) }
          try this.writeByLibrary(chunks, from: slab * gatherer.chunksInSlab)
          Passage.add(step)
        }
      }
    }
  }

  /// Puts chunks that are ready into the file; the first has index `first` in the grid.
  private func store(
    _ chunks: [StoragePlan.EncodedChunk], from first: Int
  ) throws(HDF5Error) {
    try Library.locked { () throws(HDF5Error) in
      try writer.writing(object) { () throws(Trouble) in
        let handle = try writer.open(object)
        for (index, chunk) in chunks.enumerated() {
          let (origin, _) = boxes.box(of: first + index)
          try check(
            H5Dwrite_chunk(
              handle.id, hid_t(H5P_DEFAULT), chunk.mask, origin, chunk.bytes.count, chunk.bytes))
        }
      }
    }
  }

  private func writeByLibrary(_ chunks: [[UInt8]], from first: Int) throws(HDF5Error) {
    try Library.locked { () throws(HDF5Error) in
      try writer.writing(object) { () throws(Trouble) in
        let handle = try writer.open(object)
        let type = try dataset.type.make()
        let space = try dataset.space.make()
        let memory = try Handle(
          H5Screate_simple(Int32(chunk.count), chunk.map { hsize_t($0) }, nil))
        let zero = [hsize_t](repeating: 0, count: chunk.count)
        let list = hid_t(H5P_DEFAULT)
        for (index, values) in chunks.enumerated() {
          let (origin, extent) = boxes.box(of: first + index)
          try check(H5Sselect_hyperslab(space.id, H5S_SELECT_SET, origin, nil, extent, nil))
          try check(H5Sselect_hyperslab(memory.id, H5S_SELECT_SET, zero, nil, extent, nil))
          // What lies outside the array is no part of the comparison.
          var back = values
          let wrote = H5Dwrite(handle.id, type.id, memory.id, space.id, list, values) >= 0
          let read = wrote && H5Dread(handle.id, type.id, memory.id, space.id, list, &back) >= 0
          if read, back == values { continue }
          chdf5_clear_errors()
          try check(
            H5Dwrite_chunk(handle.id, list, UInt32.max, origin, values.count, values))
        }
      }
    }
  }
}

/// Cuts values into chunks.
struct ChunkGatherer: Sendable {
  let geometry: ChunkGeometry
  let elementSize: Int
  private let fill: [UInt8]

  init(geometry: ChunkGeometry, elementSize: Int, fill: Dataset.FillValue) {
    self.geometry = geometry
    self.elementSize = elementSize
    if case .value(let element) = fill, element.count == elementSize {
      self.fill = element
    } else {
      self.fill = []
    }
  }

  /// A slab is all chunks with one place along the first dimension: one run of values.
  var slabs: Int { geometry.grid[0] }
  var chunksInSlab: Int { geometry.grid.dropFirst().reduce(1, *) }

  /// Slabs that may be in work at once, so that they take some 64 MiB together.
  var window: Int {
    let size = chunksInSlab.saturatingTimes(geometry.chunkCount).saturatingTimes(elementSize)
    return max(1, min(4 * Parallel.threads, (64 << 20) / max(1, size)))
  }

  /// What `body` makes of each whole chunk of a slab, in the order of the grid. Outside the array
  /// a chunk holds fill values, as the library leaves it.
  func chunks<Result: Sendable>(
    ofSlab slab: Int, _ source: any ByteSource,
    _ body: @Sendable (UnsafeRawBufferPointer) -> Result
  ) throws -> [Result] {
    let row = geometry.dimensions.dropFirst().reduce(1, *)
    let rows =
      slab * geometry.chunk[0]..<min(geometry.dimensions[0], (slab + 1) * geometry.chunk[0])
    let elements = rows.lowerBound * row..<rows.upperBound * row
    let bytes = elements.lowerBound * elementSize..<elements.upperBound * elementSize
    return try source.withBytes(bytes) { values in
      nonisolated(unsafe) let values = values
      return try Parallel.map(chunksInSlab) { index in
        let size = geometry.chunkCount * elementSize
        // A slab of one chunk that the array fills is the chunk already.
        if chunksInSlab == 1, values.count == size { return body(values) }
        let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
          for byte in 0..<size { buffer[byte] = fill.isEmpty ? 0 : fill[byte % elementSize] }
          guard let to = buffer.baseAddress, let from = values.baseAddress else { return }
          geometry.forEachRun(of: slab * chunksInSlab + index, in: elements) {
            array, inChunk, count in
            UnsafeMutableRawPointer(to + inChunk * elementSize).copyMemory(
              from: from + (array - elements.lowerBound) * elementSize,
              byteCount: count * elementSize)
          }
          filled = size
        }
        return chunk.withUnsafeBytes(body)
      }
    }
  }
}
