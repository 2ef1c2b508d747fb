import Documents

/// What the parts make up, as fields (csrm(5), CONTAINER).
struct ContainerFields {
  enum Content: UInt8 {
    case document = 1
    case blob
  }

  struct Part {
    var name: Name
    var content: Content
    /// Among the file's documents or blobs, in the order of the directory.
    var number: Int
    var member: ArchiveMember?
  }

  var kind: String
  var archive: Archive?
  var parts: [Part]

  init(kind: String, archive: Archive?, parts: [Part]) {
    self.kind = kind
    self.archive = archive
    self.parts = parts
  }

  var bytes: [UInt8] {
    var out = FieldWriter()
    out.string(kind)
    out.byte(archive == nil ? 0 : 1)
    if let archive {
      out.string(archive.prefix)
      out.string(archive.comment)
    }
    out.varint(parts.count)
    for part in parts {
      out.string(part.name.bytes)
      out.byte(part.content.rawValue)
      out.varint(part.number)
      out.byte(part.member == nil ? 0 : 1)
      guard let member = part.member else { continue }
      for word in [
        member.versionMadeBy, member.versionNeeded, member.flags, member.method, member.time,
        member.date, member.internalAttributes,
      ] { out.fixed(word) }
      out.fixed(member.externalAttributes)
      out.string(member.localExtra)
      out.string(member.centralExtra)
      out.string(member.comment)
    }
    return out.bytes
  }

  /// Reads the fields, which took `stored` bytes in the file.
  init(from bytes: [UInt8], stored: Int) throws(Malformed) {
    var reader = FieldReader(bytes)
    reader.thingsLeft = DocumentReader.mostThings(stored: stored)
    kind = try reader.text()
    if try reader.flag() {
      var archive = Archive()
      archive.prefix = try reader.string()
      archive.comment = try reader.string()
      self.archive = archive
    }
    parts = []
    var names: Set<Name> = []
    for _ in 0..<(try reader.things(each: 4)) {
      let name = Name(bytes: try reader.string())
      guard names.insert(name).inserted else {
        throw Malformed("has two parts named \(name.printable)")
      }
      let content = try reader.choice(Content.self, "part content")
      let number = try reader.size()
      let member = try reader.flag() ? try ContainerFields.member(&reader) : nil
      parts.append(Part(name: name, content: content, number: number, member: member))
    }
    guard reader.isAtEnd else {
      throw Malformed("has \(reader.remaining) bytes behind its last part")
    }
  }

  private static func member(_ reader: inout FieldReader) throws(Malformed) -> ArchiveMember {
    var member = ArchiveMember()
    member.versionMadeBy = try reader.fixed(UInt16.self)
    member.versionNeeded = try reader.fixed(UInt16.self)
    member.flags = try reader.fixed(UInt16.self)
    member.method = try reader.fixed(UInt16.self)
    member.time = try reader.fixed(UInt16.self)
    member.date = try reader.fixed(UInt16.self)
    member.internalAttributes = try reader.fixed(UInt16.self)
    member.externalAttributes = try reader.fixed(UInt32.self)
    member.localExtra = try reader.string()
    member.centralExtra = try reader.string()
    member.comment = try reader.string()
    return member
  }
}
