import Files
import Tensors

/// Which tensors are coded together: vectors and small tensors of floats, one pool for each type.
///
/// Alone, a tensor of ten values takes ten values and a place in the directory with lengths and
/// checksums; together they can be coded.
struct Pooling {
  /// Tensors of one type whose elements lie one behind the other, in the order of the directory.
  struct Pool {
    let section: Section
    /// Places of the members among the items.
    fileprivate(set) var members: [Int]
  }

  private(set) var pools: [Pool] = []
  private var memberships: Set<Int> = []

  /// Of a matrix with fewer elements, the entropy is a number that no coder reaches.
  private static let fewestOfMatrix = 512

  /// Looks at the small tensors among `items`, and pools those of a type where that makes the file
  /// smaller.
  init(_ items: [PackItem], _ options: PackOptions, isWritten: Bool) throws {
    guard options.level != .fast, options.layout == .automatic, options.blockRows == nil else {
      return
    }
    var types: [ElementType] = []
    var members: [ElementType: [Int]] = [:]
    for (place, item) in items.enumerated() where Pooling.isSmall(item) {
      if members[item.type] == nil { types.append(item.type) }
      members[item.type, default: []].append(place)
    }
    for type in types {
      guard let places = members[type], places.count > 1 else { continue }
      if let pool = try Pooling.pool(type, places, items, options, isWritten: isWritten) {
        pools.append(pool)
        memberships.formUnion(pool.members)
      }
    }
    pools.sort { $0.section.item.name < $1.section.item.name }
  }

  /// What the elements in a part of a pool have of the bytes of all; the shares add up to the whole.
  static func share(of bytes: Int, for elements: Range<Int>, of count: Int) -> Int {
    func upTo(_ end: Int) -> Int { Int(Double(bytes) * Double(end) / Double(max(1, count))) }
    return upTo(elements.upperBound) - upTo(elements.lowerBound)
  }

  func isPooled(_ place: Int) -> Bool { memberships.contains(place) }

  private static func isSmall(_ item: PackItem) -> Bool {
    guard item.kind == .tensor, item.type.isFloat, item.rounded == nil,
      let count = Geometry.count(of: item.shape)
    else { return false }
    return count > 0 && count <= PooledCoding.mostElements
      && (item.shape.count < 2 || count < fewestOfMatrix)
  }

  /// The pool of all `places` that are not constant; nil where each for itself takes no more.
  private static func pool(
    _ type: ElementType, _ places: [Int], _ items: [PackItem], _ options: PackOptions,
    isWritten: Bool
  ) throws -> Pool? {
    var alone = 0
    var members: [Int] = []
    var plain = options
    plain.level = .fast
    for place in places {
      let section = try Section(items[place], plain, isWritten: false)
      if section.coding.encoding == .constant { continue }
      members.append(place)
      alone += (section.sizes?.all ?? 0) + entryBytes
    }
    guard members.count > 1 else { return nil }
    let sources = members.map { items[$0].source }
    let item = PackItem(
      kind: .pool, name: type.description, type: type,
      shape: [sources.reduce(0) { $0 + $1.count } / type.size], source: ConcatenatedBytes(sources))
    let together = try Section(item, options, isWritten: isWritten)
    // Of many blocks the size may have been left open.
    let sizes = try together.sizes ?? Section(item, options, isWritten: false).sizes
    let bytes = (sizes?.all ?? 0) + together.coding.parameters.count + poolEntryBytes
    return bytes < alone ? Pool(section: together, members: members) : nil
  }

  /// What the directory spends on a tensor of its own beyond what it spends on one in a pool, about:
  /// length and checksum of a block.
  private static let entryBytes = 6
  /// What it spends on a pool, parameters aside.
  private static let poolEntryBytes = 40
}
