import Files

/// Where the tensors that are coded together lie in their pools.
struct PoolPlaces: Sendable {
  /// Of each entry in a pool: the pool's place among the entries, and its own bytes in it.
  private(set) var places: [Int: (pool: Int, bytes: Range<Int>)] = [:]

  /// Tensors lie in the pool of their element type and precision one behind the other, in the order
  /// of the directory, and fill it.
  init(_ entries: [Entry], file: String) throws(CSRMError) {
    var pools: [Key: Int] = [:]
    var ends: [Key: Int] = [:]
    for (index, entry) in entries.enumerated() where entry.kind == .pool {
      guard pools.updateValue(index, forKey: Key(entry)) == nil else {
        throw .malformed(file: file, part: entry.label, what: "is a second pool of its type")
      }
    }
    for (index, entry) in entries.enumerated() where entry.encoding == .pooled {
      let key = Key(entry)
      guard let pool = pools[key] else {
        throw .malformed(file: file, part: entry.label, what: "is in a pool that is not there")
      }
      let start = ends[key] ?? 0
      // The sum of all decoded bytes was found to be no more than the footer's.
      let end = start + entry.decodedBytes
      places[index] = (pool, start..<end)
      ends[key] = end
    }
    for (key, index) in pools where ends[key] ?? 0 != entries[index].decodedBytes {
      throw .malformed(
        file: file, part: entries[index].label,
        what: "has \(entries[index].decodedBytes) bytes for tensors of \(ends[key] ?? 0)")
    }
  }

  private struct Key: Hashable {
    let element: ElementCode
    let precision: Int

    init(_ entry: Entry) {
      element = entry.element
      precision = entry.precision
    }
  }
}
