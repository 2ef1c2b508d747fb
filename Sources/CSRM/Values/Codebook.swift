import Parallel
import Tensors

/// `codebook:K`: every value becomes the nearest of K, which are the means of the K clusters of the
/// tensor's non-zero values with the least sum of squared errors there is.
public struct Codebook: ValueRounding {
  public static let family = "codebook"
  public static let syntax = "codebook:K with K from 2 to 256"

  public let size: Int

  public init?(argument: String?) {
    guard let argument, let size = Int(argument), (2...256).contains(size) else { return nil }
    self.size = size
  }

  /// Of so many entries, 2 to 256.
  public init(size: Int) {
    precondition((2...256).contains(size))
    self.size = size
  }

  public var name: String { "codebook:\(size)" }
  public var precision: Precision { .codebook }
  public var saturates: Bool { false }

  public func rounded(_ tensor: RoundingInput) throws -> RoundedValues? {
    guard let largest = try tensor.largest() else { return nil }
    guard largest <= Double(Float.greatestFiniteMagnitude) else {
      throw tensor.refused("has weights up to \(largest), which no float holds. --values exact keeps them")
    }
    let points = try WeightedPoints(of: tensor.values)
    let means = points.clusters(size).map { Float(points.mean(of: $0)) }
    // As the tensor's own type has them; where two become one there are fewer, and zero is none of them.
    var entries: [Float] = []
    for mean in means.map({ tensor.values.type.nearest($0) }) where mean != entries.last {
      entries.append(mean)
    }
    let offersZero = entries.contains(0)
    entries.removeAll { $0 == 0 }
    let map = CodebookMap(
      LevelTable(entries, below: entries.count { $0 < 0 }, offersZero: offersZero))
    return try RoundedValues(tensor, precision, map)
  }
}

/// Map 4: the float of each level.
struct CodebookMap: TabledMap {
  static let code: UInt8 = 4

  let table: LevelTable

  init(_ table: LevelTable) { self.table = table }

  init(_ fields: inout FieldReader, columns: Int, type: ElementType) throws(Malformed) {
    let span = try LevelTable.span(&fields, each: 4)
    var entries: [Float] = []
    for _ in 0..<span.count {
      entries.append(Float(bitPattern: try fields.fixed(UInt32.self)))
    }
    table = try LevelTable(entries, below: span.below, type: type)
  }

  func write(to fields: inout FieldWriter) {
    fields.varint(table.span.below)
    fields.varint(table.span.above)
    for entry in table.entries { fields.fixed(entry.bitPattern) }
  }
}
