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
      let index = packed.entries.firstIndex(where: { $0.kind == .tensor && $0.name == tensor.path })
    {
      let entry = packed.entries[index]
      name = entry.encoding.description
      bytes = packed.codedBytes(of: index)
      encoding = EncodingFacts(
        name: name, bytes: bytes, nonzeros: entry.nonzeros,
        limit: tensor.values.flatMap { try? ZerothOrderLimit(of: $0.source, type: $0.type)?.bytes })
      return
    }
    encoding = nil
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
