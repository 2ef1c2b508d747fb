import CHDF5
import Documents
import Files
import Parallel
import Synchronization

/// The values of a chunked dataset, decoded as they are asked for.
///
/// Where the filters are ours, the chunks are found once and then read from the file's bytes and
/// decoded side by side, without the library. Where they cannot be listed (more than 4,096, which
/// takes the library too long; a user block, for which its versions disagree on what an address is)
/// the library fetches them one after another, and we decode them; with other filters (szip, n-bit,
/// scale-offset, plugins) it does both.
final class ChunkedBytes: ByteSource {
  let chunks: Description
  private let index = Mutex<ChunkIndex?>(nil)
  private let cacheKey = ChunkCache.newKey()

  init(_ chunks: Description) { self.chunks = chunks }

  deinit { ChunkCache.shared.forget(cacheKey) }

  var count: Int { chunks.byteCount }
  var storedCount: Int { chunks.storedBytes }

  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    guard !range.isEmpty else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    let width = chunks.elementSize
    let elements = range.lowerBound / width..<(range.upperBound + width - 1) / width
    let bytes = try decoded(elements)
    let start = range.lowerBound - elements.lowerBound * width
    return try bytes.withUnsafeBytes {
      try body(UnsafeRawBufferPointer(rebasing: $0[start..<start + range.count]))
    }
  }

  /// Elements `range` of the array, in its order.
  private func decoded(_ range: Range<Int>) throws(HDF5Error) -> [UInt8] {
    let index = try self.index.withLock { (known) throws(HDF5Error) in
      if let known { return known }
      let new = try chunks.index()
      known = new
      return new
    }
    let needed = chunks.geometry.chunks(touching: range)
    switch index {
    case .byLibrary:
      return try chunks.file.open { (id) throws(HDF5Error) in
        do throws(Trouble) {
          return try self.chunks.read(needed, elements: range, from: id)
        } catch {
          throw error.whileReading(self.chunks.file.name, at: self.chunks.place)
        }
      }
    case .stored(let places): return try decode(needed, elements: range, places)
    }
  }

  private func decode(
    _ needed: [Int], elements range: Range<Int>, _ places: [Int: ChunkIndex.Place]
  ) throws(HDF5Error) -> [UInt8] {
    let chunks = chunks
    let geometry = chunks.geometry
    let width = chunks.elementSize
    return try HDF5.reading(chunks.file.name) {
      try [UInt8](unsafeUninitializedCapacity: range.count * width) { buffer, filled in
        nonisolated(unsafe) let buffer = buffer
        let work: @Sendable (Int) throws -> Void = { step in
          let chunk = needed[step]
          guard let place = places[chunk] else {
            geometry.forEachRun(of: chunk, in: range) { array, _, count in
              chunks.fill(buffer, from: (array - range.lowerBound) * width, count: count)
            }
            return
          }
          let bytes = try self.decode(chunk, at: place)
          bytes.withUnsafeBufferPointer { bytes in
            guard let from = bytes.baseAddress, let to = buffer.baseAddress else { return }
            geometry.forEachRun(of: chunk, in: range) { array, inChunk, count in
              (to + (array - range.lowerBound) * width)
                .update(from: from + inChunk * width, count: count * width)
            }
          }
        }
        // Threads are worth their start from some 10,000 bytes on.
        if needed.count > 1, chunks.chunkBytes.saturatingTimes(needed.count) > 1 << 16 {
          try Parallel.forEach(needed.count, work)
        } else {
          for step in needed.indices { try work(step) }
        }
        filled = range.count * width
      }
    }
  }

  /// One whole chunk. Neighbouring requests share the chunks at their ends, so those are kept for
  /// a while.
  private func decode(_ chunk: Int, at place: ChunkIndex.Place) throws -> [UInt8] {
    if let known = ChunkCache.shared.bytes(cacheKey, chunk) { return known }
    do throws(Trouble) {
      let size = chunks.chunkBytes
      try Description.checkProportion(of: size, to: place.size)
      var decoded: [UInt8] = []
      var trouble: Trouble?
      do {
        try chunks.file.bytes.withBytes(place.offset..<place.offset + place.size) { stored in
          do throws(Trouble) {
            decoded = try chunks.pipeline.decode(stored, mask: place.mask, size: size)
          } catch { trouble = error }
        }
      } catch { throw .damaged("\(error)") }
      if let trouble { throw trouble }
      ChunkCache.shared.keep(decoded, cacheKey, chunk)
      return decoded
    } catch {
      throw error.whileReading(chunks.file.name, at: chunks.place)
    }
  }
}
