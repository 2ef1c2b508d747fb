import CHDF5
import Documents

/// A name that no link or attribute has.
let absentName = "\u{1}\u{2} there is no such name \u{2}\u{1}"

/// The links of a group as the library lists them.
enum Links {
  struct Found {
    let name: Name
    /// The mark of the name.
    let mark: NameMark
    /// The place in the order of creation.
    let order: Int64
    let kind: H5L_type_t
    /// Of a hard link's object.
    let address: UInt64
    /// Bytes of any other link's value.
    let size: Int
  }

  /// All links of `group`, in creation order or in order of name. Refuses more than `limit`: every
  /// link takes some bytes of the file, so more than that many cannot be real.
  static func collect(
    _ group: hid_t, inCreationOrder: Bool, atMost limit: Int
  ) throws(Trouble) -> [Found] {
    // Looking for one that is not there decodes them all. To list them when one of them cannot be
    // decoded crashes 1.10 (it frees a table that is half made).
    try check(H5Lexists(group, absentName, hid_t(H5P_DEFAULT)))
    var list = List(limit: limit)
    let status = withUnsafeMutablePointer(to: &list) {
      chdf5_visit_links(
        group,
        { context, name, isUTF8, kind, order, address, size in
          guard let list = context?.assumingMemoryBound(to: List.self), let name else { return -1 }
          guard list.pointee.links.count < list.pointee.limit else {
            list.pointee.isOverfull = true
            return -1
          }
          list.pointee.links.append(
            Found(
              name: Name(bytes: bytes(ofCString: name)),
              mark: isUTF8 != 0 ? .utf8 : .ascii, order: order,
              kind: H5L_type_t(rawValue: kind), address: address, size: size))
          return 0
        }, $0)
    }
    if list.isOverfull {
      _ = takeMessage()
      throw .damaged("more links than the file has room for")
    }
    try check(status)
    return list.links.sorted { inCreationOrder ? $0.order < $1.order : $0.name < $1.name }
  }

  private struct List {
    let limit: Int
    var links: [Found] = []
    var isOverfull = false
  }

  /// The value of a link that is not hard.
  static func value(of link: Found, in group: hid_t) throws(Trouble) -> [UInt8] {
    var value = [UInt8](repeating: 0, count: link.size)
    try check(
      H5Lget_val(group, try cString(link.name.bytes), &value, value.count, hid_t(H5P_DEFAULT)))
    return value
  }

  /// Why a link that leads out of the file is not followed.
  static func refusal(of link: Found, in group: hid_t) throws(Trouble) -> Trouble {
    guard link.kind == H5L_TYPE_EXTERNAL else {
      return .reachesOutside(
        what: "a user-defined external link", target: "something of class \(link.kind.rawValue)")
    }
    var value = try value(of: link, in: group)
    let room = value.count
    var file: UnsafePointer<CChar>?
    var path: UnsafePointer<CChar>?
    var flags: UInt32 = 0
    let target: String
    if H5Lunpack_elink_val(&value, room, &flags, &file, &path) >= 0, let file, let path {
      let (name, object) = (
        Name(bytes: bytes(ofCString: file)), Name(bytes: bytes(ofCString: path))
      )
      target = "\(object.printable) in \(name.printable)"
    } else {
      _ = takeMessage()
      target = "another file"
    }
    return .reachesOutside(
      what: "an external link (\(link.name.printable))", target: target)
  }
}
