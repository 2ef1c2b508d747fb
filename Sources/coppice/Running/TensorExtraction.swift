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
    let found = try packed.tensorBytes(tensor, rows: try rows(in: packed, file))
    let format = options.format ?? (path.hasSuffix(".npy") ? .npy : .raw)
    let header =
      format == .npy
      ? try NumPyHeader.bytes(found.type, shape: found.shape, tensor: tensor) : []
    if options.placing.dryRun { return }
    if path == "-" {
      if Console.outputIsTerminal {
        throw UsageFault("-o -: a tensor is not for a terminal: redirect it")
      }
      try copy(header, found.source, to: StandardOutput())
    } else {
      if options.placing.skipExisting, OutputPlan.isThere(path) { return }
      let output = try OutputFile(path: path, replacing: options.placing.force)
      try copy(header, found.source, to: output)
      if file != "-" { try bytes.checkUnchanged() }
      try output.commit()
    }
  }

  private func rows(in packed: PackedFile, _ file: String) throws -> Range<Int>? {
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

/// The header of a `.npy` file, version 1.0 (NumPy's format description, NEP 1).
enum NumPyHeader {
  /// Magic, version, and a dictionary padded so that the data begins at a multiple of 64 bytes.
  /// bfloat16, which NumPy does not know, becomes a two-byte void.
  static func bytes(_ type: ElementType, shape: [Int], tensor: String) throws -> [UInt8] {
    let order = type.size == 1 ? "|" : type.isBigEndian ? ">" : "<"
    let code: String =
      switch type.kind {
      case .float16, .float32, .float64: "\(order)f\(type.size)"
      case .int8, .int16, .int32, .int64: "\(order)i\(type.size)"
      case .uint8, .uint16, .uint32, .uint64: "\(order)u\(type.size)"
      case .bool: "|b1"
      case .bfloat16, .opaque: "|V\(type.size)"
      }
    let dimensions = shape.map { "\($0)," }.joined(separator: " ")
    let text = "{'descr': '\(code)', 'fortran_order': False, 'shape': (\(dimensions)), }"
    let padding = 63 - (10 + text.utf8.count) % 64
    let body = Array(text.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0a]
    guard body.count <= 65_535 else {
      throw Unsupported("\(tensor): its shape is too long for a .npy header")
    }
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(body.count & 255), UInt8(body.count >> 8)]
      + body
  }
}
