import CHDF5
import Documents
import Files

extension TreeReader {
  /// The open dataset `id`, its values left where they lie.
  func readDataset(
    _ object: Document.ObjectID, _ id: hid_t, _ about: chdf5_object
  ) throws(Trouble) -> Dataset {
    let creation = try Handle(H5Dget_create_plist(id))
    let layoutClass = H5Pget_layout(creation.id)
    // Before anything else: asking a virtual dataset for its shape opens the files it is made of.
    try refuseOtherFiles(creation.id, layoutClass)

    let typeHandle = try Handle(H5Dget_type(id))
    let type = try datasetType(typeHandle.id)
    let spaceHandle = try Handle(H5Dget_space(id))
    let space = try Dataspace(reading: spaceHandle.id)
    var dataset = Dataset(type: type.datatype, space: space, value: .unwritten)
    if let address = try committedAddress(of: typeHandle.id) {
      sharedTypes.append((object, nil, address))
    }
    try readSettings(&dataset, creation.id, layoutClass, typeHandle.id)
    dataset.attributeOrder = try attributeOrder(creation.id)
    dataset.attributes = try readAttributes(of: object, id, about, order: dataset.attributeOrder)

    let declared = (space.count ?? Int.max).saturatingTimes(type.datatype.storedSize)
    let stored = try storedBytes(id, declared: declared, space, type.datatype)
    if let reason = type.unknown {
      dataset.value = .unreadable(reason: reason)
      return dataset
    }
    guard declared > 0 else {
      dataset.value = dataset.type.isPlain ? .plain(MemoryBytes([])) : .portable([])
      return dataset
    }
    let values = try self.values(of: id, dataset, object, about.address, declared, stored)
    switch values {
    case .stored(let bytes) where dataset.type.isPlain: dataset.value = .plain(bytes)
    case .stored(let bytes):
      unfinished.append(
        Unfinished(
          object: object, attribute: nil, type: dataset.type, count: space.count ?? 0, stored: bytes
        ))
    case .unwritten: dataset.value = .unwritten
    case .unreadable(let reason): dataset.value = .unreadable(reason: reason)
    }
    return dataset
  }

  private enum Values {
    /// As they lie in the file, filters undone.
    case stored(any ByteSource)
    case unwritten
    case unreadable(reason: String)
  }

  private func values(
    of id: hid_t, _ dataset: Dataset, _ object: Document.ObjectID, _ address: UInt64,
    _ declared: Int, _ stored: Int
  ) throws(Trouble) -> Values {
    switch dataset.layout {
    case .contiguous:
      guard let offset = valuesOffset(of: id, userBlock: file.base) else { return .unwritten }
      guard let start = Int(exactly: offset), start <= file.bytes.count,
        declared <= file.bytes.count - start
      else { throw .damaged("its values lie past the end of the file (offset \(offset))") }
      contiguousBytes = contiguousBytes.saturatingPlus(declared)
      guard contiguousBytes <= file.bytes.count else {
        throw .damaged("the datasets up to here take more bytes than the file has: they overlap")
      }
      return .stored(ByteSlice(file.bytes, start..<start + declared))
    case .compact:
      guard stored == declared else {
        throw .damaged("\(stored) bytes are stored of \(declared) that its shape asks for")
      }
      try budget.charge(declared)
      var bytes = [UInt8](repeating: 0, count: declared)
      let type = try dataset.type.makeStored()
      try check(
        H5Dread(id, type.id, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), &bytes))
      return .stored(MemoryBytes(bytes))
    case .chunked(let shape):
      if stored == 0 { return .unwritten }
      let chunks = try ChunkedBytes.Description(
        file: file, address: address, place: path(of: object), dataset: dataset, chunk: shape,
        declared: declared,
        stored: stored)
      if let reason = try chunks.missingFilter(openAs: id) { return .unreadable(reason: reason) }
      return .stored(ChunkedBytes(chunks))
    }
  }

  /// The bytes stored of a dataset, when they are not out of all proportion to what it declares.
  ///
  /// Deflate cannot make more than 1,032 bytes of one; a fill value can stand for any number, and
  /// is believed up to 16 MiB.
  private func storedBytes(
    _ id: hid_t, declared: Int, _ space: Dataspace, _ type: Datatype
  ) throws(Trouble) -> Int {
    let size = H5Dget_storage_size(id)
    // 0 is "none" as well as "failed"; the error stack tells them apart.
    if size == 0, H5Eget_num(hid_t(H5E_DEFAULT)) > 0 { throw .library(takeMessage()) }
    let stored = min(Int(clamping: size), file.bytes.count)
    if declared > 16 << 20, declared / 1000 > stored {
      throw .declaresTooMuch(declared: declaredText(space, type), stored: stored)
    }
    if stored < declared {
      decodedBytes = decodedBytes.saturatingPlus(declared)
      guard decodedBytes <= limits.decodedBytes else {
        throw .tooLarge(limit: limits.decodedBytes)
      }
    }
    return stored
  }

  private func refuseOtherFiles(_ creation: hid_t, _ layout: H5D_layout_t) throws(Trouble) {
    if layout == H5D_VIRTUAL {
      var name = [CChar](repeating: 0, count: 512)
      let length = H5Pget_virtual_filename(creation, 0, &name, name.count)
      chdf5_clear_errors()
      throw .reachesOutside(
        what: "a virtual dataset", target: length > 0 ? shown(name) : "other files")
    }
    guard try check(H5Pget_external_count(creation)) > 0 else { return }
    var name = [CChar](repeating: 0, count: 512)
    var offset: off_t = 0
    var size: hsize_t = 0
    try check(H5Pget_external(creation, 0, name.count - 1, &name, &offset, &size))
    throw .reachesOutside(what: "external storage", target: shown(name))
  }

  private func shown(_ name: [CChar]) -> String {
    Name(bytes: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }).printable
  }

  /// The type, or a stand-in of the same size and the reason why it cannot be read.
  private func datasetType(
    _ id: hid_t
  ) throws(Trouble) -> (datatype: Datatype, unknown: String?) {
    do throws(Trouble) {
      return (try Datatype(reading: id), nil)
    } catch .unsupported(let what) {
      return (
        .opaque(size: max(1, H5Tget_size(id)), tag: Array(what.utf8)), "\(what) is not supported"
      )
    } catch {
      throw error
    }
  }
}

extension Int {
  func saturatingPlus(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? Int.max : sum
  }
}
