/// Which coders of floats are tried on a tensor.
enum FloatCodings {
  /// A coder that is tried, and for which tensors at the default level. Where two take the same
  /// bytes, the first one is kept.
  private struct Candidate {
    let coding: any FloatCoding
    let suits: @Sendable (FloatCensus, PackOptions) -> Bool
  }

  /// All that there are. At the level `max` every one of them is tried.
  private static let candidates: [Candidate] = [
    Candidate(coding: StaticCoding()) { _, _ in true },
    Candidate(coding: SmallCoding()) { census, _ in census.nonzeros <= 1 << 16 },
    Candidate(coding: MixedCoding()) { census, options in options.mixes && census.count <= 1 << 16 },
  ]

  /// Those to try, made to measure: under `standard` the one that is expected to be smallest and
  /// all that are within 3 % of it, under `max` all, under `fast` none.
  static func fittings(
    _ census: FloatCensus, shape: [Int], _ geometry: Geometry, _ options: PackOptions
  ) -> [Fitting] {
    let level = options.level
    let all =
      candidates
      .filter { level == .max || (level == .standard && $0.suits(census, options)) }
      .compactMap { $0.coding.fitted(to: census, shape: shape, geometry) }
    guard level == .standard, let least = all.map(\.expectedBytes).min() else { return all }
    return all.filter { $0.expectedBytes <= least + least / 100 * 3 }
  }
}
