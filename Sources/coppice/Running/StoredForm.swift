import CSRM
import Documents
import Files
import Keras
import Reports
import Tensors

/// How a file keeps one tensor, and what it spends on it.
struct StoredForm {
  let name: String
  let bytes: Int
  let encoding: EncodingFacts?

  init(of tensor: ModelTensor, in opened: OpenedModel) {
    if let packed = opened.packed,
      let index = packed.tensorPlaces[tensor.path]
    {
      let entry = packed.entries[index]
      name = entry.encodingName
      bytes = packed.codedBytes(of: index)
      var facts = EncodingFacts(
        name: name, bytes: bytes, nonzeros: entry.nonzeros,
        limit: tensor.values.flatMap { try? Self.limit(of: $0, entry, in: packed) })
      facts.precision = entry.precisionName
      if entry.encoding != .pooled {
        let split = entry.split
        facts.parts = .init(mask: split.mask, values: split.values, side: Double(split.side))
      }
      encoding = facts
      return
    }
    encoding = nil
    guard opened.packed == nil else {
      // Small arrays and those of no fixed size lie in the document, whose bytes are counted as such.
      name = "document"
      bytes = 0
      return
    }
    guard
      case .dataset(let dataset)? = opened.container.parts[tensor.part].document?.objects[
        tensor.object]
    else {
      name = "unknown"
      bytes = 0
      return
    }
    name = Self.name(of: dataset)
    bytes = Self.storedBytes(of: dataset)
  }

  /// Of levels where the values are stored as such, else of floats.
  private static func limit(
    of values: TensorValues, _ entry: Entry, in packed: PackedFile
  ) throws -> Double? {
    if entry.encoding == .levels {
      return try packed.levelled(entry.name, values)?.zerothOrderLimit()
    }
    return try ZerothOrderLimit(of: values.source, type: values.type)?.bytes
  }

  private static func name(of dataset: Dataset) -> String {
    switch dataset.value {
    case .unwritten: return "unwritten"
    case .unreadable: return "unreadable"
    case .portable: return "heap"
    case .plain: break
    }
    switch dataset.layout {
    case .contiguous: return "contiguous"
    case .compact: return "compact"
    case .chunked:
      let filters = dataset.filters.map(\.name)
      return filters.isEmpty ? "chunked" : filters.joined(separator: "+")
    }
  }

  private static func storedBytes(of dataset: Dataset) -> Int {
    switch dataset.value {
    case .unwritten, .unreadable: 0
    case .portable(let bytes): bytes.count
    case .plain(let source): source.storedCount
    }
  }
}
