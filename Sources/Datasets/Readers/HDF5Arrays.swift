import Documents
import Files
import HDF5
import Tensors

/// The datasets of an HDF5 file, by their paths.
enum HDF5Arrays: DataReader {
  static func recognises(_ source: any ByteSource) throws -> Bool {
    HDF5.signatureOffset(in: source) != nil
  }

  static func read(
    _ source: any ByteSource, file: String, options: DataOptions
  ) throws -> DataContents {
    let document = try HDF5.read(image: source, name: file, limits: .data)
    let isModel =
      if case .group(let root)? = document.objects.first {
        root.attributes.contains { $0.name == "model_config" || $0.name == "layer_names" }
      } else {
        false
      }
    let arrays = Self.arrays(of: document, file)
    // Keras 3 stores weights alone without an attribute at the root.
    guard !isModel, !arrays.contains(where: { $0.name == "vars/0" || $0.name.hasSuffix("/vars/0") })
    else {
      throw DataError.mismatch(
        file: file, what: "is a Keras model, not data",
        advice: "Give it as the model, and data with --data.")
    }
    return DataContents(format: .hdf5, arrays: .named(arrays))
  }

  /// Every dataset by every path of hard links that leads to it without passing a group twice.
  private static func arrays(of document: Document, _ file: String) -> [StoredArray] {
    var arrays: [StoredArray] = []
    var seen: Set<Document.ObjectID> = [0]
    var groups: [(object: Document.ObjectID, path: String)] = [(0, "")]
    while let (object, path) = groups.popLast() {
      guard case .group(let group) = document.objects[object] else { continue }
      var inner: [(Document.ObjectID, String)] = []
      for link in group.links {
        guard case .hard(let target) = link.target, document.objects.indices.contains(target) else {
          continue
        }
        let place = path.isEmpty ? link.name.description : "\(path)/\(link.name.description)"
        switch document.objects[target] {
        case .group: if seen.insert(target).inserted { inner.append((target, place)) }
        case .dataset(let dataset): arrays.append(array(dataset, file, place))
        case .committedType: break
        }
      }
      groups += inner.reversed()
    }
    return arrays
  }

  private static func array(_ dataset: Dataset, _ file: String, _ name: String) -> StoredArray {
    StoredArray(
      file: file, name: name, shape: dataset.space.dimensions, values: values(of: dataset, file))
  }

  private static func values(of dataset: Dataset, _ file: String) -> StoredArray.Values {
    switch dataset.value {
    case .unreadable(let reason): return .unreadable(reason: reason)
    case .portable(let bytes):
      guard case .variableString = dataset.type else {
        return .unreadable(reason: "it holds lists or references")
      }
      return .strings(MemoryBytes(bytes), .portable)
    case .plain, .unwritten:
      guard let bytes = dataset.plainBytes() else { return .unreadable(reason: "it has no values") }
      if let type = dataset.type.elementType, type.isNumber {
        guard let slab = slab(of: dataset) else { return .numbers(bytes, type) }
        // Beyond what the room below keeps of decoded chunks, even rows in order are expensive.
        return slab <= 8 << 20
          ? .numbers(bytes, type, slab: slab)
          : .numbers(bytes.spooledWhenRead(for: file, slab: slab), type)
      }
      if case .string(let length, _, _) = dataset.type { return .strings(bytes, .bytes(length)) }
      return .unreadable(reason: "its type is not a number type")
    }
  }

  /// The bytes of the chunks that one row lies in; nil where rows lie in no chunks.
  private static func slab(of dataset: Dataset) -> Int? {
    guard case .chunked(let chunk) = dataset.layout, let rows = chunk.first else { return nil }
    let item = dataset.space.dimensions.dropFirst() + [rows, dataset.type.size]
    return item.checkedProduct.map { Swift.min($0, dataset.plainBytes()?.count ?? $0) }
  }
}
