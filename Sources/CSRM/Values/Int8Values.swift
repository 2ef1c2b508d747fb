import Tensors

/// `int8`: levels from -127 to 127, symmetric, with a scale for each place of the last axis. The scale
/// is the least half that is not below the largest magnitude ÷ 127, so that no level is cut, and no
/// value is further off than half a scale.
public struct Int8Values: ValueRounding {
  public static let family = "int8"
  public static let syntax = "int8"

  public init?(argument: String?) { if argument != nil { return nil } }
  public init() {}

  public var name: String { Self.family }
  public var precision: Precision { .int8 }
  public var saturates: Bool { true }

  static let mostLevels = 127
  /// The largest magnitude that a scale reaches.
  static let greatest = Double(mostLevels) * Double(Float16.greatestFiniteMagnitude)

  public func rounded(_ tensor: RoundingInput) throws -> RoundedValues? {
    guard let largest = try tensor.largest() else { return nil }
    guard largest <= Self.greatest || tensor.saturates else {
      throw tensor.refused(
        "has weights up to \(largest), and int8 ends at \(Self.greatest). Give --values bf16, or --saturate to make them that"
      )
    }
    let columns = tensor.columns
    var most = [Double](repeating: 0, count: columns)
    for piece in TensorBlock.all(of: [tensor.values.count]) {
      try tensor.values.withDoubles(piece.range) { from in
        var column = piece.range.lowerBound % columns
        for i in 0..<piece.range.count {
          let value = from.loadUnaligned(fromByteOffset: 8 * i, as: Double.self).magnitude
          if value > most[column] { most[column] = value }
          column += 1
          if column == columns { column = 0 }
        }
      }
    }
    return try RoundedValues(
      tensor, precision, ScaleMap(most.map { Self.scale(largest: $0) }), limit: Self.greatest)
  }

  /// The least half that is not below `largest` ÷ 127; the largest there is where that is past it.
  static func scale(largest: Double) -> Float16 {
    let wanted = largest / Double(mostLevels)
    guard wanted < Double(Float16.greatestFiniteMagnitude) else { return .greatestFiniteMagnitude }
    let half = Float16(wanted)
    return Double(half) < wanted ? half.nextUp : half
  }
}

/// Map 3: a level times the scale of its column.
struct ScaleMap: ValueMap {
  static let code: UInt8 = 3

  /// Of each column; zero where all levels are.
  private let scales: [UInt16]
  /// Products past the largest number of a narrow type become that; no product is near the end of a
  /// float.
  init(_ scales: [Float16]) { self.scales = scales.map(\.bitPattern) }

  init(_ fields: inout FieldReader, columns: Int, type: ElementType) throws(Malformed) {
    guard fields.remaining / 2 >= columns else { throw Malformed("has fewer scales than columns") }
    var scales: [UInt16] = []
    scales.reserveCapacity(columns)
    for _ in 0..<columns {
      let scale = try fields.fixed(UInt16.self)
      guard scale < Float16.infinity.bitPattern else {
        throw Malformed("has a scale that is negative or no number")
      }
      scales.append(scale)
    }
    self.scales = scales
  }

  func write(to fields: inout FieldWriter) { for scale in scales { fields.fixed(scale) } }

  var span: LevelSpan? { LevelSpan(below: Int8Values.mostLevels, above: Int8Values.mostLevels) }
  var forms: [PlaneForm] { [.int8, .integralFloat] }

  /// Calls `body` with the place in `elements` and the scale of each.
  private func forEach(_ elements: Range<Int>, _ body: (Int, Float) throws(Malformed) -> Void)
    throws(Malformed)
  {
    var column = elements.lowerBound % scales.count
    for i in 0..<elements.count {
      try body(i, Float(Float16(bitPattern: scales[column])))
      column += 1
      if column == scales.count { column = 0 }
    }
  }

  func floats(
    of words: UnsafePointer<Int16>, _ elements: Range<Int>, into floats: UnsafeMutablePointer<Float>
  ) throws(Malformed) {
    try forEach(elements) { (i, scale) throws(Malformed) in
      let level = words[i]
      guard level.magnitude <= UInt16(Int8Values.mostLevels), level == 0 || scale > 0 else {
        throw Malformed("has a level \(level) in a column of scale \(scale)")
      }
      // Exact: 7 bits times 11.
      floats[i] = level == 0 ? 0 : Float(level) * scale
    }
  }

  func nearest(
    to values: UnsafePointer<Double>, _ elements: Range<Int>,
    into words: UnsafeMutablePointer<Int16>
  ) {
    let most = Double(Int8Values.mostLevels)
    var column = elements.lowerBound % scales.count
    for i in 0..<elements.count {
      let scale = Double(Float16(bitPattern: scales[column]))
      let level = scale > 0 ? (values[i] / scale).rounded(.toNearestOrEven) : 0
      words[i] = Int16(min(max(level, -most), most))
      column += 1
      if column == scales.count { column = 0 }
    }
  }
}
