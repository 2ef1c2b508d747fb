import Documents
import Files

extension PackedFile {
  /// The container that was packed. Tensor values decode when they are read: a block at a time, or
  /// several at once where much is asked for. A tensor in an encoding that this version does not
  /// know is there too, as values that cannot be read. A file without a container is read as its
  /// tensors, each a dataset.
  public func container() throws -> Container {
    guard let index = indices(of: .container).first else { return try collection() }
    let fields = try parsed(index) { bytes, stored throws(Malformed) in
      try ContainerFields(from: bytes, stored: stored)
    }
    guard let kind = ContainerKind(rawValue: fields.kind), kind != .csrm else {
      throw CSRMError.unknownContainer(file: name, kind: fields.kind.printable())
    }
    let documents = indices(of: .document)
    let blobs = indices(of: .blob)
    let parts = try fields.parts.map { part in
      let all = part.content == .document ? documents : blobs
      guard all.indices.contains(part.number) else {
        throw CSRMError.malformed(
          file: name, part: "container",
          what: "has a part in \(part.content) \(part.number) of \(all.count)")
      }
      let content: Container.Part.Content =
        switch part.content {
        case .document: .document(try document(all[part.number]))
        case .blob: .bytes(try source(of: all[part.number]))
        }
      return Container.Part(name: part.name, content: content, member: part.member)
    }
    return Container(kind: kind, parts: parts, archive: fields.archive)
  }

  private func document(_ index: Int) throws -> Document {
    let tensors = indices(of: .tensor).map { tensor in
      DocumentReader.Tensor(
        bytes: entries[tensor].decodedBytes, elementSize: entries[tensor].element.size,
        value: value(of: tensor))
    }
    return try parsed(index) { bytes, stored throws(Malformed) in
      try DocumentReader.document(from: bytes, stored: stored, tensors: tensors, features)
    }
  }

  /// The values of the tensor at `index`.
  func value(of index: Int) -> Dataset.Value {
    if let source = sources[index] { return .plain(source) }
    let entry = entries[index]
    let unknown =
      isUnknownPrecision(entry) ? "precision \(entry.precision)" : "\(storedEncoding(of: entry))"
    return .unreadable(reason: "\(unknown) is not known to this version of coppice")
  }

  /// What `parse` makes of an entry's decoded bytes.
  private func parsed<Result>(
    _ index: Int, _ parse: ([UInt8], Int) throws(Malformed) -> Result
  ) throws -> Result {
    let entry = entries[index]
    let bytes = try source(of: index).bytes()
    return try located(name, entry.label) { () throws(Malformed) in
      try parse(bytes, entry.storedBytes)
    }
  }
}
