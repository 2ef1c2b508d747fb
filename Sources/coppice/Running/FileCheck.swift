import CSRM
import Documents
import Files
import HDF5
import Keras
import Reports

/// `verify A`: every checksum that the file holds, and every value decoded once.
enum FileCheck {
  static func report(_ path: String, _ reading: ReadingOptions) throws -> VerifyReport {
    let file = path == "-" ? try StandardInput.spooled() : try MappedFile(path: path)
    if PackedFile.recognises(file) { return try packed(file, path, reading) }
    do {
      return try plain(path, file, reading)
    } catch KerasError.noModel(let path, let what) {
      // Nothing in it is no damage.
      throw KerasError.noModel(path: path, what: what)
    } catch let error as any Reportable where error.fault == .damaged && isKnown(file) {
      // The file is one of ours to read, so damage is an answer and not a failure.
      var text = error.description
      // The file is named already; a member of it stays.
      for name in [path, Inputs.shown(path)] {
        for prefix in ["\(name): ", "\(name)/"] where text.hasPrefix(prefix) {
          text = String(text.dropFirst(prefix.count))
        }
      }
      return VerifyReport(
        file: Inputs.shown(path),
        container: HDF5.signatureOffset(in: file) != nil ? "hdf5" : "keras-archive",
        checkedBytes: 0, damage: [.init(place: "file", what: text)])
    }
  }

  private static func isKnown(_ file: MappedFile) -> Bool {
    if HDF5.signatureOffset(in: file) != nil { return true }
    guard file.count >= 4, let start = try? file.withBytes(0..<4, { [UInt8]($0) }) else {
      return false
    }
    return start == [0x50, 0x4b, 3, 4]
  }

  private static func packed(
    _ file: MappedFile, _ path: String, _ reading: ReadingOptions
  ) throws -> VerifyReport {
    let found = try ByteProgress.showing("checking", file.count) {
      try PackedFile.verify(file, name: Inputs.shown(path), limits: Inputs.limits(reading))
    }
    var report = VerifyReport(
      file: Inputs.shown(path), container: ContainerKind.csrm.rawValue,
      checkedBytes: found.checkedBytes,
      damage: found.damage.map { .init(place: $0.place, what: $0.what) })
    report.notes = found.unchecked.map { "Not checked: \($0)" }
    return report
  }

  private static func plain(
    _ path: String, _ file: MappedFile, _ reading: ReadingOptions
  ) throws -> VerifyReport {
    let opened = try ByteProgress.showing("opening", file.count) {
      try ModelFile.open(
        file, name: Inputs.shown(path),
        options: OpenOptions(limits: Inputs.limits(reading), configFrom: reading.configFrom))
    }
    return try ByteProgress.showing("checking", opened.container.valueBytes) {
      try plain(path, opened)
    }
  }

  private static func plain(_ path: String, _ opened: OpenedModel) throws -> VerifyReport {
    var report = VerifyReport(
      file: Inputs.shown(path), container: opened.storedAs.rawValue, checkedBytes: 0,
      damage: opened.model.problems.filter { $0.kind != .unsupported }
        .map { .init(place: $0.place ?? "model", what: $0.what) })
    // What coppice does not handle need not be wrong.
    report.notes = opened.model.problems.filter { $0.kind == .unsupported }
      .map { "Not checked: \($0)" }
    var unsummed = 0
    for tensor in opened.model.tensors {
      guard let source = tensor.source else { continue }
      do {
        for start in stride(from: 0, to: source.count, by: 1 << 22) {
          let range = start..<min(source.count, start + 1 << 22)
          try source.withBytes(range) { touch($0) }
          Passage.add(range.count)
        }
        report.checkedBytes += source.count
        if source.fileOffset != nil { unsummed += 1 }
      } catch let error as any Reportable {
        report.damage.append(.init(place: tensor.path, what: error.description))
      }
    }
    for part in opened.container.parts {
      guard case .bytes(let source) = part.content else { continue }
      do {
        try source.withBytes { _ in }
        report.checkedBytes += source.count
      } catch let error as any Reportable {
        report.damage.append(.init(place: part.name.description, what: error.description))
      }
    }
    if unsummed > 0 && opened.container.archive == nil {
      report.notes.append(
        "\(unsummed) of \(opened.model.tensors.count) tensors carry no checksum in this container: that they can be read is all that can be said of them."
      )
    }
    return report
  }

  /// Reads a byte of every page, so that a disk that fails is found out.
  @inline(never)
  private static func touch(_ bytes: UnsafeRawBufferPointer) {
    var all: UInt8 = 0
    for place in stride(from: 0, to: bytes.count, by: 4096) { all ^= bytes[place] }
    withExtendedLifetime(all) {}
  }
}
