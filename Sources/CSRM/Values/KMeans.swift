import Parallel

/// k-means in one dimension, to the optimum: clusters are runs of the sorted values, and the best
/// runs are found by dynamic programming (Wang and Song 2011, "Ckmeans.1d.dp").
///
/// The least error of the first j points in k clusters is
///
///     D[k][j] = min over i < j of D[k-1][i] + error(i, j)
///
/// and the best i does not fall as j grows (Grønlund et al. 2017, arXiv 1701.07204, section 3.1), so
/// a row is filled from its middle outwards in n·log n steps. Where the places of all rows would take
/// too much memory, the place where half of the clusters end is found first, and each half by itself
/// (Hirschberg 1975). Of two ways that are as good the one with the lower place is taken.
extension WeightedPoints {
  /// Places that are remembered at most, 4 bytes each.
  static let mostPlaces = 1 << 25

  /// `k` runs, or as many as there are points, that cover all of them.
  func clusters(_ k: Int, mostPlaces: Int = WeightedPoints.mostPlaces) -> [Range<Int>] {
    precondition(k >= 1)
    guard count > 0 else { return [] }
    guard count > k else { return (0..<count).map { $0..<$0 + 1 } }
    let ends = withErrors {
      KMeans(errors: $0, mostPlaces: mostPlaces).ends(of: 0..<count, k)
    }
    return zip([0] + ends, ends).map { $0..<$1 }
  }
}

private struct KMeans: Sendable {
  let errors: RunErrors
  let mostPlaces: Int

  /// Where each of `k` clusters of the points in `range` ends; there are more points than that.
  func ends(of range: Range<Int>, _ k: Int) -> [Int] {
    guard k > 1 else { return [range.upperBound] }
    guard range.count > k else { return range.map { $0 + 1 } }
    let n = range.count
    if k <= 2 || n * (k - 1) <= mostPlaces { return traced(range, k) }
    // How good the first points are in half of the clusters, and the last ones in the others.
    let half = k / 2
    let first = least(range, half, backward: false)
    let last = least(range, k - half, backward: true)
    var best = (error: Double.infinity, at: half)
    for at in half...n - (k - half) {
      let error = first[at] + last[n - at]
      if error < best.error { best = (error, at) }
    }
    let middle = range.lowerBound + best.at
    return ends(of: range.lowerBound..<middle, half)
      + ends(of: middle..<range.upperBound, k - half)
  }

  /// All places remembered.
  private func traced(_ range: Range<Int>, _ k: Int) -> [Int] {
    let n = range.count
    var row = firstRow(range, backward: false)
    var places: [[Int32]] = []
    for clusters in 2...k {
      var taken = [Int32](repeating: 0, count: n + 1)
      row = next(row, clusters, range, backward: false, places: &taken)
      places.append(taken)
    }
    var ends = [n]
    for taken in places.reversed() { ends.append(Int(taken[ends[ends.count - 1]])) }
    return ends.reversed().map { $0 + range.lowerBound }
  }

  /// The least error of the first (or last) j points in `k` clusters, by j; infinite below k.
  private func least(_ range: Range<Int>, _ k: Int, backward: Bool) -> [Double] {
    var row = firstRow(range, backward: backward)
    var unused: [Int32] = []
    for clusters in 2..<k + 1 {
      row = next(row, clusters, range, backward: backward, places: &unused)
    }
    return row
  }

  @inline(__always)
  private func error(_ range: Range<Int>, _ from: Int, _ to: Int, _ backward: Bool) -> Double {
    backward
      ? errors(range.upperBound - to, range.upperBound - from)
      : errors(range.lowerBound + from, range.lowerBound + to)
  }

  private func firstRow(_ range: Range<Int>, backward: Bool) -> [Double] {
    [.infinity] + (1...range.count).map { error(range, 0, $0, backward) }
  }

  /// A span of ends j that is yet to be filled, and where their clusters may begin.
  private struct Span: Sendable {
    var ends: Range<Int>
    var least: Int
    var most: Int
  }

  /// The next row from the one before it. `places` gets where the last cluster begins, if it has room.
  private func next(
    _ row: [Double], _ clusters: Int, _ range: Range<Int>, backward: Bool, places: inout [Int32]
  ) -> [Double] {
    let n = range.count
    var result = [Double](repeating: .infinity, count: n + 1)
    let keeps = !places.isEmpty
    row.withUnsafeBufferPointer { row in
      result.withUnsafeMutableBufferPointer { result in
        places.withUnsafeMutableBufferPointer { places in
          nonisolated(unsafe) let row = row
          nonisolated(unsafe) let result = result
          nonisolated(unsafe) let places = places
          /// Fills the middle of a span, and gives what is left on both sides.
          @Sendable func split(_ span: Span) -> (Span, Span) {
            let end = span.ends.lowerBound + span.ends.count / 2
            var best = (error: Double.infinity, at: span.least)
            let last = min(span.most, end - 1)
            if span.least <= last {
              for at in span.least...last {
                let error = row[at] + self.error(range, at, end, backward)
                if error < best.error { best = (error, at) }
              }
            }
            result[end] = best.error
            if keeps { places[end] = Int32(best.at) }
            return (
              Span(ends: span.ends.lowerBound..<end, least: span.least, most: best.at),
              Span(ends: end + 1..<span.ends.upperBound, least: best.at, most: span.most)
            )
          }
          @Sendable func fill(_ span: Span) {
            var open = [span]
            while let span = open.popLast() {
              guard !span.ends.isEmpty else { continue }
              let (left, right) = split(span)
              open.append(left)
              open.append(right)
            }
          }
          var spans = [Span(ends: clusters..<n + 1, least: clusters - 1, most: n - 1)]
          // Large rows are shared out; what each end gets does not depend on who fills it.
          if n > 1 << 15 {
            for _ in 0..<5 {
              spans = spans.flatMap { span -> [Span] in
                guard !span.ends.isEmpty else { return [] }
                let (left, right) = split(span)
                return [left, right]
              }
            }
          }
          let all = spans
          // Nothing in it throws.
          try? Parallel.forEach(all.count) { fill(all[$0]) }
        }
      }
    }
    return result
  }
}
