/// How far a reader follows what a file claims about itself.
public struct Limits: Sendable, Hashable {
  /// Bytes that all values of the file may take together once decoded.
  public var decodedBytes: Int

  public init(decodedBytes: Int = 16 << 30) { self.decodedBytes = decodedBytes }

  /// 16 GiB decoded.
  public static let standard = Limits()
}
