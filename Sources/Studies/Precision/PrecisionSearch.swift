/// The search for the fewest bytes that hold a metric, tensor by tensor.
///
/// Each tensor has options, each of them so many bytes and a guess of how much it harms. From the first
/// options on, step after step the one is taken that saves the most bytes for its harm, over the lower
/// hull of each tensor's options: the points that a price of harm in bytes picks, as the price falls
/// (Shoham and Gersho 1988). How far one can go is found by halving, with the metric itself as the
/// judge; then each tensor is tried one option further, the largest saving first, and what holds is
/// kept. The same options and answers give the same choice.
public struct PrecisionSearch: Sendable {
  public struct Option: Sendable, Equatable {
    public var bytes: Int
    /// A guess of what it adds to the loss, 0 or more; it need only put options in order.
    public var harm: Double

    public init(bytes: Int, harm: Double) {
      self.bytes = bytes
      self.harm = harm
    }
  }

  /// Of each tensor; the first is the one that harms nothing.
  private let options: [[Option]]
  /// Of each tensor, the options on its lower hull, from the first one on, each with fewer bytes.
  private let hulls: [[Int]]

  /// Every tensor has an option at least.
  public init(_ options: [[Option]]) {
    precondition(options.allSatisfy { !$0.isEmpty })
    self.options = options
    hulls = options.map(Self.hull)
  }

  /// One option for each tensor.
  public typealias Choice = [Int]

  /// The choice with the fewest bytes that was found to hold; nil where not even the first options do.
  ///
  /// - Parameter others: choices to try besides, where they have fewer bytes than what halving finds:
  ///   a guess of harm can be wrong.
  public func best(
    trying others: [Choice] = [], holds: (Choice) throws -> Bool
  ) rethrows -> Choice? {
    let path = path
    guard try holds(path[0]) else { return nil }
    // Where little is asked for the end of the path holds, whatever lies before it.
    var (low, high) = (0, path.count - 1)
    if high > 0, try holds(path[high]) { low = high }
    while high - low > 1 {
      let middle = (low + high) / 2
      if try holds(path[middle]) { low = middle } else { high = middle }
    }
    var choice = path[low]
    let found = bytes(of: choice)
    let smaller = others.map { (choice: $0, bytes: bytes(of: $0)) }.filter { $0.bytes < found }
    for other in smaller.enumerated().sorted(by: { ($0.1.bytes, $0.0) < ($1.1.bytes, $1.0) }) {
      if try holds(other.element.choice) {
        choice = other.element.choice
        break
      }
    }
    // One pass: what holds by chance is found by many trials.
    for tensor in options.indices.sorted(by: { precedes($0, $1, from: choice) }) {
      guard let next = nextSmaller(tensor, choice[tensor]) else { continue }
      var trial = choice
      trial[tensor] = next
      if try holds(trial) { choice = trial }
    }
    return choice
  }

  public func bytes(of choice: Choice) -> Int {
    zip(options, choice).reduce(0) { $0 + $1.0[$1.1].bytes }
  }

  /// The choices that a falling price of harm picks, from the first options on.
  var path: [Choice] {
    var places = options.map { _ in 0 }
    var path = [choice(places)]
    while true {
      var best: (rate: Double, tensor: Int)?
      for tensor in hulls.indices where places[tensor] + 1 < hulls[tensor].count {
        let rate = rate(
          tensor, hulls[tensor][places[tensor]], hulls[tensor][places[tensor] + 1])
        if rate < best?.rate ?? .infinity { best = (rate, tensor) }
      }
      guard let best else { return path }
      places[best.tensor] += 1
      path.append(choice(places))
    }
  }

  private func choice(_ places: [Int]) -> Choice { zip(hulls, places).map { $0[$1] } }

  /// Harm for a byte saved.
  private func rate(_ tensor: Int, _ from: Int, _ to: Int) -> Double {
    Self.rate(options[tensor][from], options[tensor][to])
  }

  private static func rate(_ from: Option, _ to: Option) -> Double {
    (to.harm - from.harm) / Double(from.bytes - to.bytes)
  }

  /// Tensors with more to save come first.
  private func precedes(_ a: Int, _ b: Int, from choice: Choice) -> Bool {
    func saving(_ tensor: Int) -> Int {
      nextSmaller(tensor, choice[tensor]).map {
        options[tensor][choice[tensor]].bytes - options[tensor][$0].bytes
      } ?? 0
    }
    return (saving(b), a) < (saving(a), b)
  }

  /// The least harmful of the options with fewer bytes.
  private func nextSmaller(_ tensor: Int, _ option: Int) -> Int? {
    let own = options[tensor]
    return own.indices.filter { own[$0].bytes < own[option].bytes }
      .min { (own[$0].harm, own[$0].bytes, $0) < (own[$1].harm, own[$1].bytes, $1) }
  }

  /// The points of the lower hull, in falling order of bytes.
  private static func hull(_ options: [Option]) -> [Int] {
    var hull = [0]
    while let last = hull.last {
      let next = options.indices.filter { options[$0].bytes < options[last].bytes }
        .min { a, b in
          let (first, second) = (rate(options[last], options[a]), rate(options[last], options[b]))
          // Of points on one line the nearest first.
          return (first, -options[a].bytes, a) < (second, -options[b].bytes, b)
        }
      guard let next else { break }
      hull.append(next)
    }
    return hull
  }
}
