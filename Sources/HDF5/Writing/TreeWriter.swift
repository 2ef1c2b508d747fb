import CHDF5
import Documents
import Files

/// Makes an HDF5 file of a document.
///
/// The library writes the structure and whatever is not a run of plain bytes. Contiguous values are
/// only given their place; they are written into it, several pieces at a time, when the file is
/// closed again (`RawWriter`). Chunks are filtered by our own code, side by side (`ChunkWriter`).
///
/// The same document gives the same bytes: objects carry no times.
final class TreeWriter {
  let document: Document
  let path: String
  /// For messages.
  let name: String
  let plan: StoragePlan
  var file: hid_t = -1
  /// Of every object that was made, in the order of making.
  private(set) var made: [Document.ObjectID] = []
  private(set) var addresses: [UInt64?]
  private var origins: [Document.ObjectID: (parent: Document.ObjectID, name: Name)] = [:]
  /// The object that is being written, for messages.
  private var at: Document.ObjectID = 0
  /// Committed types that a dataset needed before any link to them was made.
  private var unlinked: [Document.ObjectID: hid_t] = [:]
  /// Contiguous values and their places in the file.
  private var places: [RawWriter.Run] = []

  init(_ document: Document, to path: String, named name: String, plan: StoragePlan) {
    self.document = document
    self.path = path
    self.name = name
    self.plan = plan
    addresses = [UInt64?](repeating: nil, count: document.objects.count)
  }

  func write() throws(HDF5Error) {
    do throws(HDF5Error) {
      try Library.locked { () throws(HDF5Error) in
        try writing(0) { () throws(Trouble) in try createFile() }
        try makeObjects()
        for object in made {
          try writing(object) { () throws(Trouble) in try writeAttributes(of: object) }
        }
      }
      for object in made { try writeValues(of: object) }
      try Library.locked { () throws(HDF5Error) in
        let id = file
        file = -1
        try writing(0) { () throws(Trouble) in _ = try check(H5Fclose(id)) }
      }
    } catch {
      // On a full disk closing fails as well. What counts is the first error.
      Library.locked {
        for id in unlinked.values { H5Idec_ref(id) }
        if file >= 0 { H5Fclose(file) }
      }
      throw error
    }
    if !document.userBlock.isEmpty {
      places.append(RawWriter.Run(source: MemoryBytes(document.userBlock), offset: 0))
    }
    try RawWriter(path: path, name: name).write(places)
  }

  // MARK: Structure

  private func createFile() throws(Trouble) {
    guard case .group(let root)? = document.objects.first else {
      throw .inconsistent("its root is not a group")
    }
    let block = document.userBlock.count
    guard block == 0 || block >= 512 && block & (block - 1) == 0 else {
      throw .inconsistent("a user block of \(block) bytes")
    }
    let creation = try Handle(chdf5_new_file_creation_list())
    try check(H5Pset_userblock(creation.id, hsize_t(block)))
    try check(H5Pset_obj_track_times(creation.id, false))
    try check(H5Pset_link_creation_order(creation.id, root.linkOrder.flags))
    try check(H5Pset_attr_creation_order(creation.id, root.attributeOrder.flags))
    // Version 1 is version 0 with a chunk index of an order of its own.
    if document.superblockVersion == 1 { try check(H5Pset_istore_k(creation.id, 33)) }

    let access = try Handle(chdf5_new_access_list())
    try check(H5Pset_libver_bounds(access.id, oldestFormat, H5F_LIBVER_V110))
    try check(H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG))
    // Chunks and rows are written whole: caches would only copy them once more.
    try check(H5Pset_sieve_buf_size(access.id, 0))
    try check(H5Pset_cache(access.id, 0, 1, 0, 1))
    chdf5_do_not_lock(access.id)
    file = try check(chdf5_create(path, creation.id, access.id))
    var about = chdf5_object()
    try check(chdf5_describe(file, &about))
    addresses[0] = about.address
    made.append(0)
  }

  /// Makes every object that the root reaches, and all links, depth first.
  private func makeObjects() throws(HDF5Error) {
    var waiting = [0]
    while let parent = waiting.popLast() {
      guard case .group(let group) = document.objects[parent] else { continue }
      let firstNew = waiting.count
      try writing(parent) { () throws(Trouble) in
        guard Set(group.links.map(\.name)).count == group.links.count else {
          throw .inconsistent("two links of one name")
        }
        let handle = try open(parent)
        let plain = try Handle(chdf5_new_link_creation_list())
        let unicode = try Handle(chdf5_new_link_creation_list())
        try check(H5Pset_char_encoding(unicode.id, H5T_CSET_UTF8))
        for link in group.links {
          let list = link.mark == .utf8 ? unicode.id : plain.id
          let name = try linkName(link.name)
          switch link.target {
          case .soft(let target):
            try check(
              H5Lcreate_soft(try cString(target.bytes), handle.id, name, list, hid_t(H5P_DEFAULT)))
          case .hard(let target):
            guard document.objects.indices.contains(target) else {
              throw .inconsistent("a link to an object that does not exist")
            }
            if addresses[target] == nil, target != 0 { origins[target] = (parent, link.name) }
            at = target
            if try self.link(target, from: handle.id, name, list) { waiting.append(target) }
            at = parent
          }
        }
      }
      waiting[firstNew...].reverse()
    }
  }

  /// Links `target`, which is made first where it is not there yet. True for a new group.
  private func link(
    _ target: Document.ObjectID, from group: hid_t, _ name: [CChar], _ list: hid_t
  ) throws(Trouble) -> Bool {
    let isNew = addresses[target] == nil
    let handle: Handle
    if !isNew {
      handle = try open(target)
    } else if let waiting = unlinked.removeValue(forKey: target) {
      handle = try Handle(waiting)
    } else {
      handle = try make(target)
    }
    try check(H5Olink(handle.id, group, name, list, hid_t(H5P_DEFAULT)))
    guard isNew else { return false }
    var about = chdf5_object()
    try check(chdf5_describe(handle.id, &about))
    addresses[target] = about.address
    made.append(target)
    if case .group = document.objects[target] { return true }
    return false
  }

  private func make(_ object: Document.ObjectID) throws(Trouble) -> Handle {
    switch document.objects[object] {
    case .group(let group):
      let creation = try Handle(chdf5_new_group_creation_list())
      try check(H5Pset_obj_track_times(creation.id, false))
      try check(H5Pset_link_creation_order(creation.id, group.linkOrder.flags))
      try check(H5Pset_attr_creation_order(creation.id, group.attributeOrder.flags))
      return try Handle(H5Gcreate_anon(file, creation.id, hid_t(H5P_DEFAULT)))
    case .committedType(let committed):
      let creation = try Handle(chdf5_new_type_creation_list())
      try check(H5Pset_obj_track_times(creation.id, false))
      try check(H5Pset_attr_creation_order(creation.id, committed.attributeOrder.flags))
      let type = try committed.type.make()
      try check(H5Tcommit_anon(file, type.id, creation.id, hid_t(H5P_DEFAULT)))
      H5Iinc_ref(type.id)
      return try Handle(type.id)
    case .dataset(let dataset):
      return try makeDataset(dataset, plan.storage(of: object, dataset))
    }
  }

  func open(_ object: Document.ObjectID) throws(Trouble) -> Handle {
    guard let address = addresses[object] else { throw .inconsistent("an object out of order") }
    return try Handle(chdf5_open_at(file, address))
  }

  /// The type to make a dataset or attribute with: the committed one where it has one.
  func datatype(_ type: Datatype, _ committed: Document.ObjectID?) throws(Trouble) -> Handle {
    guard let committed, document.objects.indices.contains(committed),
      case .committedType = document.objects[committed]
    else { return try type.make() }
    if addresses[committed] != nil { return try open(committed) }
    if unlinked[committed] == nil {
      let new = try make(committed)
      H5Iinc_ref(new.id)
      unlinked[committed] = new.id
    }
    guard let id = unlinked[committed] else { return try type.make() }
    H5Iinc_ref(id)
    return try Handle(id)
  }

  func addPlace(_ source: any ByteSource, offset: Int) {
    places.append(RawWriter.Run(source: source, offset: offset))
  }

  // MARK: Messages

  /// Runs `body`, whose troubles are those of writing `object`.
  func writing<Result>(
    _ object: Document.ObjectID, _ body: () throws(Trouble) -> Result
  ) throws(HDF5Error) -> Result {
    at = object
    do throws(Trouble) {
      return try body()
    } catch {
      throw error.whileWriting(name, at: place(of: at))
    }
  }

  func place(of object: Document.ObjectID) -> String {
    var names: [String] = []
    var at = object
    while let origin = origins[at] {
      names.append(origin.name.printable)
      at = origin.parent
    }
    return ("/" + names.reversed().joined(separator: "/")).printable(limit: 300)
  }

  private func linkName(_ name: Name) throws(Trouble) -> [CChar] {
    guard !name.bytes.isEmpty, !name.bytes.contains(UInt8(ascii: "/")), name != "." else {
      throw .inconsistent("a link named \"\(name.printable)\", which would be a path")
    }
    return try cString(name.bytes)
  }
}
