import CHDF5
import Documents
import Files

extension TreeReader {
  /// The attributes of the open object `id`, in creation order where that is tracked, else in order
  /// of name.
  func readAttributes(
    of object: Document.ObjectID, _ id: hid_t, _ about: chdf5_object, order: CreationOrder
  ) throws(Trouble) -> [Attribute] {
    guard about.attributes > 0 else { return [] }
    let names = try attributeNames(id, inCreationOrder: order != .untracked)
    var attributes: [Attribute] = []
    attributes.reserveCapacity(names.count)
    for found in names {
      do throws(Trouble) {
        var attribute = try readAttribute(found.name, attributes.count, of: object, id)
        attribute.mark = found.mark
        attributes.append(attribute)
      } catch {
        throw error.at(attribute: found.name)
      }
    }
    return attributes
  }

  private func readAttribute(
    _ name: Name, _ index: Int, of object: Document.ObjectID, _ id: hid_t
  ) throws(Trouble) -> Attribute {
    let attribute = try Handle(H5Aopen(id, try cString(name.bytes), hid_t(H5P_DEFAULT)))
    let typeHandle = try Handle(H5Aget_type(attribute.id))
    let type = try Datatype(reading: typeHandle.id)
    let spaceHandle = try Handle(H5Aget_space(attribute.id))
    let space = try Dataspace(reading: spaceHandle.id)
    if let address = try committedAddress(of: typeHandle.id) {
      sharedTypes.append((object, index, address))
    }
    let size = (space.count ?? Int.max).saturatingTimes(type.storedSize)
    guard size <= file.bytes.count else {
      throw .declaresTooMuch(declared: declaredText(space, type), stored: file.bytes.count)
    }
    try budget.charge(name.bytes.count + size)
    var value = [UInt8](repeating: 0, count: size)
    if size > 0 {
      if type.isPlain {
        try check(H5Aread(attribute.id, typeHandle.id, &value))
      } else {
        let stored = try type.makeStored()
        try check(H5Aread(attribute.id, stored.id, &value))
      }
    }
    if !type.isPlain, size > 0 {
      unfinished.append(
        Unfinished(
          object: object, attribute: index, type: type, count: space.count ?? 0,
          stored: MemoryBytes(value)))
      value = []
    }
    return Attribute(name: name, type: type, space: space, value: value)
  }

  private struct FoundName {
    let name: Name
    let mark: NameMark
    /// The place in the order of creation.
    let order: Int64
  }

  private func attributeNames(_ id: hid_t, inCreationOrder: Bool) throws(Trouble) -> [FoundName] {
    // Looking for one that is not there decodes them all. To list them when one of them cannot be
    // decoded crashes 1.10 (it frees a table that is half made).
    try check(H5Aexists(id, absentName))
    var found: [FoundName] = []
    let status = withUnsafeMutablePointer(to: &found) {
      chdf5_visit_attributes(
        id,
        { context, name, isUTF8, order in
          guard let found = context?.assumingMemoryBound(to: [FoundName].self), let name
          else { return -1 }
          found.pointee.append(
            FoundName(
              name: Name(bytes: bytes(ofCString: name)),
              mark: isUTF8 != 0 ? .utf8 : .ascii, order: order))
          return 0
        }, $0)
    }
    try check(status)
    found.sort { inCreationOrder ? $0.order < $1.order : $0.name < $1.name }
    return found
  }

  /// The address of the committed type that `type` was taken from.
  func committedAddress(of type: hid_t) throws(Trouble) -> UInt64? {
    guard try check(H5Tcommitted(type)) > 0 else { return nil }
    var about = chdf5_object()
    try check(chdf5_describe(type, &about))
    return about.address
  }
}

/// `4294967296 x 2 x 4 bytes each`, or the product where it fits.
func declaredText(_ space: Dataspace, _ type: Datatype) -> String {
  let size = (space.count ?? Int.max).saturatingTimes(type.storedSize)
  if size < Int.max { return "\(size)" }
  return "\(space.dimensions.map(String.init).joined(separator: " x ")) x \(type.storedSize)"
}

extension Dataspace {
  init(reading id: hid_t) throws(Trouble) {
    switch H5Sget_simple_extent_type(id) {
    case H5S_NULL: self = .null
    case H5S_SCALAR: self = .scalar
    case H5S_SIMPLE:
      let rank = Int(try check(H5Sget_simple_extent_ndims(id)))
      var current = [hsize_t](repeating: 0, count: rank)
      var limit = current
      try check(H5Sget_simple_extent_dims(id, &current, &limit))
      var dimensions: [Int] = []
      var maximum: [Int?] = []
      for (size, most) in zip(current, limit) {
        dimensions.append(try int(size))
        maximum.append(most == chdf5_unlimited() ? nil : try int(most))
      }
      self = .simple(dimensions: dimensions, maximum: maximum)
    default: throw .library(takeMessage())
    }
  }

  func make() throws(Trouble) -> Handle {
    switch self {
    case .null: return try Handle(H5Screate(H5S_NULL))
    case .scalar: return try Handle(H5Screate(H5S_SCALAR))
    case .simple(let dimensions, let maximum):
      guard dimensions.count == maximum.count, dimensions.count <= 32,
        dimensions.allSatisfy({ $0 >= 0 }), maximum.allSatisfy({ ($0 ?? 0) >= 0 })
      else { throw .inconsistent("a shape that cannot be") }
      if dimensions.isEmpty { return try Handle(H5Screate(H5S_SCALAR)) }
      return try Handle(
        H5Screate_simple(
          Int32(dimensions.count), dimensions.map { hsize_t($0) },
          maximum.map { $0.map { hsize_t($0) } ?? chdf5_unlimited() }))
    }
  }
}

extension Trouble {
  /// The same, with the name of the attribute in front.
  func at(attribute name: Name) -> Trouble {
    let mark = "attribute \(name.printable)"
    return switch self {
    case .library(let words): .library("\(mark): \(words)")
    case .damaged(let reason): .damaged("\(mark): \(reason)")
    case .inconsistent(let reason): .inconsistent("\(mark): \(reason)")
    case .unsupported(let what): .unsupported("\(mark): \(what)")
    default: self
    }
  }
}
