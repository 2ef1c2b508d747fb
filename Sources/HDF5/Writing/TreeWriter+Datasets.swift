import CHDF5
import Documents
import Files

extension TreeWriter {
  func makeDataset(
    _ dataset: Dataset, _ storage: StoragePlan.Entry
  ) throws(Trouble) -> Handle {
    if case .unreadable(let reason) = dataset.value { throw .unreadable(reason) }
    let creation = try Handle(chdf5_new_dataset_creation_list())
    try check(H5Pset_obj_track_times(creation.id, false))
    try check(H5Pset_attr_creation_order(creation.id, dataset.attributeOrder.flags))
    switch storage.layout {
    case .contiguous: try check(H5Pset_layout(creation.id, H5D_CONTIGUOUS))
    case .compact: try check(H5Pset_layout(creation.id, H5D_COMPACT))
    case .chunked(let shape):
      guard shape.count == dataset.space.dimensions.count, shape.count <= 32,
        shape.allSatisfy({ $0 > 0 })
      else { throw .inconsistent("chunks that do not fit the shape") }
      try check(H5Pset_chunk(creation.id, Int32(shape.count), shape.map { hsize_t($0) }))
    }
    for filter in storage.filters {
      try check(
        H5Pset_filter(
          creation.id, H5Z_filter_t(clamping: filter.id),
          filter.isOptional ? UInt32(H5Z_FLAG_OPTIONAL) : 0, filter.parameters.count,
          filter.parameters))
    }
    let type = try datatype(dataset.type, dataset.committedType)
    try setFill(creation.id, dataset, type.id)
    let times = [H5D_FILL_TIME_IFSET, H5D_FILL_TIME_ALLOC, H5D_FILL_TIME_NEVER]
    try check(H5Pset_fill_time(creation.id, times[Int(dataset.fillTime.rawValue)]))
    let allocation =
      switch storage.layout == .compact ? .early : storage.allocationTime {
      case .early: H5D_ALLOC_TIME_EARLY
      case .late: H5D_ALLOC_TIME_LATE
      case .incremental: H5D_ALLOC_TIME_INCR
      }
    try check(H5Pset_alloc_time(creation.id, allocation))
    let space = try dataset.space.make()
    return try Handle(H5Dcreate_anon(file, type.id, space.id, creation.id, hid_t(H5P_DEFAULT)))
  }

  private func setFill(_ creation: hid_t, _ dataset: Dataset, _ type: hid_t) throws(Trouble) {
    switch dataset.fill {
    case .standard: break
    case .undefined: try check(H5Pset_fill_value(creation, type, nil))
    case .value(let value):
      if dataset.type.isPlain {
        guard value.count == dataset.type.storedSize else {
          throw .inconsistent("a fill value of \(value.count) bytes")
        }
        try check(H5Pset_fill_value(creation, type, value))
      } else {
        let memory = try memoryForm(dataset.type, count: 1, value)
        try check(H5Pset_fill_value(creation, type, memory.elements))
      }
    }
  }

  /// Writes the values of a dataset, or finds the place for them. Takes the library's lock only
  /// while no source is read.
  func writeValues(of object: Document.ObjectID) throws(HDF5Error) {
    guard case .dataset(let dataset) = document.objects[object] else { return }
    guard let count = dataset.space.count, count > 0 else { return }
    switch dataset.value {
    case .unwritten, .unreadable: return
    case .portable(let value):
      try Library.locked { () throws(HDF5Error) in
        try writing(object) { () throws(Trouble) in
          let handle = try open(object)
          let memory = try memoryForm(dataset.type, count: count, value)
          let type = try memory.type.make()
          try check(
            H5Dwrite(
              handle.id, type.id, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT),
              memory.elements))
        }
      }
    case .plain(let source):
      let size = count.saturatingTimes(dataset.type.storedSize)
      guard dataset.type.isPlain, source.count == size else {
        throw .inconsistent(
          file: name, place: place(of: object),
          reason: "\(source.count) bytes of values, where its shape holds \(size)")
      }
      switch plan.storage(of: object, dataset).layout {
      case .contiguous: try placeContiguous(object, dataset, source)
      case .compact: try writeCompact(object, dataset, source)
      case .chunked(let shape):
        try ChunkWriter(self, object, dataset, shape, plan.storage(of: object, dataset)).write(
          source)
      }
    }
  }

  private func placeContiguous(
    _ object: Document.ObjectID, _ dataset: Dataset, _ source: any ByteSource
  ) throws(HDF5Error) {
    let offset = try Library.locked { () throws(HDF5Error) in
      try writing(object) { () throws(Trouble) -> UInt64 in
        let handle = try open(object)
        let block = document.userBlock.count
        if let offset = valuesOffset(of: handle.id, userBlock: block) { return offset }
        try allocate(handle.id, dataset)
        guard let offset = valuesOffset(of: handle.id, userBlock: block) else {
          throw .library("no room was made for values")
        }
        return offset
      }
    }
    addPlace(source, offset: Int(clamping: offset))
  }

  /// Makes the library find room for a dataset, by writing one element. Changing when it allocates
  /// would do that too, but would be written in the file.
  private func allocate(_ id: hid_t, _ dataset: Dataset) throws(Trouble) {
    let type = try dataset.type.make()
    let zero = [UInt8](repeating: 0, count: dataset.type.storedSize)
    let space = try dataset.space.make()
    let one = try Handle(H5Screate(H5S_SCALAR))
    let rank = dataset.space.dimensions.count
    if rank > 0 {
      let first = [hsize_t](repeating: 0, count: rank)
      let count = [hsize_t](repeating: 1, count: rank)
      try check(H5Sselect_hyperslab(space.id, H5S_SELECT_SET, first, nil, count, nil))
    }
    try check(H5Dwrite(id, type.id, one.id, space.id, hid_t(H5P_DEFAULT), zero))
  }

  private func writeCompact(
    _ object: Document.ObjectID, _ dataset: Dataset, _ source: any ByteSource
  ) throws(HDF5Error) {
    let bytes = try HDF5.reading(name) { try source.bytes() }
    try Library.locked { () throws(HDF5Error) in
      try writing(object) { () throws(Trouble) in
        let handle = try open(object)
        let type = try dataset.type.make()
        try check(
          H5Dwrite(
            handle.id, type.id, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), bytes))
      }
    }
  }
}
