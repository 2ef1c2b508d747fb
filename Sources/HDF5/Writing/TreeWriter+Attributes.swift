import CHDF5
import Documents

extension TreeWriter {
  func writeAttributes(of object: Document.ObjectID) throws(Trouble) {
    let attributes = document.objects[object].attributes
    guard !attributes.isEmpty else { return }
    let handle = try open(object)
    for attribute in attributes {
      do throws(Trouble) {
        try write(attribute, to: handle.id)
      } catch {
        throw error.at(attribute: attribute.name)
      }
    }
  }

  private func write(_ attribute: Attribute, to object: hid_t) throws(Trouble) {
    let type = try datatype(attribute.type, attribute.committedType)
    let space = try attribute.space.make()
    let creation = try Handle(chdf5_new_attribute_creation_list())
    if attribute.mark == .utf8 {
      try check(H5Pset_char_encoding(creation.id, H5T_CSET_UTF8))
    }
    guard let count = attribute.space.count else { throw .inconsistent("a shape that overflows") }
    let made = try Handle(
      H5Acreate2(
        object, try cString(attribute.name.bytes), type.id, space.id, creation.id,
        hid_t(H5P_DEFAULT)))
    guard count > 0 else { return }
    if attribute.type.isPlain {
      guard attribute.value.count == count.saturatingTimes(attribute.type.storedSize) else {
        throw .inconsistent(
          "a value of \(attribute.value.count) bytes, which its shape does not hold")
      }
      // By its own type, which a committed one must equal.
      let memory = try attribute.type.make()
      try check(H5Awrite(made.id, memory.id, attribute.value))
    } else {
      let memory = try memoryForm(attribute.type, count: count, attribute.value)
      let memoryType = try memory.type.make()
      try check(H5Awrite(made.id, memoryType.id, memory.elements))
    }
  }

  func memoryForm(
    _ type: Datatype, count: Int, _ portable: [UInt8]
  ) throws(Trouble) -> MemoryForm {
    try MemoryForm(type, count: count, portable: portable) { id in
      addresses.indices.contains(id) ? addresses[id] : nil
    }
  }

  /// The oldest version of the format that can hold the document: its own, but for attributes of
  /// nearly 64 KiB and more, which only the newer object headers can keep (outside of themselves).
  var oldestFormat: H5F_libver_t {
    switch document.superblockVersion {
    case 3...: return H5F_LIBVER_V110
    case 2: return H5F_LIBVER_V18
    default:
      let isLarge = document.objects.contains { object in
        object.attributes.contains {
          ($0.space.count ?? 0).saturatingTimes($0.type.storedSize) > 64_000
        }
      }
      return isLarge ? H5F_LIBVER_V18 : H5F_LIBVER_EARLIEST
    }
  }
}
