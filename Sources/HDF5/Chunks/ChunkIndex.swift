import CHDF5
import Documents
import Files

/// Where the chunks of a dataset are.
enum ChunkIndex: Sendable {
  struct Place: Sendable {
    /// In the file's bytes.
    let offset: Int
    let size: Int
    /// A set bit for every filter that was skipped.
    let mask: UInt32
  }
  /// By index in the grid; what is missing was never written.
  case stored([Int: Place])
  /// The library has to read them.
  case byLibrary
}

extension ChunkedBytes {
  /// What there is to know of a chunked dataset before any of its chunks is looked for.
  struct Description: Sendable {
    let file: ImageFile
    /// Of the dataset's object header.
    let address: UInt64
    /// For messages.
    let place: String
    let type: Datatype
    let dimensions: [Int]
    let chunk: [Int]
    let geometry: ChunkGeometry
    let pipeline: FilterPipeline
    /// What a chunk that was never written is full of; empty for zeros.
    let fillElement: [UInt8]
    /// Bytes, as stored.
    let elementSize: Int
    let chunkBytes: Int
    let byteCount: Int
    /// Bytes that the chunks take in the file.
    let storedBytes: Int

    /// Throws where one chunk alone would be out of all proportion to what is stored.
    init(
      file: ImageFile, address: UInt64, place: String, dataset: Dataset, chunk: [Int],
      declared: Int, stored: Int
    ) throws(Trouble) {
      self.file = file
      self.address = address
      self.place = place
      self.chunk = chunk
      type = dataset.type
      dimensions = dataset.space.dimensions
      pipeline = FilterPipeline(filters: dataset.filters)
      elementSize = dataset.type.storedSize
      chunkBytes = chunk.reduce(elementSize) { $0.saturatingTimes($1) }
      byteCount = declared
      storedBytes = stored
      try Self.checkProportion(of: chunkBytes, to: stored)
      geometry = ChunkGeometry(dimensions: dimensions, chunk: chunk)
      if case .value(let element) = dataset.fill, type.isPlain, element.contains(where: { $0 != 0 })
      {
        fillElement = element
      } else {
        fillElement = []
      }
    }

    /// Throws where a chunk of `size` bytes would be out of all proportion to what it is stored in:
    /// deflate makes at most 1,032 bytes of one.
    static func checkProportion(of size: Int, to stored: Int) throws(Trouble) {
      guard size <= 16 << 20 || size / 1100 <= stored else {
        throw .declaresTooMuch(declared: "\(size) (a chunk)", stored: stored)
      }
    }

    private static let mostListed: hsize_t = 4096

    /// Finds the chunks. Opens the file.
    func index() throws(HDF5Error) -> ChunkIndex {
      try file.open { (id) throws(HDF5Error) in
        do throws(Trouble) {
          let dataset = try Handle(chdf5_open_at(id, address))
          return try index(openAs: dataset.id)
        } catch {
          throw error.whileReading(file.name, at: place)
        }
      }
    }

    func index(openAs id: hid_t) throws(Trouble) -> ChunkIndex {
      let creation = try Handle(H5Dget_create_plist(id))
      var options: UInt32 = 0
      try check(H5Pget_chunk_opts(creation.id, &options))
      // Chunks at the edge that are stored without filters do not say so in their masks.
      guard pipeline.isOurs, file.base == 0, options == 0 else { return .byLibrary }
      return try places(openAs: id).map { .stored($0) } ?? .byLibrary
    }

    /// Nil where there are too many.
    private func places(openAs id: hid_t) throws(Trouble) -> [Int: ChunkIndex.Place]? {
      let space = try Handle(H5Dget_space(id))
      var number: hsize_t = 0
      try check(H5Dget_num_chunks(id, space.id, &number))
      guard number <= Self.mostListed else { return nil }
      let grid = zip(dimensions, chunk).map { ($0 + $1 - 1) / $1 }
      var places: [Int: ChunkIndex.Place] = [:]
      for serial in 0..<number {
        var origin = [hsize_t](repeating: 0, count: dimensions.count)
        var mask: UInt32 = 0
        var offset: haddr_t = 0
        var size: hsize_t = 0
        try check(H5Dget_chunk_info(id, space.id, serial, &origin, &mask, &offset, &size))
        guard offset != chdf5_no_address() else { continue }
        guard let start = Int(exactly: offset), let length = Int(exactly: size),
          start <= file.bytes.count, length <= file.bytes.count - start
        else { throw .damaged("a chunk lies past the end of the file (offset \(offset))") }
        var cell = 0
        var isInside = true
        for axis in grid.indices {
          let (position, rest) = Int(clamping: origin[axis]).quotientAndRemainder(
            dividingBy: chunk[axis])
          guard rest == 0 else { throw .damaged("a chunk that lies across the grid of chunks") }
          // A chunk that was left behind when the dataset shrank.
          if position >= grid[axis] { isInside = false }
          cell = isInside ? cell * grid[axis] + position : 0
        }
        if isInside { places[cell] = ChunkIndex.Place(offset: start, size: length, mask: mask) }
      }
      return places
    }

    /// Why the values cannot be decoded: a filter that neither we nor the library have, and that
    /// some chunk really needs. To be called with the dataset open.
    func missingFilter(openAs id: hid_t) throws(Trouble) -> String? {
      for (serial, filter) in pipeline.filters.enumerated() where !Self.isKnown(filter.id) {
        let bit = UInt32(1) << UInt32(serial & 31)
        if file.base == 0, let places = try places(openAs: id),
          places.values.allSatisfy({ $0.mask & bit != 0 })
        {
          continue
        }
        return "\(FilterPipeline.describe(filter.id)) is not available to decode its values"
      }
      return nil
    }

    private static func isKnown(_ id: Int) -> Bool {
      if [1, 2, 3, LZF.filter].contains(id) { return true }
      let number = H5Z_filter_t(clamping: id)
      var configuration: UInt32 = 0
      guard H5Zfilter_avail(number) > 0, H5Zget_filter_info(number, &configuration) >= 0 else {
        chdf5_clear_errors()
        return false
      }
      return configuration & UInt32(H5Z_FILTER_CONFIG_DECODE_ENABLED) != 0
    }

    // MARK: Bytes

    /// Writes `count` fill values at byte `offset` of `buffer`.
    func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>, from offset: Int, count: Int) {
      for byte in 0..<count * elementSize {
        buffer[offset + byte] = fillElement.isEmpty ? 0 : fillElement[byte % elementSize]
      }
    }

    /// A whole chunk, found by the library and decoded by us, which holds what its filters give
    /// against the size that it should have: versions of the library before 2026 do not, and would
    /// copy what lies behind a short one. Nil for a chunk that was never written.
    private func decoded(
      at origin: [hsize_t], isPartial: Bool, options: UInt32, from id: hid_t
    ) throws(Trouble) -> [UInt8]? {
      var size: hsize_t = 0
      var mask: UInt32 = 0
      var address: haddr_t = 0
      try check(H5Dget_chunk_info_by_coord(id, origin, &mask, &address, &size))
      guard address != chdf5_no_address(), size > 0 else { return nil }
      guard let stored = Int(exactly: size), stored <= file.bytes.count else {
        throw .damaged("a chunk of \(size) bytes, more than the file has")
      }
      try Self.checkProportion(of: chunkBytes, to: stored)
      var bytes = [UInt8](repeating: 0, count: stored)
      try check(H5Dread_chunk(id, hid_t(H5P_DEFAULT), origin, &mask, &bytes))
      if isPartial, options & UInt32(H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0 { mask = .max }
      var result: [UInt8] = []
      var trouble: Trouble?
      bytes.withUnsafeBytes { stored in
        do throws(Trouble) {
          result = try pipeline.decode(stored, mask: mask, size: chunkBytes)
        } catch { trouble = error }
      }
      if let trouble { throw trouble }
      return result
    }

    /// Elements `range`, out of the chunks `needed`, read through the library from the open file
    /// `id`.
    func read(
      _ needed: [Int], elements range: Range<Int>, from id: hid_t
    ) throws(Trouble) -> [UInt8] {
      let dataset = try Handle(chdf5_open_at(id, address))
      let stored = try type.makeStored()
      let space = try Handle(H5Dget_space(dataset.id))
      let memory = try Handle(H5Screate_simple(Int32(chunk.count), chunk.map { hsize_t($0) }, nil))
      // The same grid without folded dimensions, since the library counts in real ones.
      let plain = ChunkBoxes(dimensions: dimensions, chunk: chunk)
      var options: UInt32 = 0
      if pipeline.isOurs {
        let creation = try Handle(H5Dget_create_plist(dataset.id))
        try check(H5Pget_chunk_opts(creation.id, &options))
      }
      var bytes = [UInt8](repeating: 0, count: range.count * elementSize)
      var buffer = [UInt8](repeating: 0, count: chunkBytes)
      for index in needed {
        let (origin, extent) = plain.box(of: index)
        if pipeline.isOurs {
          let isPartial = zip(extent, chunk).contains { $0 < $1 }
          if let whole = try decoded(
            at: origin, isPartial: isPartial, options: options, from: dataset.id)
          {
            buffer = whole
          } else {
            buffer.withUnsafeMutableBufferPointer {
              fill($0, from: 0, count: chunkBytes / elementSize)
            }
          }
        } else {
          let zero = [hsize_t](repeating: 0, count: chunk.count)
          try check(H5Sselect_hyperslab(space.id, H5S_SELECT_SET, origin, nil, extent, nil))
          try check(H5Sselect_hyperslab(memory.id, H5S_SELECT_SET, zero, nil, extent, nil))
          try check(
            H5Dread(dataset.id, stored.id, memory.id, space.id, hid_t(H5P_DEFAULT), &buffer))
        }
        geometry.forEachRun(of: index, in: range) { array, inChunk, count in
          let to = (array - range.lowerBound) * elementSize
          let from = inChunk * elementSize
          for byte in 0..<count * elementSize { bytes[to + byte] = buffer[from + byte] }
        }
      }
      return bytes
    }
  }
}

/// The boxes of a grid of chunks as the library wants them.
struct ChunkBoxes {
  let dimensions: [Int]
  let chunk: [Int]

  func box(of index: Int) -> (origin: [hsize_t], extent: [hsize_t]) {
    var origin = [hsize_t](repeating: 0, count: chunk.count)
    var extent = origin
    var rest = index
    for axis in chunk.indices.reversed() {
      let cells = (dimensions[axis] + chunk[axis] - 1) / chunk[axis]
      let start = rest % cells * chunk[axis]
      rest /= cells
      origin[axis] = hsize_t(start)
      extent[axis] = hsize_t(min(chunk[axis], dimensions[axis] - start))
    }
    return (origin, extent)
  }
}
