import CSRM
import Files
import Tensors

/// `unpack --tensor`: one tensor, or some rows of it, without reading the rest of the file.
struct TensorExtraction {
  let options: Unpack
  let tensor: String

  init(_ options: Unpack, _ tensor: String) {
    self.options = options
    self.tensor = tensor
  }

  func run() throws {
    guard options.files.count == 1, let file = options.files.first else {
      throw UsageFault("unpack --tensor takes one file")
    }
    guard let path = options.placing.output else {
      throw UsageFault("unpack --tensor needs -o FILE, or -o -")
    }
    let bytes = file == "-" ? try StandardInput.spooled() : try MappedFile(path: file)
    guard PackedFile.recognises(bytes) else {
      throw UsageFault("\(Inputs.shown(file)): is no .csrm: nothing to unpack")
    }
    let packed = try PackedFile(
      bytes, name: Inputs.shown(file), limits: Inputs.limits(options.reading))
    Inputs.keepMemory(of: packed)
    let tensor = try place(in: packed, file)
    let found = try packed.tensorBytes(tensor, rows: try rows(of: tensor, in: packed, file))
    let format = options.format ?? (path.hasSuffix(".npy") ? .npy : .raw)
    let header =
      format == .npy
      ? try NumPyHeader.bytes(found.type, shape: found.shape, tensor: tensor) : []
    if path != "-", options.placing.skipExisting, OutputPlan.isThere(path) { return }
    if options.placing.dryRun {
      if path != "-" { try OutputFile.checkName(path, replacing: options.placing.force) }
      return
    }
    if path == "-" {
      if Console.outputIsTerminal {
        throw UsageFault("-o -: a tensor is not for a terminal: redirect it")
      }
      try copy(header, found.source, to: StandardOutput())
    } else {
      let output = try OutputFile(path: path, replacing: options.placing.force)
      try copy(header, found.source, to: output)
      if file != "-" { try bytes.checkUnchanged() }
      try output.commit()
    }
  }

  /// The tensor's path in the file: as it was typed, or that of the one tensor that the model gives
  /// this name, as `inspect` lists it.
  private func place(in packed: PackedFile, _ file: String) throws -> String {
    if packed.entries.contains(where: { $0.name == tensor && $0.kind == .tensor }) { return tensor }
    let named = try? Inputs.open(file, options.reading).model.tensors.filter { $0.name == tensor }
    return named?.count == 1 ? named?[0].path ?? tensor : tensor
  }

  private func rows(of tensor: String, in packed: PackedFile, _ file: String) throws -> Range<Int>?
  {
    guard let wanted = options.rows else { return nil }
    guard let entry = packed.entries.first(where: { $0.name == tensor && $0.kind == .tensor })
    else { return nil }
    let upper = wanted.upper ?? entry.rows
    guard wanted.lower <= upper, upper <= entry.rows else {
      throw UsageFault(
        "\(Inputs.shown(file)): \(tensor) has \(entry.rows) rows; --rows asks for \(wanted.argumentText)"
      )
    }
    return wanted.lower..<upper
  }

  private func copy(_ header: [UInt8], _ source: any ByteSource, to sink: any ByteSink) throws {
    try sink.write(header)
    try ByteProgress.showing("taking out", source.count) {
      for start in stride(from: 0, to: source.count, by: 1 << 22) {
        let range = start..<min(source.count, start + 1 << 22)
        try source.withBytes(range) { try sink.write($0) }
        Passage.add(range.count)
      }
    }
  }
}
