/// How far a reader follows what a file claims about itself.
public struct Limits: Sendable, Hashable {
  /// Bytes that all values of the file may take together once decoded.
  public var decodedBytes: Int
  /// Bytes that decoded blocks may take at one time; nil for what is fastest.
  public var memory: Int?

  public init(decodedBytes: Int = 16 << 30, memory: Int? = nil) {
    self.decodedBytes = decodedBytes
    self.memory = memory
  }

  /// 16 GiB decoded.
  public static let standard = Limits()
}
