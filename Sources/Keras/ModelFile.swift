import CSRM
import Documents
import Files
import HDF5
import JSON

/// How a model file is opened.
public struct OpenOptions: Sendable {
  public var limits: Limits
  /// A model file or a bare JSON text that has the architecture of a weights-only file.
  public var configFrom: String?

  public init(limits: Limits = .standard, configFrom: String? = nil) {
    self.limits = limits
    self.configFrom = configFrom
  }
}

/// A model file, read: its parts, and what they mean.
public struct OpenedModel: Sendable {
  /// What messages call the file.
  public let path: String
  /// The file's own bytes.
  public let file: MappedFile
  public var container: Container
  public var model: Model
  /// Set where the file is a `.csrm`.
  public let packed: PackedFile?
  /// `.csrm`, or the kind of the container.
  public let storedAs: ContainerKind
  /// The architecture that was taken from another file.
  let architecture: Architecture?

  /// Throws `FileError.changed` where the file is no longer what was read.
  public func checkUnchanged() throws(FileError) { try file.checkUnchanged() }

  /// The container as one of another kind. Throws `KerasError` where that cannot hold the model, or
  /// the file does not say what it needs.
  public func container(as kind: ContainerKind) throws -> Container {
    try Conversion(container: container, path: path, architecture: architecture).converted(to: kind)
  }

  /// The same model around another container, whose values may differ.
  public func replacing(_ container: Container) -> OpenedModel {
    var copy = self
    copy.container = container
    return copy
  }
}

/// Model files in and out.
public enum ModelFile {
  /// Opens the file at `path` as what its bytes say it is. Throws `FileError`, `KerasError`,
  /// `HDF5Error` or `CSRMError`.
  public static func open(_ path: String, options: OpenOptions = OpenOptions()) throws
    -> OpenedModel
  {
    try open(MappedFile(path: path), name: path, options: options)
  }

  /// Opens the file in `source`, which messages call `name`.
  public static func open(
    _ source: MappedFile, name: String, options: OpenOptions = OpenOptions()
  ) throws -> OpenedModel {
    var packed: PackedFile?
    let container: Container
    switch try FileType(of: source) {
    case .hdf5: container = try HDF5File.read(source, path: name, limits: options.limits)
    case .zip: container = try KerasArchive.read(source, path: name, limits: options.limits)
    case .packed:
      let opened = try PackedFile(source, name: name, limits: options.limits)
      container = try opened.container()
      packed = opened
    case .other(let what, let advice):
      throw KerasError.wrongType(path: name, what: what, advice: advice)
    }
    let architecture: Architecture? = try options.configFrom.map {
      try Architecture(from: $0, limits: options.limits)
    }
    var model = try ModelReader(container, path: name, architecture: architecture).model()
    if packed == nil, let note = nameNote(name, container.kind) { model.notes.insert(note, at: 0) }
    return OpenedModel(
      path: name, file: source, container: container, model: model, packed: packed,
      storedAs: packed == nil ? container.kind : .csrm, architecture: architecture)
  }

  /// A name that promises another container than the bytes are.
  private static func nameNote(_ path: String, _ kind: ContainerKind) -> String? {
    let isArchive = kind == .kerasArchive
    if isArchive, path.hasSuffix(".h5") || path.hasSuffix(".hdf5") {
      return "named as HDF5, but it is a .keras archive (zip): read as that"
    }
    if !isArchive, path.hasSuffix(".keras") {
      return "named .keras, but it is HDF5 (.h5): read as that"
    }
    return nil
  }

  /// Writes `container` as `kind` (not `.csrm`, which `CSRM.Packer` writes), turning it into that
  /// kind where it is another. Throws `KerasError`, `HDF5Error` or `FileError`.
  public static func write(
    _ container: Container, as kind: ContainerKind, to output: OutputFile,
    storage: HDF5.Storage = .asRead
  ) throws {
    let path = container.original?.path ?? output.path
    try write(
      Conversion(container: container, path: path).converted(to: kind), to: output, storage: storage
    )
  }

  /// Writes the model's container, with the architecture of `--config-from` where it has none.
  public static func write(
    _ opened: OpenedModel, as kind: ContainerKind, to output: OutputFile,
    storage: HDF5.Storage = .asRead
  ) throws {
    try write(opened.container(as: kind), to: output, storage: storage)
  }

  private static func write(
    _ container: Container, to output: OutputFile, storage: HDF5.Storage
  ) throws {
    if container.kind == .kerasArchive {
      try KerasArchive.write(container, to: output, storage: storage)
    } else {
      guard let document = container.parts.first?.document else {
        throw KerasError.cannotConvert(
          path: output.path, why: "the container holds no HDF5 document",
          advice: "Verify the input.")
      }
      try HDF5.write(document, to: output, storage: storage)
    }
  }
}
