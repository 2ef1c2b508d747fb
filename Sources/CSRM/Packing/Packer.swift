import Documents
import Files
import Parallel
import Tensors

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
    try pack(container, named: name, options: options, into: sink, directory: .known)
  }

  /// What `pack` would write, exact to the byte: tensors are counted, and encoded where only that
  /// tells how large they become.
  public static func measure(
    _ container: Container, named name: String? = nil, options: PackOptions = PackOptions()
  ) throws -> PackSummary {
    let plan = try PackPlan(container, named: name, options)
    var summary = PackSummary()
    var entries: [Entry] = []
    var position = Header.size
    try plan.sections(options, isWritten: false) { section, members in
      guard let sizes = section.sizes else {
        preconditionFailure("only a section that is written may leave its size open")
      }
      let alignment =
        section.geometry.count == 0 ? 1 : section.coding.alignment(of: section.geometry)
      let start = (position + alignment - 1) / alignment * alignment
      position = start + sizes.all
      let checksums = [UInt32](repeating: 0, count: sizes.blocks.count)
      entries.append(
        section.entry(at: start..<position, blockLengths: sizes.blocks, blockChecksums: checksums))
      try summary.add(section, options, storedBytes: sizes.all, members: members)
    }
    let directory = try Directory.stored(
      entries, allowed: plan.header(options).directoryForms, file: plan.file)
    summary.finish(directory: directory.bytes.count, end: position)
    return summary
  }

  /// `directory` has no `deflated` in tests that change single bytes of the fields.
  static func pack(
    _ container: Container, named name: String? = nil, options: PackOptions,
    into sink: any ByteSink, directory allowed: Directory.Form
  ) throws -> PackSummary {
    let plan = try PackPlan(container, named: name, options)
    var summary = PackSummary()
    let writer = SectionWriter(sink, options)
    let header = plan.header(options)
    try writer.write(header.bytes)
    try plan.sections(options, isWritten: true) { section, members in
      let stored = try writer.write(section)
      try summary.add(section, options, storedBytes: stored, members: members)
    }
    let end = writer.position
    let directory = try Directory.stored(
      writer.entries, allowed: allowed.intersection(header.directoryForms), file: plan.file)
    try writer.write(directory.bytes)
    var footer = Footer()
    footer.directoryOffset = end
    footer.directoryStored = directory.bytes.count
    footer.directoryInflated = directory.inflated
    footer.form = directory.form
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

extension PackPlan {
  /// What is chosen in the end is not known when it is written.
  fileprivate func header(_ options: PackOptions) -> Header {
    Header(features, codesFloats: items.contains { $0.codesFloats(options) || $0.rounded != nil })
  }

  /// Calls `body` with the section of every item, one after another in the order of the directory;
  /// those of pools come with the numbers of the tensors that are in them.
  fileprivate func sections(
    _ options: PackOptions, isWritten: Bool, _ body: (Section, [Int]) throws -> Void
  ) throws {
    var options = options
    options.mixes = mixes
    let pooling = try Pooling(items, options, isWritten: isWritten)
    // An entry of one block keeps one thread busy: several are made side by side.
    let groups = try Parallel.groups(of: items.count, most: options.memory / 8) { place in
      let geometry = try items[place].geometry(options)
      return geometry.blockCount > 1 ? Int.max : geometry.byteCount
    }
    for group in groups {
      let made = try Parallel.map(group.count) { [options] index in
        let item = items[group.lowerBound + index]
        return pooling.isPooled(group.lowerBound + index)
          ? try Section(pooled: item, options, isWritten: isWritten)
          : try Section(item, options, isWritten: isWritten)
      }
      for section in made { try body(section, []) }
    }
    let first = items.firstIndex { $0.kind == .tensor } ?? 0
    for pool in pooling.pools { try body(pool.section, pool.members.map { $0 - first }) }
  }

  /// Whether the slowest coder is worth its time at the default level: in a model of many millions of
  /// weights, what it saves on the small tensors is nothing beside the large ones, and what it takes
  /// is more than all these.
  private var mixes: Bool {
    items.reduce(0) { $0 + ($1.type.isFloat ? $1.source.count / $1.type.size : 0) } <= 1 << 22
  }
}

extension PackSummary {
  fileprivate mutating func add(
    _ section: Section, _ options: PackOptions, storedBytes: Int, members: [Int]
  ) throws {
    switch section.item.kind {
    case .container, .document: documentBytes += storedBytes
    case .blob: blobBytes += storedBytes
    case .skeleton: skeletonBytes += storedBytes
    case .pool:
      let saving = try section.canonicalZeroSaving(options, storedBytes: storedBytes)
      var end = 0
      for member in members {
        let elements = end..<end + tensors[member].count
        end = elements.upperBound
        tensors[member].storedBytes = Pooling.share(
          of: storedBytes, for: elements, of: section.geometry.count)
        tensors[member].parameterBytes = Pooling.share(
          of: section.coding.parameters.count, for: elements, of: section.geometry.count)
        tensors[member].canonicalZeroSaving = Pooling.share(
          of: saving, for: elements, of: section.geometry.count)
      }
    case .tensor:
      tensors.append(
        Tensor(
          name: section.item.name, type: section.item.type, shape: section.item.shape,
          encoding: section.coding.encoding, encodingName: section.coding.fullName,
          precision: section.item.rounded?.name ?? "\(Precision.exact)",
          maskBytes: StoredSplit.mask(
            section.coding, section.geometry, nonzeros: section.scan.nonzerosInAll),
          count: section.geometry.count,
          nonzeros: section.scan.nonzerosInAll, negativeZeros: section.scan.negativeZerosInAll,
          storedBytes: storedBytes, parameterBytes: section.coding.parameters.count,
          canonicalZeroSaving: section.coding.encoding == .pooled
            ? 0 : try section.canonicalZeroSaving(options, storedBytes: storedBytes)))
    }
  }

  fileprivate mutating func finish(directory: Int, end: Int) {
    directoryBytes = directory + Header.size + Footer.size
    totalBytes = end + directory + Footer.size
  }
}

extension Packer {
  /// Bytes that one tensor of `shape` would take in a packed file, tables in the directory included.
  public static func storedBytes(
    of values: TensorValues, shape: [Int], options: PackOptions = PackOptions()
  ) throws -> Int {
    let section = try Section(
      PackItem(kind: .tensor, name: "", type: values.type, shape: shape, source: values.source),
      options, isWritten: false)
    return (section.sizes?.all ?? 0) + section.coding.parameters.count
  }
}
