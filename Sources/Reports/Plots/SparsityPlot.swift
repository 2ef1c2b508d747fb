/// Sparsity per layer, one colour for each file or for before and after.
struct SparsityPlot {
  /// The weights of one layer, or of one tensor where the file has no layers.
  struct Row: Equatable {
    var name: String
    var zeros: Int
    var count: Int
  }

  var title: String
  var subtitle: String
  var series: [(name: String, color: String, rows: [Row])]

  var figure: Figure {
    var order: [String] = []
    var known: Set<String> = []
    for row in series.flatMap(\.rows) where known.insert(row.name).inserted {
      order.append(row.name)
    }
    let tables = series.map { one in
      Dictionary(one.rows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
    let bars = order.map { name -> BarChart.Bar in
      let rows = tables.map { $0[name] }
      let shares = rows.map { row in row.flatMap { share($0.zeros, of: $0.count) } }
      let counts = rows.compactMap { $0?.count }
      return BarChart.Bar(
        name: name, values: shares, words: shares.map { percent($0) },
        detail: Set(counts).count == 1 ? "of \(grouped(counts[0]))" : "")
    }
    let totals = series.map { one in
      share(one.rows.reduce(0) { $0 + $1.zeros }, of: one.rows.reduce(0) { $0 + $1.count })
    }
    // One series has its total as a line through the bars; several have theirs in the legend.
    let isAlone = series.count == 1
    let chart = BarChart(
      series: zip(series, totals).map { "\($0.name): \(percent($1))" },
      colors: series.map(\.color), bars: bars,
      mark: isAlone ? totals[0].map { ($0, "all together: \(percent($0))") } : nil,
      ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], tickWords: { percent($0, places: 0) },
      axisTitle: "sparsity", emptyWords: "Nothing in this file is prunable.")
    var summary = "Sparsity of \(counted(bars.count, "layer"))."
    let words = bars.map { "\($0.name): \($0.words.joined(separator: ", "))" }
    if bars.count <= 24 { summary += " " + words.joined(separator: "; ") + "." }
    summary += " All together: " + totals.map { percent($0) }.joined(separator: ", ") + "."
    return Figure(title: title, subtitle: subtitle, summary: summary, charts: [chart])
  }

  /// Adds the prunable tensors up by layer; by tensor where one of them has no layer.
  static func rows(of report: InspectReport) -> [Row] {
    let tensors = report.prunableTensors
    if tensors.contains(where: { $0.layer == nil }) {
      return tensors.map { Row(name: $0.name, zeros: $0.zeros, count: $0.count) }
    }
    return report.layers.filter { $0.prunable > 0 }.map {
      Row(name: $0.layer ?? "", zeros: $0.zeros, count: $0.prunable)
    }
  }
}

extension InspectReport {
  /// The bars of `--plot`, and under them the magnitudes when `--histogram` was asked for.
  public var plot: Figure {
    var figure = SparsityPlot(
      title: modelName ?? lastComponent(of: file),
      subtitle: "\(file) · \(writer) · "
        + "\(grouped(zeros)) of \(grouped(prunable)) prunable weights are zero",
      series: [("layers", "s0", SparsityPlot.rows(of: self))]
    ).figure
    if let histogram { figure.charts.append(histogram.chart) }
    return figure
  }
}

extension InspectComparison {
  /// The bars of `--plot` for several files; beyond six, colours come again.
  public var plot: Figure {
    if reports.count == 1, let only = reports.first { return only.plot }
    return SparsityPlot(
      title: "Sparsity by layer", subtitle: counted(reports.count, "file"),
      series: reports.enumerated().map { index, report in
        (report.file, "s\(index % Figure.seriesColors)", SparsityPlot.rows(of: report))
      }
    ).figure
  }
}

extension PruneReport {
  /// The bars of `--plot`: sparsity of each tensor, and what it was before where it had zeros.
  public var plot: Figure {
    let after = tensors.map {
      SparsityPlot.Row(name: $0.name, zeros: $0.count - $0.kept, count: $0.count)
    }
    let before = tensors.map {
      SparsityPlot.Row(name: $0.name, zeros: $0.zerosBefore, count: $0.count)
    }
    var series = [("pruned", "s0", after)]
    if sparsity.before > 0 { series.insert(("before", "ghost", before), at: 0) }
    let sizes = sizes.output.map { " · \(byteSize(self.sizes.input)) → \(byteSize($0))" } ?? ""
    return SparsityPlot(
      title: "\(lastComponent(of: input.file)), pruned",
      subtitle: "\(grouped(sparsity.kept)) of \(grouped(sparsity.of)) weights kept\(sizes)",
      series: series
    ).figure
  }
}

extension MagnitudeHistogram {
  var chart: HistogramChart {
    let parts = [(zeros, "zeros"), (nonfinite, "not finite")].filter { $0.0 > 0 }
    let aside = parts.map { "\(grouped($0.0)) \($0.1) (\(percent(share($0.0, of: total))))" }
    return HistogramChart(
      heading: "Magnitudes of the prunable weights", bins: shown(atMost: 60),
      aside: aside.isEmpty ? "" : "not drawn: " + aside.joined(separator: ", "),
      axisTitle: "|w|, logarithmic")
  }
}

private func lastComponent(of path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}
