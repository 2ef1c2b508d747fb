import Tensors

/// A float of 16 bits that values can be rounded to.
protocol NarrowFloat: SendableMetatype {
  /// Of its map, in the parameters.
  static var code: UInt8 { get }
  /// For messages: `half`.
  static var title: String { get }
  static var form: PlaneForm { get }
  static var greatestFinite: Double { get }
  /// The least magnitude that rounds to infinity.
  static var overflow: Double { get }

  static func float(_ bits: UInt16) -> Float
  /// Of the nearest one, ties to even; `value` is no larger than the greatest finite one.
  static func bits(_ value: Double) -> UInt16
}

/// Maps 1 and 2: words are the bits of such floats.
struct NarrowMap<Number: NarrowFloat>: ValueMap {
  static var code: UInt8 { Number.code }

  init() {}
  init(_ fields: inout FieldReader, columns: Int, type: ElementType) throws(Malformed) {
    guard type.size > 2 else {
      throw Malformed("has words of \(Number.title) for elements that are no wider")
    }
  }

  func write(to fields: inout FieldWriter) {}

  var forms: [PlaneForm] { [Number.form] }
  var span: LevelSpan? { nil }

  func floats(
    of words: UnsafePointer<Int16>, _ elements: Range<Int>, into floats: UnsafeMutablePointer<Float>
  ) throws(Malformed) {
    for i in 0..<elements.count {
      let float = Number.float(UInt16(bitPattern: words[i]))
      guard float.isFinite, words[i] != .min else {
        throw Malformed("has a \(Number.title) that is -0 or no number")
      }
      floats[i] = float
    }
  }

  func nearest(
    to values: UnsafePointer<Double>, _ elements: Range<Int>,
    into words: UnsafeMutablePointer<Int16>
  ) {
    let most = Number.greatestFinite
    for i in 0..<elements.count {
      let word = Number.bits(min(max(values[i], -most), most))
      words[i] = word & 0x7fff == 0 ? 0 : Int16(bitPattern: word)
    }
  }
}

extension NarrowMap {
  /// A tensor of wider floats in words of these; nil where there is nothing to take from it. `excess`
  /// says what is so of a number past the greatest one, and what to do.
  static func rounded(
    _ tensor: RoundingInput, _ precision: Precision, excess: String
  ) throws -> RoundedValues? {
    guard tensor.values.type.size > 2, let largest = try tensor.largest() else { return nil }
    guard largest < Number.overflow || tensor.saturates else {
      throw tensor.refused("has weights up to \(largest), and \(excess)")
    }
    return try RoundedValues(tensor, precision, NarrowMap(), limit: Number.overflow)
  }
}
