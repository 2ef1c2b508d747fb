import Documents
import Files
import HDF5
import Zip

/// `.keras`: a zip archive of `metadata.json`, `config.json` and `model.weights.h5` (keras-files.md,
/// section 4).
enum KerasArchive {
  static let weights = "model.weights.h5"
  static let configuration = "config.json"
  static let metadata = "metadata.json"

  /// A configuration is text of some kilobytes.
  static let largestText = 256 << 20

  static func read(_ source: any ByteSource, path: String, limits: Limits) throws -> Container {
    let zip = try ZipArchive(reading: source, path: path, limits: limits)
    let hasConfiguration = try zip.member(named: configuration) != nil
    let stored = try zip.member(named: weights)
    _ = try zip.member(named: metadata)
    if stored == nil {
      if zip.members.contains(where: { $0.name == Name("model.weights.npz") }) {
        throw KerasError.unsupported(
          path: path, what: "keeps its weights as model.weights.npz, which is not supported",
          advice: "Load it with Keras and save it again: it will write model.weights.h5.")
      }
      guard hasConfiguration else {
        throw KerasError.noModel(
          path: path,
          what:
            "is a zip archive, but not a Keras archive: no config.json and no model.weights.h5 in it"
        )
      }
      throw KerasError.problem(
        path: path, ModelProblem(.mismatch, "the archive has no model.weights.h5"), more: 0)
    }
    for member in zip.members where [configuration, metadata].contains(member.name.description) {
      guard member.content.count <= largestText else {
        throw ZipPlace(path: path, member: member.name).unsafe(
          "is too large for text: \(member.content.count) bytes")
      }
    }
    for member in zip.members { try zip.check(member) }
    let parts = try zip.members.map { member in
      guard member.name == Name(weights) else {
        return Container.Part(
          name: member.name, content: .bytes(member.content), member: member.fields)
      }
      let document = try HDF5.read(
        image: member.content, name: "\(path)/\(weights)", limits: limits)
      return Container.Part(name: member.name, content: .document(document), member: member.fields)
    }
    return Container(
      kind: .kerasArchive, parts: parts, archive: zip.archive, original: source as? MappedFile)
  }

  /// What somebody should know of the members.
  static func notes(on container: Container) -> [String] {
    var notes: [String] = []
    if let prefix = container.archive?.prefix, !prefix.isEmpty {
      notes.append("\(prefix.count) bytes lie in front of the zip archive; they are kept")
    }
    for part in container.parts {
      let components = part.name.bytes.split(
        separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      if components.contains([0x2E, 0x2E]) || components.first == [] {
        notes.append(
          "member '\(part.name.printable)' has a path that leads outside (..): it is kept, and never unpacked to a file"
        )
      }
      if let attributes = part.member?.externalAttributes, attributes >> 16 & 0xF000 == 0xA000 {
        notes.append(
          "member '\(part.name.printable)' is a symbolic link: it is kept, and never followed")
      }
    }
    return notes
  }

  /// Writes every part as a member, documents as HDF5 by way of a temporary file beside the output.
  static func write(_ container: Container, to output: OutputFile, storage: HDF5.Storage) throws {
    var writer = try ZipWriter(container.archive ?? Archive(), to: output)
    for part in container.parts {
      let member = part.member ?? ArchiveMember.fresh
      switch part.content {
      case .bytes(let source): try writer.add(part.name, member, content: source)
      case .document(let document):
        let temporary = try OutputFile(path: output.path, replacing: true)
        try HDF5.write(document, to: temporary, storage: storage)
        let written = try UnmappedFile(path: temporary.temporaryPath)
        try withExtendedLifetime(temporary) { try writer.add(part.name, member, content: written) }
      }
    }
    try writer.finish()
  }
}

extension ArchiveMember {
  /// A stored member as Python's zipfile makes one of text, with zip's first date, so that the same
  /// model gives the same bytes.
  static var fresh: ArchiveMember {
    var member = ArchiveMember()
    member.versionMadeBy = 0x0314
    member.date = 0x21
    member.externalAttributes = 0o600 << 16
    return member
  }
}
