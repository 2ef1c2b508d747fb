import Documents
import Files

/// Makes packed files, front to back.
public enum Packer {
  /// Writes `container` as a packed file into `sink`.
  ///
  /// Tensors are read from their sources a block at a time, once to count and once to encode, and
  /// memory holds a few blocks a thread. Messages call the container `name`, or else the path of its
  /// original. Throws `CSRMError` where the container cannot be packed,
  /// and what the sources and the sink throw.
  public static func pack(
    _ container: Container, named name: String? = nil, options: PackOptions = PackOptions(),
    into sink: any ByteSink
  ) throws -> PackSummary {
    try pack(container, named: name, options: options, into: sink, deflatesDirectory: true)
  }

  /// What `pack` would write, exact to the byte, without encoding the tensors: float tensors are
  /// counted, integers and documents really deflated.
  public static func measure(
    _ container: Container, named name: String? = nil, options: PackOptions = PackOptions()
  ) throws -> PackSummary {
    let plan = try PackPlan(container, named: name, options)
    var summary = PackSummary()
    var entries: [Entry] = []
    var position = Header.size
    for item in plan.items {
      let section = try Section(item, options, checksums: false)
      let alignment =
        section.geometry.count == 0 ? 1 : section.coding.alignment(of: section.geometry)
      let start = (position + alignment - 1) / alignment * alignment
      position = start + section.storedBytes
      let checksums = [UInt32](repeating: 0, count: section.blockLengths.count)
      entries.append(section.entry(at: start..<position, blockChecksums: checksums))
      summary.add(section, options)
    }
    let directory = try Directory.stored(entries, deflated: true, file: plan.file)
    summary.finish(directory: directory.bytes.count, end: position)
    return summary
  }

  /// `deflatesDirectory` is off in tests that change single bytes of the fields.
  static func pack(
    _ container: Container, named name: String? = nil, options: PackOptions,
    into sink: any ByteSink, deflatesDirectory: Bool
  ) throws -> PackSummary {
    let plan = try PackPlan(container, named: name, options)
    var summary = PackSummary()
    let writer = SectionWriter(sink, options)
    let header = Header(plan.features)
    try writer.write(header.bytes)
    for item in plan.items {
      let section = try Section(item, options, checksums: true)
      try writer.write(section)
      summary.add(section, options)
    }
    let end = writer.position
    let directory = try Directory.stored(
      writer.entries, deflated: deflatesDirectory, file: plan.file)
    try writer.write(directory.bytes)
    var footer = Footer()
    footer.directoryOffset = end
    footer.directoryStored = directory.bytes.count
    footer.directoryInflated = directory.inflated
    footer.isDeflated = directory.isDeflated
    footer.entries = writer.entries.count
    footer.fileLength = writer.position + Footer.size
    footer.decodedBytes = writer.entries.reduce(0) { $0 + $1.decodedBytes }
    footer.directoryChecksum = Checksum.of(directory.bytes)
    footer.headerChecksum = header.checksum
    // A file that changed under our hands must not get the footer that makes it whole.
    if options.bytesExact { try container.original?.checkUnchanged() }
    try writer.write(footer.bytes)
    summary.finish(directory: directory.bytes.count, end: end)
    return summary
  }
}

extension PackSummary {
  fileprivate mutating func add(_ section: Section, _ options: PackOptions) {
    switch section.item.kind {
    case .container, .document: documentBytes += section.storedBytes
    case .blob: blobBytes += section.storedBytes
    case .skeleton: skeletonBytes += section.storedBytes
    case .pool: break
    case .tensor:
      tensors.append(
        Tensor(
          name: section.item.name, type: section.item.type, shape: section.item.shape,
          encoding: section.coding.encoding, count: section.geometry.count,
          nonzeros: section.scan.nonzerosInAll, negativeZeros: section.scan.negativeZerosInAll,
          storedBytes: section.storedBytes,
          canonicalZeroSaving: section.canonicalZeroSaving(options)))
    }
  }

  fileprivate mutating func finish(directory: Int, end: Int) {
    directoryBytes = directory + Header.size + Footer.size
    totalBytes = end + directory + Footer.size
  }
}
