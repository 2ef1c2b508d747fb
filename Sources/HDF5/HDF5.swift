import Documents
import Files

/// HDF5 files as documents, and documents as HDF5 files.
public enum HDF5 {
  /// How the values of datasets are laid out in a new file.
  public enum Storage: Sendable, Hashable {
    /// As the document says: the file's own layout, chunks and filters again.
    case asRead
    /// Chunked, shuffled and deflated (zlib level 1…9), dataset by dataset, numbers only, and only
    /// where that makes the file smaller. Datasets that have filters already keep them.
    case deflate(level: Int)
  }

  /// Where the HDF5 signature is: 0, 512, 1,024, 2,048, … bytes from the start, doubling, as long as
  /// the source has that many; nil where there is none. What lies before it is the user block.
  public static func signatureOffset(in source: any ByteSource) -> Int? {
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
    var offset = 0
    while offset <= source.count - signature.count {
      let place = offset..<offset + signature.count
      if let found = try? source.withBytes(place, { $0.elementsEqual(signature) }), found {
        return offset
      }
      offset = offset == 0 ? 512 : offset * 2
    }
    return nil
  }

  /// Everything that `file` holds. Values stay where they lie until they are asked for; those of
  /// contiguous datasets are slices of `file`.
  public static func read(
    _ file: MappedFile, limits: Limits = .standard
  ) throws(HDF5Error) -> Document {
    try read(image: file, name: file.path, limits: limits)
  }

  /// Everything that the HDF5 file in `image` holds: a member of an archive, say. `name` stands for
  /// it in messages.
  ///
  /// Values of contiguous datasets are slices of `image`. An image that lies in no file as it is
  /// (one that has to be inflated first) is copied into memory, once.
  public static func read(
    image: any ByteSource, name: String, limits: Limits = .standard
  ) throws(HDF5Error) -> Document {
    guard let base = signatureOffset(in: image) else { throw .notHDF5(file: name) }
    // The smallest superblock, of version 2 or 3, takes 48 bytes.
    guard image.count - base >= 48 else {
      throw .truncated(file: name, declared: nil, present: image.count)
    }
    // From superblock version 3 on, byte 11 says whether a writer has the file open (1) or promised
    // to let others read meanwhile (4). The library looks at it for its own drivers only.
    let isOpen = try reading(name) {
      try image.withBytes(base..<base + 12) { $0[8] >= 3 && $0[11] & 5 != 0 }
    }
    guard !isOpen else { throw .openForWriting(file: name) }
    let file = ImageFile(bytes: try settled(image, name: name), base: base, name: name)
    let reader = TreeReader(file, limits: limits)
    try file.open { id throws(HDF5Error) in try reader.walk(id) }
    return try reader.finish()
  }

  /// Writes `document` to the file at `path`, which is there and empty (`OutputFile.temporaryPath`).
  ///
  /// Everything that the document says comes back when the file is read. Values that were never
  /// decoded (`.unreadable`) cannot be written.
  /// `name` stands for the file in messages.
  public static func write(
    _ document: Document, to path: String, named name: String? = nil, storage: Storage = .asRead
  ) throws(HDF5Error) {
    let name = name ?? path
    let plan = try StoragePlan(document, storage, name: name)
    try TreeWriter(document, to: path, named: name, plan: plan).write()
  }

  /// Writes `document` as the bytes of `output`, which is still to be committed.
  public static func write(
    _ document: Document, to output: OutputFile, storage: Storage = .asRead
  ) throws(HDF5Error) {
    try write(document, to: output.temporaryPath, named: output.path, storage: storage)
  }

  /// `image`, or a copy in memory where every look at it would decode it again.
  private static func settled(
    _ image: any ByteSource, name: String
  ) throws(HDF5Error) -> any ByteSource {
    if image.fileOffset != nil || image is MemoryBytes { return image }
    return MemoryBytes(try reading(name) { try image.bytes() })
  }

  /// Runs `body`, which reads from sources, and gives its errors a form of ours.
  static func reading<Result>(_ file: String, _ body: () throws -> Result) throws(HDF5Error)
    -> Result
  {
    do {
      return try body()
    } catch let error as HDF5Error {
      throw error
    } catch let error as any Reportable {
      throw .source(error)
    } catch {
      throw .damaged(file: file, place: nil, reason: "\(error)")
    }
  }
}
