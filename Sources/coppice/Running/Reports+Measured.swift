import Reports
import Tensors

extension Reports.MagnitudeHistogram {
  /// One tensor's histogram.
  init(_ measured: Tensors.MagnitudeHistogram) { self.init(adding: [measured]) }

  /// Several tensors' histograms as one.
  init(adding parts: [Tensors.MagnitudeHistogram]) {
    var counts: [Int: Int] = [:]
    for part in parts {
      for (index, count) in part.counts.enumerated() {
        counts[part.lowestExponent + index, default: 0] += count
      }
    }
    var bins: [Bin] = []
    if let lowest = counts.keys.min(), let highest = counts.keys.max() {
      for exponent in lowest...highest {
        let from = Double(sign: .plus, exponent: exponent, significand: 1)
        bins.append(Bin(from: from, to: from * 2, count: counts[exponent] ?? 0))
      }
    }
    self.init(
      zeros: parts.reduce(0) { $0 + $1.zeros }, nonfinite: parts.reduce(0) { $0 + $1.nonfinite },
      bins: bins)
  }
}

extension TensorStructure {
  init(_ measured: Structure) {
    func lines(_ slices: Structure.Slices) -> Lines {
      Lines(total: slices.count, zero: slices.zero)
    }
    self.init(
      rows: lines(measured.rows), columns: lines(measured.columns),
      filters: lines(measured.filters),
      channels: lines(measured.channels),
      patterns: measured.compliance.map {
        Pattern(n: $0.pattern.kept, m: $0.pattern.group, groups: $0.groups, compliant: $0.compliant)
      })
  }
}
