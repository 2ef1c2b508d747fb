/// A cell that training goes through. Its steps over time and those back are taken one by one; what
/// can be done for all steps at once comes before the first and after the last.
protocol TrainableCell: RecurrentCell {
  var dropout: CellDropout { get }

  /// Floats a row that one time step leaves for the way back in `CellRun.own`.
  func kept(step: [Int]) -> Int

  /// Floats of scratch memory for `rows` rows.
  func trainingScratch(step: [Int], rows: Int, steps: Int) -> Int

  func prepareForTraining(wantsInputs: Bool)

  /// Takes the products of the input, of all steps.
  func begin(_ run: CellRun)

  /// Takes step `time`: from the states before it to those before the next.
  func train(_ run: CellRun, at time: Int)

  /// The way back of step `time`: turns the gradients of the states after it into those of the states
  /// before it. They lie one after another, each `[rows][state…]`.
  func back(_ run: CellRun, at time: Int, _ gradients: UnsafeMutablePointer<Float>)

  /// Adds to the gradients of the variables, and with `wantsInput` writes that of the input over the
  /// input.
  func finish(_ run: CellRun, _ frame: TrainingFrame, wantsInput: Bool)
}
