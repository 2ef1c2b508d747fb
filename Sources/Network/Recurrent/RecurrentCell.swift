/// What a recurrent layer does in one time step.
///
/// A cell keeps one or two states of one shape; the first is also what the layer gives out.
protocol RecurrentCell: AnyObject, SendableMetatype {
  /// The classes of layers that run this cell over time.
  static var layerNames: [String] { get }
  /// The classes of the cell by itself, as an `RNN` holds it.
  static var cellNames: [String] { get }
  /// How many states it has.
  static var states: Int { get }

  init(_ definition: Definition) throws(LayerFault)

  var parameters: [Parameter] { get }
  func prepare()

  /// The shape of a state, for time steps of shape `step`. Throws where the cell cannot take them.
  func infer(step: [Int]) throws(LayerFault) -> [Int]

  /// Floats of scratch memory for a time step of `rows` rows.
  func scratch(step: [Int], rows: Int) -> Int

  /// Takes a time step of all rows.
  ///
  /// - Parameters:
  ///   - x: `[step…]` floats a row, `stride` floats apart.
  ///   - states: one after another, each `[rows][state…]`; read and written.
  func advance(
    _ x: UnsafePointer<Float>, stride: Int, step: [Int], _ states: UnsafeMutablePointer<Float>,
    rows: Int, scratch: UnsafeMutablePointer<Float>)
}

/// A cell that can say what rows its kernels are multiplied by (`Calibrated`).
protocol CalibratedCell: RecurrentCell {
  /// The kernels, in the order in which `advance` multiplies by them.
  var kernelUses: [KernelUse] { get }

  /// Gives `take` what kernel `use` is multiplied by in the time step that is about to be taken. `x`
  /// and `scratch` are as for `advance`, `state` is the first state alone; no other rows are looked at
  /// than the `rows` that begin there.
  func giveInputs(
    of use: Int, _ x: UnsafePointer<Float>, stride: Int, step: [Int],
    _ state: UnsafePointer<Float>, rows: Int, scratch: UnsafeMutablePointer<Float>,
    to take: RowTaker)
}

/// Every cell. A new one is a file under `Layers/` and a line here and in the `LayerList`.
enum CellList {
  static let all: [any RecurrentCell.Type] = [ConvLSTM.self, GRU.self, LSTM.self, SimpleRNN.self]

  static let byName: [String: any RecurrentCell.Type] = {
    var table: [String: any RecurrentCell.Type] = [:]
    for type in all {
      for name in type.cellNames { table[name] = type }
    }
    return table
  }()
}
