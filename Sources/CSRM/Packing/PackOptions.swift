/// What the person who packs may choose.
public struct PackOptions: Sendable {
  public enum Layout: Sendable {
    /// The smallest encoding for each tensor.
    case automatic
    /// Compressed sparse rows for matrices wherever they are smaller than raw; everything that a
    /// reader can use where it lies in the file.
    case csr
  }

  /// How much work goes into size.
  public enum Level: Sendable {
    /// The smallest of the encodings that take no time: raw, bit masks, compressed rows.
    case fast
    /// The entropy coder that suits each tensor, at memory-like speed for large ones.
    case standard
    /// All of them are tried on every tensor, and the smallest is kept.
    case max
  }

  public var level = Level.standard
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

  /// Whether `standard` may take the coder that mixes predictions, at some tens of megabytes a second.
  var mixes = true

  /// The one coder that is used for every tensor of floats that it can hold, whatever it takes: for
  /// tests, which want each coder at tensors too small for it.
  var forced: (any FloatCoding)?

  public init() {}
}
