import ArgumentParser
import Synchronization

/// A pattern of `--include` or `--exclude` that remembers where it stood on the command line, since
/// later ones win and the parser gathers the two options apart.
struct OrderedPattern: ExpressibleByArgument, ArgumentText {
  let argumentText: String
  /// Rises along the command line.
  let place: Int

  private static let next = Atomic<Int>(0)

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    argumentText = argument
    place = OrderedPattern.next.wrappingAdd(1, ordering: .relaxed).oldValue
  }
}
