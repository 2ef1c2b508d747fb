import Documents
import Files
import Tensors
import Testing

@testable import CSRM

/// Single bytes changed, everywhere.
struct MutationTests {
  /// A file with all plain encodings, an archive, a document with something of everything, and a skeleton.
  private static func small(_ file: File, directory form: Directory.Form) throws -> [UInt8] {
    switch file {
    case .plain: break
    case .coded: return try coded(directory: form)
    case .levels: return try levels(Golden.blocks(4), directory: form)
    case .codedLevels:
      return try levels(
        StaticTests.options(forced: true, rows: 4), directory: form)
    }
    return try Golden.withOriginal { original in
      var container = Golden.encodings()
      guard case .document(var document) = container.parts[0].content else { return [] }
      // The original's own tensors, and the others beside them.
      if case .group(var root) = document.objects[0], let own = original.parts[0].document {
        for (name, object) in zip(["a", "b"] as [Name], own.objects.dropFirst()) {
          root.links.append(Link(name: name, target: .hard(document.objects.count)))
          document.objects.append(object)
        }
        document.objects[0] = .group(root)
      }
      container.parts[0].content = .document(document)
      container.parts.append(.init(name: "more", content: .document(Models.everything())))
      container.parts.append(.init(name: "blob", content: .bytes(MemoryBytes([1, 2, 3]))))
      container.original = original.original
      var options = Golden.blocks(2)
      options.bytesExact = true
      let sink = MemorySink()
      _ = try Packer.pack(
        container, options: options, into: sink, directory: form)
      return sink.bytes
    }
  }

  enum File: CaseIterable {
    case plain
    case coded
    case levels
    case codedLevels
  }

  /// Floats of every type, with masks in every form.
  private static func coded(directory form: Directory.Form) throws -> [UInt8] {
    let sink = MemorySink()
    _ = try Packer.pack(
      Golden.floats(), options: StaticTests.options(forced: true, rows: 20), into: sink,
      directory: form)
    return sink.bytes
  }

  /// A tensor of each precision.
  private static func levels(_ options: PackOptions, directory form: Directory.Form) throws -> [UInt8] {
    var datasets: [(Name, Dataset)] = []
    for (index, way) in Rounding.everyWay.enumerated() where way.name != "codebook:256" {
      let type = index % 2 == 0 ? ElementType.float32 : .float64
      let rounded = try #require(
        try way.rounded(Rounding.input(Rounding.weights, [12, 5], type)))
      datasets.append((Name("x\(index)"), Models.dataset(type, [12, 5], rounded)))
    }
    let sink = MemorySink()
    _ = try Packer.pack(
      Models.container(datasets), options: options, into: sink,
      directory: form)
    return sink.bytes
  }

  @Test(arguments: File.allCases) func everyChangedByteIsFound(file: File) throws {
    let bytes = try MutationTests.small(file, directory: .known)
    #expect(try PackedFile.verify(MemoryBytes(bytes), name: "f").isWhole)
    var changed = bytes
    for index in bytes.indices {
      for mask in [1 << UInt8(index & 7), 0xFF] as [UInt8] {
        changed[index] = bytes[index] ^ mask
        let result = try? PackedFile.verify(MemoryBytes(changed), name: "f")
        #expect(result?.isWhole != true, "byte \(index)")
      }
      changed[index] = bytes[index]
    }
  }

  @Test(arguments: File.allCases) func everyTruncationIsFound(file: File) throws {
    let bytes = try MutationTests.small(file, directory: .known)
    for length in 0..<bytes.count {
      #expect(throws: CSRMError.self) { try Models.open(Array(bytes[..<length])) }
    }
    #expect(throws: CSRMError.self) { try Models.open(bytes + [0]) }
    #expect(throws: CSRMError.self) { try Models.open(bytes + bytes) }
    #expect(throws: CSRMError.self) { try Models.open(Array(bytes.dropFirst(64))) }
    #expect(throws: CSRMError.self) { try Models.open(Array(bytes.dropFirst())) }
  }

  /// With no checksum looked at, every decoder sees what it must be safe against.
  @Test(arguments: File.allCases, [[], .columns] as [Directory.Form])
  func everyChangedByteIsSurvivedWithoutChecksums(file: File, form: Directory.Form) throws {
    // Plain files have no directory by columns.
    if file == .plain, form == .columns { return }
    let bytes = try MutationTests.small(file, directory: form)
    try Everything.read(bytes)
    // The directory says what all else is: its bytes take more values than the others.
    let directory = try Footer(
      Array(bytes.suffix(Footer.size)), length: bytes.count, file: "f", checked: true
    ).directoryOffset
    var changed = bytes
    for index in bytes.indices {
      let byte = bytes[index]
      let values = [byte ^ (1 << UInt8(index & 7)), ~byte] + [byte &+ 1, byte &- 1, 0, 0xFF, 0x80]
      for value in Set(values.prefix(index < directory ? 2 : values.count)) where value != byte {
        changed[index] = value
        try? Everything.read(changed)
      }
      changed[index] = bytes[index]
    }
  }

  @Test func changedDocumentsAreSurvived() throws {
    let bytes = try DocumentWriter.bytes(of: Models.everything(), tensors: [2: 0, 8: 1])
    let tensors = [
      DocumentReader.Tensor(bytes: 24, elementSize: 4, value: .unwritten),
      DocumentReader.Tensor(bytes: 4200, elementSize: 7, value: .unwritten),
    ]
    var changed = bytes
    var refused = 0
    for index in bytes.indices {
      for value in [bytes[index] ^ 1, bytes[index] ^ 0x80, 0, 0xFF] as [UInt8]
      where value != bytes[index] {
        changed[index] = value
        do {
          let document = try DocumentReader.document(
            from: changed, stored: changed.count, tensors: tensors)
          try Everything.touch(
            Container(kind: .hdf5, parts: [.init(name: "", content: .document(document))]))
        } catch { refused += 1 }
      }
      changed[index] = bytes[index]
    }
    // Lengths, codes and counts are much of what is in it.
    #expect(refused > bytes.count / 2)
    for length in bytes.indices {
      #expect(throws: Malformed.self) {
        try DocumentReader.document(from: Array(bytes[..<length]), stored: length, tensors: tensors)
      }
    }
  }

  @Test func changedDescriptionsAreSurvived() throws {
    let file = try Models.open(Models.packed(Models.archive()))
    let bytes = try #require(try file.sources.first??.bytes())
    var changed = bytes
    for index in bytes.indices {
      for value in UInt8.min...UInt8.max {
        changed[index] = value
        _ = try? ContainerFields(from: changed, stored: changed.count)
      }
      changed[index] = bytes[index]
      #expect(throws: Malformed.self) {
        try ContainerFields(from: Array(bytes[..<index]), stored: 0)
      }
    }
  }

  /// A document may not unfold into more objects than its size in the file bears out.
  @Test func documentsThatUnfoldAreRefused() throws {
    var root = Group()
    root.links = (0..<200_000).map { Link(name: Name("\($0)"), target: .hard(0)) }
    let bytes = try DocumentWriter.bytes(of: Document(objects: [.group(root)]), tensors: [:])
    #expect(throws: Malformed.self) {
      try DocumentReader.document(from: bytes, stored: 1000, tensors: [])
    }
    #expect(
      try DocumentReader.document(from: bytes, stored: 100_000, tensors: []).objects.count == 1)
  }

  @Test func typesNestedTooDeeplyAreRefused() throws {
    func nested(_ depth: Int) -> Datatype {
      (0..<depth).reduce(.objectReference) { type, _ in .sequence(base: type) }
    }
    var fields = FieldWriter()
    try fields.datatype(nested(31))
    var reader = FieldReader(fields.bytes)
    #expect(try reader.datatype() == nested(31))
    #expect(throws: Malformed.self) {
      var fields = FieldWriter()
      try fields.datatype(nested(32))
    }
    var deep = FieldReader([UInt8](repeating: 10, count: 1 << 20))
    #expect(throws: Malformed.self) { try deep.datatype() }
  }
}
