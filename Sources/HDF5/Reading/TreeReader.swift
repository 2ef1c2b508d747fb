import CHDF5
import Documents
import Files

/// Walks a file from its root and makes the document.
///
/// Objects are told apart by their address, so aliases and cycles of hard links stay what they are,
/// and each is opened by its address: a deep tree costs no more than a wide one, and no path is
/// ever followed.
final class TreeReader {
  let file: ImageFile
  let limits: Limits
  var budget: Budget
  var objects: [Object] = []
  /// Where each object was met first, to name it in messages.
  private var origins: [(parent: Document.ObjectID, name: Name, depth: Int)] = []
  private var addresses: [UInt64: Document.ObjectID] = [:]
  private var waiting: [(id: Document.ObjectID, address: UInt64)] = []
  private var links = 0
  /// Values and committed types that can be told only when every object is known.
  var unfinished: [Unfinished] = []
  var sharedTypes: [(object: Document.ObjectID, attribute: Int?, address: UInt64)] = []
  /// Declared bytes of contiguous datasets, and of those that have to be decoded or made up.
  var contiguousBytes = 0
  var decodedBytes = 0

  /// A value that is still as it lies in the file, to be turned into portable form.
  struct Unfinished {
    let object: Document.ObjectID
    /// An index in the object's attributes; nil for a dataset's own values.
    let attribute: Int?
    let type: Datatype
    let count: Int
    let stored: any ByteSource
  }

  private static let deepest = 4096

  init(_ file: ImageFile, limits: Limits) {
    self.file = file
    self.limits = limits
    budget = Budget(fileSize: file.bytes.count)
  }

  /// Reads the structure of the open file `id`: everything but what `finish` does.
  func walk(_ id: hid_t) throws(HDF5Error) {
    do throws(Trouble) {
      var root = chdf5_object()
      try check(chdf5_describe(id, &root))
      _ = identify(root.address, parent: 0, name: "")
    } catch {
      throw error.whileReading(file.name, at: "/")
    }
    while let (object, address) = waiting.popLast() {
      do throws(Trouble) {
        try read(object, at: address, of: id)
      } catch {
        throw error.whileReading(file.name, at: path(of: object))
      }
    }
  }

  /// The document. To be called when the file is closed again, since it reads values.
  func finish() throws(HDF5Error) -> Document {
    for (object, attribute, address) in sharedTypes {
      guard let type = addresses[address], case .committedType = objects[type] else { continue }
      setCommittedType(type, object: object, attribute: attribute)
    }
    var encoder = PortableEncoder(
      heap: GlobalHeap(image: file.bytes, base: file.base), budget: budget, objects: addresses)
    for value in unfinished {
      do throws(Trouble) {
        let portable = try encoder.encode(value.type, count: value.count, in: value.stored)
        setPortable(portable, object: value.object, attribute: value.attribute)
      } catch {
        throw error.whileReading(file.name, at: path(of: value.object))
      }
    }
    let userBlock = try HDF5.reading(file.name) {
      try file.bytes.withBytes(0..<file.base) { [UInt8]($0) }
    }
    let version = try HDF5.reading(file.name) {
      try file.bytes.withBytes(file.base + 8..<file.base + 9) { Int($0[0]) }
    }
    return Document(objects: objects, userBlock: userBlock, superblockVersion: version)
  }

  // MARK: Objects

  private func read(
    _ object: Document.ObjectID, at address: UInt64, of file: hid_t
  ) throws(Trouble) {
    var trouble: Trouble?
    try? self.file.bytes.withBytes { bytes in
      do throws(Trouble) {
        try HeaderCheck(bytes: bytes, base: self.file.base).verify(headerAt: address)
      } catch { trouble = error }
    }
    if let trouble { throw trouble }
    let handle = try open(file, address)
    var about = chdf5_object()
    try check(chdf5_describe(handle.id, &about))
    switch H5O_type_t(rawValue: about.type) {
    case H5O_TYPE_GROUP:
      objects[object] = .group(try readGroup(object, handle.id, about))
    case H5O_TYPE_DATASET:
      objects[object] = .dataset(try readDataset(object, handle.id, about))
    case H5O_TYPE_NAMED_DATATYPE:
      objects[object] = .committedType(try readCommittedType(object, handle.id, about))
    default: throw .unsupported("an object of type \(about.type)")
    }
  }

  private func open(_ file: hid_t, _ address: UInt64) throws(Trouble) -> Handle {
    do throws(Trouble) {
      return try Handle(chdf5_open_at(file, address))
    } catch .library(let words) where words.contains("hyperslab selection") {
      // Of all that an object header holds only a virtual dataset has one, and 1.10 cannot read
      // those of later versions.
      throw .reachesOutside(what: "a virtual dataset", target: "other files")
    } catch {
      throw error
    }
  }

  private func readGroup(
    _ object: Document.ObjectID, _ id: hid_t, _ about: chdf5_object
  ) throws(Trouble) -> Group {
    var group = Group()
    let creation = try Handle(H5Gget_create_plist(id))
    var flags: UInt32 = 0
    try check(H5Pget_link_creation_order(creation.id, &flags))
    group.linkOrder = CreationOrder(flags: flags)
    group.attributeOrder = try attributeOrder(creation.id)
    let found = try Links.collect(
      id, inCreationOrder: group.linkOrder != .untracked, atMost: file.bytes.count / 8 - links)
    links += found.count
    let firstNew = waiting.count
    group.links.reserveCapacity(found.count)
    for link in found {
      try budget.charge(link.name.bytes.count)
      switch link.kind {
      case H5L_TYPE_HARD:
        let target = identify(link.address, parent: object, name: link.name)
        guard origins[target].depth <= Self.deepest else {
          throw .damaged("groups nested deeper than \(Self.deepest) levels")
        }
        group.links.append(
          Link(name: link.name, target: .hard(target), mark: link.mark))
      case H5L_TYPE_SOFT:
        try budget.charge(link.size)
        let path = try Links.value(of: link, in: id).prefix { $0 != 0 }
        group.links.append(
          Link(
            name: link.name, target: .soft(Name(bytes: Array(path))),
            mark: link.mark))
      default: throw try Links.refusal(of: link, in: id)
      }
    }
    // The walk takes the last one first, and depth-first order is the order of the links.
    waiting[firstNew...].reverse()
    group.attributes = try readAttributes(of: object, id, about, order: group.attributeOrder)
    return group
  }

  private func readCommittedType(
    _ object: Document.ObjectID, _ id: hid_t, _ about: chdf5_object
  ) throws(Trouble) -> CommittedType {
    let creation = try Handle(H5Tget_create_plist(id))
    let order = try attributeOrder(creation.id)
    return CommittedType(
      type: try Datatype(reading: id),
      attributes: try readAttributes(of: object, id, about, order: order), attributeOrder: order)
  }

  func attributeOrder(_ creation: hid_t) throws(Trouble) -> CreationOrder {
    var flags: UInt32 = 0
    try check(H5Pget_attr_creation_order(creation, &flags))
    return CreationOrder(flags: flags)
  }

  // MARK: Identity

  /// The object at `address`, which is put on the list of those to read when it is new.
  private func identify(
    _ address: UInt64, parent: Document.ObjectID, name: Name
  ) -> Document.ObjectID {
    if let known = addresses[address] { return known }
    let new = objects.count
    addresses[address] = new
    objects.append(.group(Group()))
    origins.append((parent, name, new == 0 ? 0 : origins[parent].depth + 1))
    waiting.append((new, address))
    return new
  }

  /// `/model_weights/dense`, ready to be shown.
  func path(of object: Document.ObjectID) -> String {
    var names: [String] = []
    var at = object
    while at != 0 {
      names.append(origins[at].name.printable)
      at = origins[at].parent
    }
    return ("/" + names.reversed().joined(separator: "/")).printable(limit: 300)
  }

  // MARK: What is known only at the end

  private func setCommittedType(
    _ type: Document.ObjectID, object: Document.ObjectID, attribute: Int?
  ) {
    if let attribute {
      edit(&objects[object], attribute) { $0.committedType = type }
    } else if case .dataset(var dataset) = objects[object] {
      dataset.committedType = type
      objects[object] = .dataset(dataset)
    }
  }

  private func setPortable(_ value: [UInt8], object: Document.ObjectID, attribute: Int?) {
    if let attribute {
      edit(&objects[object], attribute) { $0.value = value }
    } else if case .dataset(var dataset) = objects[object] {
      dataset.value = .portable(value)
      objects[object] = .dataset(dataset)
    }
  }
}

extension CreationOrder {
  /// From the library's flags: bit 0 tracked, bit 1 indexed.
  init(flags: UInt32) {
    self = flags & 2 != 0 ? .indexed : flags & 1 != 0 ? .tracked : .untracked
  }

  var flags: UInt32 {
    switch self {
    case .untracked: 0
    case .tracked: 1
    case .indexed: 3
    }
  }
}

/// Changes one attribute of an object in place.
private func edit(_ object: inout Object, _ index: Int, _ change: (inout Attribute) -> Void) {
  switch object {
  case .group(var group):
    object = .committedType(CommittedType(type: .objectReference))
    change(&group.attributes[index])
    object = .group(group)
  case .dataset(var dataset):
    object = .committedType(CommittedType(type: .objectReference))
    change(&dataset.attributes[index])
    object = .dataset(dataset)
  case .committedType(var type):
    object = .group(Group())
    change(&type.attributes[index])
    object = .committedType(type)
  }
}
