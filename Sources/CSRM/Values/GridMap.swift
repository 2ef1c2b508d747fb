import Tensors

/// Map 5: a step, and of each level how many steps it stands for, as a half: near a whole number, but
/// the mean of the values that got the level.
struct GridMap: TabledMap {
  static let code: UInt8 = 5

  private let step: Float
  private let ratios: [Float16]
  let table: LevelTable

  /// Levels in order, from the lowest; each of them stands for a number but zero.
  init(step: Float, ratios: [Float16], below: Int) {
    self.step = step
    self.ratios = ratios
    table = LevelTable(ratios.map { Self.value(step, $0) }, below: below)
  }

  init(_ fields: inout FieldReader, columns: Int, type: ElementType) throws(Malformed) {
    let span = try LevelTable.span(&fields, each: 2)
    step = Float(bitPattern: try fields.fixed(UInt32.self))
    var ratios: [Float16] = []
    for _ in 0..<span.count {
      ratios.append(Float16(bitPattern: try fields.fixed(UInt16.self)))
    }
    self.ratios = ratios
    let step = self.step
    table = try LevelTable(
      ratios.map { Self.value(step, $0) }, below: span.below, type: type)
  }

  /// The product, rounded once.
  static func value(_ step: Float, _ ratio: Float16) -> Float {
    Float(Double(step) * Double(ratio))
  }

  func write(to fields: inout FieldWriter) {
    fields.varint(table.span.below)
    fields.varint(table.span.above)
    fields.fixed(step.bitPattern)
    for ratio in ratios { fields.fixed(ratio.bitPattern) }
  }
}
