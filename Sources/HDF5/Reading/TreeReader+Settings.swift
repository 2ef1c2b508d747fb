import CHDF5
import Documents

extension TreeReader {
  /// Reads how a dataset is stored from its creation properties.
  func readSettings(
    _ dataset: inout Dataset, _ creation: hid_t, _ layout: H5D_layout_t, _ type: hid_t
  ) throws(Trouble) {
    switch layout {
    case H5D_COMPACT: dataset.layout = .compact
    case H5D_CONTIGUOUS: dataset.layout = .contiguous
    case H5D_CHUNKED:
      var shape = [hsize_t](repeating: 0, count: 32)
      let rank = Int(try check(H5Pget_chunk(creation, 32, &shape)))
      guard rank == dataset.space.dimensions.count, shape[..<rank].allSatisfy({ $0 > 0 }) else {
        throw .damaged("chunks of another rank than the dataset")
      }
      dataset.layout = .chunked(
        try shape[..<rank].map { (size) throws(Trouble) in try int(size) })
    default: throw .library(takeMessage())
    }
    dataset.filters = try readFilters(creation)

    var fillTime = H5D_FILL_TIME_IFSET
    try check(H5Pget_fill_time(creation, &fillTime))
    dataset.fillTime =
      switch fillTime {
      case H5D_FILL_TIME_ALLOC: .atAllocation
      case H5D_FILL_TIME_NEVER: .never
      default: .ifSet
      }
    var allocationTime = H5D_ALLOC_TIME_DEFAULT
    try check(H5Pget_alloc_time(creation, &allocationTime))
    dataset.allocationTime =
      switch allocationTime {
      case H5D_ALLOC_TIME_EARLY: .early
      case H5D_ALLOC_TIME_INCR: .incremental
      default: .late
      }
    dataset.fill = try readFill(creation, dataset.type, type)
  }

  private func readFilters(_ creation: hid_t) throws(Trouble) -> [Dataset.Filter] {
    var filters: [Dataset.Filter] = []
    for index in 0..<UInt32(try check(H5Pget_nfilters(creation))) {
      var flags: UInt32 = 0
      var parameters = [UInt32](repeating: 0, count: 64)
      var count = parameters.count
      var configuration: UInt32 = 0
      var id = try check(
        H5Pget_filter2(creation, index, &flags, &count, &parameters, 0, nil, &configuration))
      if count > parameters.count {
        // It tells how many there are, and gives as many as there was room for.
        guard count <= 1 << 16 else { throw .damaged("a filter with \(count) parameters") }
        parameters = [UInt32](repeating: 0, count: count)
        id = try check(
          H5Pget_filter2(creation, index, &flags, &count, &parameters, 0, nil, &configuration))
      }
      filters.append(
        Dataset.Filter(
          id: Int(id), isOptional: flags & UInt32(H5Z_FLAG_OPTIONAL) != 0,
          parameters: Array(parameters.prefix(count))))
    }
    return filters
  }

  private func readFill(
    _ creation: hid_t, _ datatype: Datatype, _ type: hid_t
  ) throws(Trouble) -> Dataset.FillValue {
    var status = H5D_FILL_VALUE_DEFAULT
    try check(H5Pfill_value_defined(creation, &status))
    if status == H5D_FILL_VALUE_UNDEFINED { return .undefined }
    guard status == H5D_FILL_VALUE_USER_DEFINED else { return .standard }
    if datatype.isPlain {
      let size = datatype.storedSize
      guard size == H5Tget_size(type), size <= file.bytes.count else {
        throw .damaged("a fill value of \(size) bytes")
      }
      var value = [UInt8](repeating: 0, count: size)
      try check(H5Pget_fill_value(creation, type, &value))
      return .value(value)
    }
    guard case .variableString = datatype else {
      throw .unsupported("a fill value of a compound or sequence of variable length")
    }
    var text: UnsafeMutablePointer<CChar>?
    try check(H5Pget_fill_value(creation, type, &text))
    guard let text else { return .value([0]) }
    defer { H5free_memory(text) }
    let bytes = bytes(ofCString: text)
    var portable: [UInt8] = []
    portable.append(varint: UInt64(bytes.count) + 1)
    return .value(portable + bytes)
  }
}
