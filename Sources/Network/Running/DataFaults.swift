/// What a layer finds wrong with the values that it is given, an index without a row in a table say.
///
/// `Layer.forward` has no way to throw: it says it here, goes on with whatever value is harmless, and
/// the run ends after the layer. One object a thread.
final class DataFaults {
  struct Fault {
    /// Which of the plan's nodes found it, and at which row of its call.
    var node: Int
    var row: Int
    var what: String
  }

  /// The first of the run.
  private(set) var first: Fault?
  /// The node that runs.
  var node = 0

  func reset() { first = nil }

  func add(row: Int, _ what: @autoclosure () -> String) {
    if first == nil { first = Fault(node: node, row: row, what: what()) }
  }
}
