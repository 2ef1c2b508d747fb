/// Numbers to rank the elements of a tensor by, lowest first, one for each element.
///
/// A key is unsigned and its top bit is ignored, so that the bits of a float are its own key, by
/// magnitude. Key 0 is a weight that is zero already; the keys of infinity and above are those of
/// weights that are not finite.
public protocol KeySource: Sendable {
  var count: Int { get }
  var width: KeyWidth { get }

  /// Calls `body` with the keys of `range`, `width` apart, not necessarily aligned. May be called
  /// from several threads at once.
  func withKeys<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawPointer) throws -> Result
  ) throws -> Result
}

/// How wide a key is.
public enum KeyWidth: Sendable {
  /// The 31 bits of a float's magnitude, in 4 bytes.
  case narrow
  /// The 63 bits of a double's magnitude, in 8 bytes.
  case wide

  /// Bytes a key.
  public var size: Int { self == .narrow ? 4 : 8 }

  /// The lowest key of a weight that is not finite.
  public var infinite: UInt64 { self == .narrow ? 0x7f80_0000 : 0x7ff0_0000_0000_0000 }

  /// The key at `index` of `keys`, its top bit cleared.
  @inlinable
  public func key(_ keys: UnsafeRawPointer, _ index: Int) -> UInt64 {
    switch self {
    case .narrow:
      UInt64(keys.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)) & 0x7fff_ffff
    case .wide:
      keys.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self) & .max >> 1
    }
  }
}

/// A tensor's own values as keys, by magnitude: read where they lie, where they can be.
///
/// Widening a float to a double keeps its value, so tensors of different types are ranked by value
/// exactly, as long as all of their keys have the same width.
public struct MagnitudeKeys: KeySource {
  public let values: TensorValues
  public let width: KeyWidth

  /// Keys of `width`; `narrow` only where `values.type.fitsFloat`.
  public init(_ values: TensorValues, width: KeyWidth) {
    precondition(values.type.isNumber && (width == .wide || values.type.fitsFloat))
    self.values = values
    self.width = width
  }

  /// The narrowest width that holds every value of `types`.
  public static func width(for types: [ElementType]) -> KeyWidth {
    types.allSatisfy(\.fitsFloat) ? .narrow : .wide
  }

  public var count: Int { values.count }

  public func withKeys<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawPointer) throws -> Result
  ) throws -> Result {
    switch width {
    case .narrow: try values.withFloats(range, body)
    case .wide: try values.withDoubles(range, body)
    }
  }
}
