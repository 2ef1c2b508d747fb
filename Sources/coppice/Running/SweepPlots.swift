import Files
import Reports
import Studies

/// The plots of a sweep: one file, or a folder of all.
enum SweepPlots {
  /// Throws where there can be no plots at `path`: told before the work, not after it.
  static func check(_ path: String?) throws {
    guard let path else { return }
    if path == "-" || path.hasSuffix(".svg") { return try Plots.check(path) }
    try Folders.make(path)
  }

  /// A path that ends in `.svg` (or `-`) gets the metric against the sparsity; any other is a folder,
  /// which gets for every ratio the course over epochs and over steps too.
  static func write(_ report: SweepReport, to path: String) throws {
    if path == "-" || path.hasSuffix(".svg") { return try Plots.write(report.ratioPlot, to: path) }
    try Folders.make(path)
    try Plots.write(report.ratioPlot, to: "\(path)/ratios.svg")
    for ratio in report.table.plan.ratios {
      try Plots.write(report.epochPlot(at: ratio), to: "\(path)/epochs-\(ratio).svg")
      try Plots.write(report.stepPlot(at: ratio), to: "\(path)/steps-\(ratio).svg")
    }
  }
}
