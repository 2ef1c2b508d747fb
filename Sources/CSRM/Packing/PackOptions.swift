/// What the person who packs may choose.
public struct PackOptions: Sendable, Equatable {
  public enum Layout: Sendable {
    /// The smallest encoding for each tensor.
    case automatic
    /// Compressed sparse rows for matrices wherever they are smaller than raw; everything that a
    /// reader can use where it lies in the file.
    case csr
  }

  public var layout = Layout.automatic
  /// Turns -0.0 into +0.0 in float tensors: the one option that does not keep every bit.
  public var canonicalZero = false
  /// Also stores what is needed to rebuild the original file to the byte.
  public var bytesExact = false
  /// Rows in a block of a matrix; nil for about 2^20 elements.
  public var blockRows: Int?
  /// Bytes that buffers may take, beside what lies in mapped files. At least one block of each
  /// thread is held, however small this is.
  public var memory = 256 << 20

  public init() {}
}
