import Tensors

/// What the words of a plane stand for (csrm(5), "9: levels"). A word is a level, or the bits of a
/// narrow number.
///
/// Word 0 stands for +0, and no other does.
protocol ValueMap: Sendable {
  /// The number in the parameters.
  static var code: UInt8 { get }

  /// Reads what it needs to know of a tensor of `columns` columns and elements of `type`; leaves
  /// nothing behind.
  init(_ fields: inout FieldReader, columns: Int, type: ElementType) throws(Malformed)

  /// Writes the same.
  func write(to fields: inout FieldWriter)

  /// How words may lie in a plane.
  var forms: [PlaneForm] { get }

  /// How many levels there are below and above zero; nil where words are no levels.
  var span: LevelSpan? { get }

  /// The floats that words stand for; `elements` are their places in the tensor. Throws where a word
  /// stands for nothing.
  func floats(
    of words: UnsafePointer<Int16>, _ elements: Range<Int>, into floats: UnsafeMutablePointer<Float>
  ) throws(Malformed)

  /// The words of what is nearest to each value; zeros of either sign stay 0.
  func nearest(
    to values: UnsafePointer<Double>, _ elements: Range<Int>,
    into words: UnsafeMutablePointer<Int16>)
}

/// Levels -`below` … `above`, zero among them.
struct LevelSpan: Sendable, Equatable {
  var below: Int
  var above: Int

  /// Levels but zero.
  var count: Int { below + above }
  /// The largest number of levels on a side.
  static let most = 32_767
}

enum ValueMaps {
  static let all: [any ValueMap.Type] = [
    NarrowMap<Float16>.self, NarrowMap<Bfloat16>.self, ScaleMap.self, CodebookMap.self, GridMap.self,
  ]
}
