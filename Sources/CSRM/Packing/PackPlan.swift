import Documents
import Files
import Tensors

/// Everything that a container becomes in a packed file, in the order of the directory.
struct PackPlan {
  let items: [PackItem]
  /// What a reader has to know.
  let features: Features
  /// For messages.
  let file: String

  /// Values of other types than numbers that are at most so large stay in the document.
  private static let largestInline = 4096

  /// A dataset whose values become a tensor entry.
  private struct Found {
    let part: Int
    let object: Document.ObjectID
    var item: PackItem
  }

  init(_ container: Container, named name: String? = nil, _ options: PackOptions) throws {
    file = name ?? container.original?.path ?? "the model"
    try PackPlan.checkParts(container, file)
    var found: [Found] = []
    for (index, part) in container.parts.enumerated() {
      guard let document = part.document else { continue }
      let prefix = part.name.bytes.isEmpty ? "" : "\(part.name)/"
      let paths = document.datasetPaths()
      for (object, value) in document.objects.enumerated() {
        guard case .dataset(let dataset) = value else { continue }
        let name = prefix + (paths[object] ?? "#\(object)")
        if let item = try PackPlan.item(dataset, name: name, file: file, options: options) {
          found.append(Found(part: index, object: object, item: item))
        }
      }
    }
    PackPlan.order(&found)
    var numbers = [[Document.ObjectID: Int]](repeating: [:], count: container.parts.count)
    for (number, tensor) in found.enumerated() { numbers[tensor.part][tensor.object] = number }

    let tensors = found.map { tensor in
      DocumentReader.Tensor(
        bytes: tensor.item.source.count, elementSize: tensor.item.type.size, value: .unwritten)
    }
    let marksNames = container.parts.contains {
      $0.document.map(NameMarks.areNeeded) ?? false
    }
    features = marksNames ? .nameMarks : []
    var items = try PackPlan.parts(container, numbers, tensors, features, file)
    if options.bytesExact {
      let tensors = found.map {
        Skeleton.Tensor(name: $0.item.name, type: $0.item.type, source: $0.item.source)
      }
      let skeleton = try Skeleton(container, tensors: tensors, options: options, file: file)
      items.append(PackItem(kind: .skeleton, name: "", bytes: skeleton.source))
    }
    self.items = items + found.map(\.item)
  }

  /// The tensor that a dataset's values become; nil where they stay in the document.
  private static func item(
    _ dataset: Dataset, name: String, file: String, options: PackOptions
  ) throws(CSRMError) -> PackItem? {
    if case .unreadable(let reason) = dataset.value, !options.bytesExact {
      throw .unreadable(file: file, dataset: name.printable(), reason: reason.printable())
    }
    guard case .plain(let source) = dataset.value else { return nil }
    let shape = dataset.space.dimensions
    guard let count = dataset.space.count, count <= 1 << 40,
      case (let bytes, let overflow) = count.multipliedReportingOverflow(by: dataset.type.size),
      !overflow
    else {
      throw .cannotPack(file: file, reason: "\(name.printable()) has more than 2^40 elements")
    }
    guard source.count == bytes else {
      throw .wrongSize(file: file, dataset: name.printable(), bytes: source.count, expected: bytes)
    }
    if dataset.space == .null || dataset.type.size == 0 { return nil }
    if dataset.type.elementType == nil, bytes <= largestInline { return nil }
    guard name.utf8.count <= Entry.longestName else {
      throw .cannotPack(file: file, reason: "the name \(name.printable()) is over 64 KiB long")
    }
    guard shape.count <= Entry.greatestRank else {
      throw .cannotPack(file: file, reason: "\(name.printable()) has rank \(shape.count), over 32")
    }
    return PackItem(
      kind: .tensor, name: name,
      type: dataset.type.elementType ?? .opaque(size: dataset.type.size), shape: shape,
      source: source)
  }

  /// Sorts by name, and tells apart what an archive's members and their datasets may name alike.
  private static func order(_ found: inout [Found]) {
    func precedes(_ a: Found, _ b: Found) -> Bool {
      a.item.name.utf8.lexicographicallyPrecedes(b.item.name.utf8)
    }
    found.sort(by: precedes)
    var taken: Set<String> = []
    for index in found.indices {
      let item = found[index].item
      var name = item.name
      var number = 2
      while !taken.insert(name).inserted {
        name = "\(item.name)#\(number)"
        number += 1
      }
      found[index].item = PackItem(
        kind: item.kind, name: name, type: item.type, shape: item.shape, source: item.source)
    }
    found.sort(by: precedes)
  }

  private static func checkParts(_ container: Container, _ file: String) throws(CSRMError) {
    guard container.kind != .csrm else {
      throw .cannotPack(file: file, reason: "it is packed already, and was not unpacked")
    }
    var names: Set<Name> = []
    for part in container.parts {
      guard names.insert(part.name).inserted else {
        throw .cannotPack(
          file: file, reason: "it has two members named \(part.name.printable)")
      }
      guard part.name.description.utf8.count <= Entry.longestName,
        !part.name.bytes.contains(0)
      else {
        throw .cannotPack(file: file, reason: "it has a member whose name is too long or holds NUL")
      }
    }
  }

  /// The description of the container, its documents and its blobs.
  private static func parts(
    _ container: Container, _ numbers: [[Document.ObjectID: Int]],
    _ tensors: [DocumentReader.Tensor], _ features: Features, _ file: String
  ) throws -> [PackItem] {
    // By name, as the directory has them.
    let order = container.parts.indices.sorted {
      container.parts[$0].name.description.utf8.lexicographicallyPrecedes(
        container.parts[$1].name.description.utf8)
    }
    var documents: [PackItem] = []
    var blobs: [PackItem] = []
    var described = [ContainerFields.Part?](repeating: nil, count: container.parts.count)
    for index in order {
      let part = container.parts[index]
      let name = part.name.description
      switch part.content {
      case .document(let document):
        described[index] = .init(
          name: part.name, content: .document, number: documents.count, member: part.member)
        let bytes = try self.bytes(of: document, numbers[index], tensors, features, name, file)
        documents.append(PackItem(kind: .document, name: name, bytes: MemoryBytes(bytes)))
      case .bytes(let source):
        described[index] = .init(
          name: part.name, content: .blob, number: blobs.count, member: part.member)
        blobs.append(PackItem(kind: .blob, name: name, bytes: source))
      }
    }
    let fields = ContainerFields(
      kind: container.kind.rawValue, archive: container.archive,
      parts: described.compactMap { $0 })
    return [PackItem(kind: .container, name: "", bytes: MemoryBytes(fields.bytes))] + documents
      + blobs
  }

  /// A document's fields, which are seen to come back before anything is written.
  private static func bytes(
    of document: Document, _ numbers: [Document.ObjectID: Int],
    _ tensors: [DocumentReader.Tensor], _ features: Features, _ name: String, _ file: String
  ) throws -> [UInt8] {
    do {
      let bytes = try DocumentWriter.bytes(of: document, tensors: numbers, features)
      // Nearly every document is within what a reader takes of any; how far others deflate is
      // found out only for them.
      var stored = 0
      if bytes.count > PackedFile.mostMetadata(stored: 0) || document.objects.count > 1 << 14 {
        stored = min(bytes.count, try Zlib.deflate(bytes, level: DeflateCoding.level).count)
      }
      guard bytes.count <= PackedFile.mostMetadata(stored: stored) else {
        throw Malformed("has \(bytes.count) bytes that are no tensors")
      }
      _ = try DocumentReader.document(from: bytes, stored: stored, tensors: tensors, features)
      return bytes
    } catch let error as Malformed {
      let part = name.isEmpty ? "the document" : name.printable()
      throw CSRMError.cannotPack(file: file, reason: "\(part) \(error.what)")
    }
  }
}
