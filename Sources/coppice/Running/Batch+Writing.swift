import Files
import Reports

extension Batch {
  /// The frame of every command that writes: settles where the outputs go, passes over those that
  /// are there if told to, and prints what `body` reports of each file.
  static func write<Result: Report>(
    _ files: [String], to placing: PlacingOptions, standard: OutputPlan.Standard,
    _ reporting: ReportOptions, _ common: CommonOptions, plot: String? = nil,
    _ body: @escaping @Sendable (_ file: String, _ plan: OutputPlan) throws -> Result?
  ) throws {
    common.apply()
    try Inputs.require(files)
    try reporting.checkPlaces(plot: plot, output: placing.output)
    let plan = try OutputPlan(files, placing, standard: standard, json: reporting.json)
    let emission = try Emission(
      reporting, common, isAlone: files.count == 1,
      isOutputTaken: placing.output == "-" || plot == "-")
    try run(files, jobs: placing.jobs) { file, _ in
      if let skipped = plan.skipped(file) { return skipped }
      do {
        return try body(file, plan).flatMap { try emission.render($0) }
      } catch let passed as PassedOver {
        return plan.passedOver(file, passed.path)
      } catch FileError.exists(let path, _)
        where plan.skipsExisting && path == plan.earlyPath(for: file)
      {
        // Another run was faster.
        return plan.passedOver(file, path)
      }
    }
  }
}
