import Files

/// Which kind of model file it is. The raw values are the `container` names of the JSON reports.
public enum ContainerKind: String, Sendable, CaseIterable {
  /// Whole-model HDF5 of Keras's legacy layout.
  case kerasH5 = "keras-h5"
  /// Weights-only HDF5 of the legacy layout.
  case kerasWeightsH5 = "keras-weights-h5"
  /// Keras 3 `.weights.h5`.
  case keras3WeightsH5 = "keras3-weights-h5"
  /// `.keras`: a zip archive.
  case kerasArchive = "keras-archive"
  /// Any other HDF5 file.
  case hdf5
  /// coppice's own packed format.
  case csrm
}

/// A model file: one or more named parts, each a document or raw bytes.
///
/// An HDF5 file is one part with an empty name. A `.keras` archive has a part for every member of
/// the zip, in the order of the archive; `archive` keeps what else the zip says.
public struct Container: Sendable {
  /// What the parts make up: never `.csrm`, which is only a way to store them.
  public var kind: ContainerKind
  public var parts: [Part]
  /// Set for zip archives.
  public var archive: Archive?
  /// The file as it lies on disk (before any change to the parts); nil when it came from a `.csrm`.
  public var original: MappedFile?

  public init(kind: ContainerKind, parts: [Part], archive: Archive? = nil, original: MappedFile? = nil) {
    self.kind = kind
    self.parts = parts
    self.archive = archive
    self.original = original
  }

  public struct Part: Sendable {
    public enum Content: Sendable {
      case document(Document)
      case bytes(any ByteSource)
    }
    /// The member's name in the archive; empty for the one part of an HDF5 file.
    public var name: Name
    public var content: Content
    /// What the zip says of this member.
    public var member: ArchiveMember?

    public init(name: Name, content: Content, member: ArchiveMember? = nil) {
      self.name = name
      self.content = content
      self.member = member
    }

    public var document: Document? { if case .document(let document) = content { document } else { nil } }
  }
}

/// What a zip archive says besides its members.
public struct Archive: Sendable, Hashable {
  /// Bytes in front of the first member (a self-extractor's script).
  public var prefix: [UInt8] = []
  public var comment: [UInt8] = []
  public init() {}
}

/// What a zip archive says of one member, as in its central directory (APPNOTE 4.3.12).
public struct ArchiveMember: Sendable, Hashable {
  public var versionMadeBy: UInt16 = 0x0314
  public var versionNeeded: UInt16 = 20
  public var flags: UInt16 = 0
  /// 0 stored, 8 deflated.
  public var method: UInt16 = 0
  /// MS-DOS time and date.
  public var time: UInt16 = 0
  public var date: UInt16 = 0
  public var internalAttributes: UInt16 = 0
  public var externalAttributes: UInt32 = 0
  /// Extra field of the local header and of the central directory, without the zip64 block.
  public var localExtra: [UInt8] = []
  public var centralExtra: [UInt8] = []
  public var comment: [UInt8] = []
  public init() {}
}
