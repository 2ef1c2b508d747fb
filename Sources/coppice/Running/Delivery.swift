import CSRM
import Documents
import Files
import HDF5
import Keras

/// One output on its way: written, measured, checked, and only then put in place.
struct Delivery {
  let place: OutputPlace
  let replaces: Bool
  let packing: PackOptions
  let storage: HDF5.Storage

  /// What was written, or would be.
  struct Receipt {
    /// The path; `-` for standard output.
    var file: String
    var kind: ContainerKind
    /// Nil where a dry run cannot know it.
    var bytes: Int?
    /// Set for `.csrm`.
    var packed: PackSummary?
    /// Where the bytes are while the output is not in its place; nil where there is no such file.
    var temporary: String?
  }

  /// Writes `model` as `kind`, calls `check` with the receipt, and puts the output in place unless
  /// `check` throws or the input has changed meanwhile. With `original`, the very file that was
  /// packed is written instead.
  func deliver(
    _ model: OpenedModel, as kind: ContainerKind, original: PackedFile? = nil,
    check: (Receipt) throws -> Void
  ) throws -> Receipt {
    switch place.destination {
    case .nowhere:
      var receipt = Receipt(file: "", kind: kind)
      if kind == .csrm {
        let packed = try ByteProgress.showing("measuring", model.container.valueBytes) {
          try Packer.measure(model.container, named: model.path, options: packing)
        }
        receipt.bytes = packed.totalBytes
        receipt.packed = packed
      }
      try check(receipt)
      return receipt
    case .standardOutput:
      // A stream cannot be taken back, so what is required is checked on the exact size first.
      let measured = try ByteProgress.showing("measuring", model.container.valueBytes) {
        try Packer.measure(model.container, named: model.path, options: packing)
      }
      let receipt = Receipt(file: "-", kind: kind, bytes: measured.totalBytes, packed: measured)
      try check(receipt)
      _ = try pack(model, into: StandardOutput())
      try model.checkUnchanged()
      return receipt
    case .file(let path):
      let output = try OutputFile(path: path, replacing: replaces)
      var receipt = Receipt(file: path, kind: kind)
      if kind == .csrm {
        receipt.packed = try pack(model, into: output)
      } else if let original {
        try ByteProgress.showing("writing", model.container.valueBytes) {
          try original.restoreOriginal(to: output)
        }
      } else {
        try write(model, as: kind, to: output)
      }
      receipt.bytes = output.size
      try model.checkUnchanged()
      receipt.temporary = output.temporaryPath
      try check(receipt)
      try output.commit()
      receipt.temporary = nil
      return receipt
    }
  }

  private func pack(_ model: OpenedModel, into sink: any ByteSink) throws -> PackSummary {
    // Counted, then encoded.
    try ByteProgress.showing("packing", model.container.valueBytes, passes: 2) {
      try Packer.pack(model.container, named: model.path, options: packing, into: sink)
    }
  }

  private func write(_ model: OpenedModel, as kind: ContainerKind, to output: OutputFile) throws {
    // An archive's member is written by itself first, and then into the archive.
    let passes = kind == .kerasArchive ? 2 : 1
    try ByteProgress.showing("writing", model.container.valueBytes, passes: passes) {
      try ModelFile.write(model, as: kind, to: output, storage: storage)
    }
  }
}
