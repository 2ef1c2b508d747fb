import CHDF5
import Documents

/// How elements lie in a file, which differs from memory where the data is of variable length: there
/// a 4-byte length, the address of a global heap collection (8 bytes) and an index in it (4) stand
/// for the data (HDF5 file format specification 3.0, section VIII.B: reference to an object in the
/// global heap). Addresses of 8 bytes, which is what every writer in use makes.
extension Datatype {
  static let heapReferenceSize = 16
  static let objectReferenceSize = 8

  /// Bytes of an element in the file. Members that hold variable-length data shift the ones behind
  /// them, as the library does when a type goes from memory to a file.
  var storedSize: Int {
    switch self {
    case .variableString, .sequence: Self.heapReferenceSize
    case .objectReference: Self.objectReferenceSize
    case .array(let base, let dimensions):
      dimensions.reduce(base.storedSize) { $0.saturatingTimes($1) }
    case .compound(let size, let members):
      members.reduce(size) { $0 &+ $1.type.storedSize &- $1.type.memorySize }
    case .enumeration(let base, _): base.storedSize
    default: size
    }
  }

  /// Bytes of an element in the library's memory form: a pointer for a variable-length string, a
  /// length and a pointer for a sequence.
  var memorySize: Int {
    switch self {
    case .variableString: MemoryLayout<UnsafeRawPointer?>.size
    case .sequence: MemoryLayout<hvl_t>.size
    case .objectReference: Self.objectReferenceSize
    case .array(let base, let dimensions):
      dimensions.reduce(base.memorySize) { $0.saturatingTimes($1) }
    default: size
    }
  }

  /// The members of a compound with their offsets in the file.
  static func stored(_ members: [Member]) -> [(member: Member, offset: Int)] {
    var shift = 0
    var offsets = [Int](repeating: 0, count: members.count)
    // The library shifts in order of offset, whatever the order of the members.
    for index in members.indices.sorted(by: { members[$0].offset < members[$1].offset }) {
      offsets[index] = members[index].offset &+ shift
      shift = shift &+ members[index].type.storedSize &- members[index].type.memorySize
    }
    return zip(members, offsets).map { ($0, $1) }
  }

  /// A datatype of the library to read values with as they lie in the file. For a plain type that
  /// is the type itself; variable-length data comes as opaque heap references.
  func makeStored() throws(Trouble) -> Handle {
    if isPlain { return try make() }
    let type: Handle
    switch self {
    case .variableString, .sequence:
      type = try Handle(H5Tcreate(H5T_OPAQUE, Self.heapReferenceSize))
    case .compound(_, let members):
      type = try Handle(H5Tcreate(H5T_COMPOUND, storedSize))
      for (member, offset) in Self.stored(members) {
        let part = try member.type.makeStored()
        try check(H5Tinsert(type.id, try cString(member.name.bytes), offset, part.id))
      }
    case .array(let base, let dimensions):
      let element = try base.makeStored()
      type = try Handle(
        H5Tarray_create2(
          element.id, UInt32(dimensions.count), dimensions.map { hsize_t(clamping: $0) }))
    default: type = try make()
    }
    guard H5Tget_size(type.id) == storedSize else {
      throw .damaged("a datatype whose parts do not add up to its size")
    }
    return type
  }
}

extension Int {
  /// The product, or `Int.max` where it does not fit.
  func saturatingTimes(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? Int.max : product
  }
}
