import Synchronization

/// How many bytes this process has gone through in passes over tensors and files, for whoever shows how
/// far a pass is. A pass adds what it has behind it, a block or a piece at a time; nobody decides
/// anything by it.
public enum Passage {
  private static let behind = Atomic<Int>(0)

  /// Bytes so far. Those of values that are gone through twice count twice.
  public static var bytes: Int { behind.load(ordering: .relaxed) }

  /// Adds bytes that are done with.
  public static func add(_ bytes: Int) { behind.wrappingAdd(bytes, ordering: .relaxed) }
}
