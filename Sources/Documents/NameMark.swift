/// What a link's or attribute's name says it is written in: a mark that HDF5 keeps beside the name, and
/// that changes none of its bytes.
public enum NameMark: UInt8, Sendable, CustomStringConvertible {
  case ascii = 0
  case utf8

  /// The mark that nearly every writer gives a name by its bytes: UTF-8 where they are that and not
  /// ASCII.
  public static func usual(for name: Name) -> NameMark {
    name.bytes.contains { $0 >= 0x80 } && String(validating: name.bytes, as: UTF8.self) != nil
      ? .utf8 : .ascii
  }

  /// The one that this is not.
  public var other: NameMark { self == .ascii ? .utf8 : .ascii }

  public var description: String { self == .ascii ? "ASCII" : "UTF-8" }
}
