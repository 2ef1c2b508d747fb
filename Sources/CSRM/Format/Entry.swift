import Documents
import Tensors

/// One entry of a packed file's directory: a tensor, or something else that the file carries, and
/// where and how it is stored.
public struct Entry: Sendable {
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// What the parts make up.
    case container = 1
    /// The tree of an HDF5 file, its tensors by reference.
    case document
    /// A part that is bytes.
    case blob
    /// The original file's bytes around its tensors.
    case skeleton
    case tensor
    /// Small tensors coded together.
    case pool
  }

  /// `Kind`'s raw value, or one that a later version added.
  public let kindCode: UInt8
  /// A tensor's path; of other kinds the part that they are.
  public let name: String
  let element: ElementCode
  /// Sizes of the dimensions, first one slowest; empty for a scalar.
  public let shape: [Int]
  public let encoding: Encoding
  /// `Precision`'s raw value, or one that a later version added; 0 where every bit of every value is
  /// kept.
  public let precision: Int
  let parameters: [UInt8]
  /// Elements of which some bit is set (so -0.0 counts).
  public let nonzeros: Int
  /// Where the section lies in the file, in bytes.
  public let section: Range<Int>
  let alignment: Int
  let geometry: Geometry
  /// Where each stored block ends, in bytes from the first one's start, blocks one after another.
  let blockEnds: [Int]
  let blockChecksums: [UInt32]
  /// Over all decoded bytes; nil where nothing but the pool that holds them has one.
  let checksum: UInt32?
  /// Set where the encoding is `levels`, unless its map or the encoding of its plane is a later
  /// version's.
  var plane: LevelPlane?

  /// Nil for a kind that a later version added.
  public var kind: Kind? { Kind(rawValue: kindCode) }
  /// Of a tensor's elements.
  public var type: ElementType { element.type }
  /// Whether this version can make elements of what is stored.
  var canDecode: Bool {
    encoding.coding != nil && rounding != nil && (encoding != .levels || plane != nil)
  }
  /// How values were rounded; nil for a way that a later version added.
  public var rounding: Precision? { Precision(rawValue: precision) }
  /// Elements.
  public var count: Int { geometry.count }
  /// Sizes of the first dimension and of all others together, in elements: a vector has a row for
  /// every element, a scalar one row of one.
  public var rows: Int { geometry.rows }
  public var columns: Int { geometry.columns }
  public var blockCount: Int { blockEnds.count }
  /// Bytes in the file, without the padding in front.
  public var storedBytes: Int { section.count }
  /// Bytes once decoded.
  public var decodedBytes: Int { geometry.byteCount }

  /// A block's stored bytes, counted from the first block's start.
  func storedBlock(_ block: Int) -> Range<Int> {
    (block == 0 ? 0 : blockEnds[block - 1])..<blockEnds[block]
  }

  /// `tensor dense/kernel:0`, for messages.
  var label: String {
    let what = kind.map { "\($0)" } ?? "entry of kind \(kindCode)"
    return name.isEmpty ? what : "\(what) \(name.printable())"
  }
}
