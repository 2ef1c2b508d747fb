/// The memory of a cell's steps over a chunk of rows, on both ways. Steps are counted in the order in
/// which the cell takes them; every array begins with them.
struct CellRun {
  let rows: Int
  let steps: Int
  /// The shape of a time step, and its floats.
  let step: [Int]
  let inputs: Int
  /// Floats of a state.
  let units: Int
  /// `[steps][rows][step…]`: the input, and at the end of the way back its gradient.
  let x: UnsafeMutablePointer<Float>
  /// `[states][steps + 1][rows][state…]`: what every step begins with, and what the last one gives.
  let states: UnsafeMutablePointer<Float>
  /// What the cell keeps: `[steps][rows][…]` for each of its arrays.
  let own: UnsafeMutablePointer<Float>
  /// What dropout multiplies the input and the first state by, `[groups][rows][…]`; nil where
  /// nothing is dropped.
  let inputMasks: UnsafeMutablePointer<Float>?
  let stateMasks: UnsafeMutablePointer<Float>?
  let scratch: UnsafeMutablePointer<Float>

  /// What state `index` is before step `time`.
  @inline(__always)
  func state(_ index: Int = 0, at time: Int) -> UnsafeMutablePointer<Float> {
    states + (index * (steps + 1) + time) * rows * units
  }

  /// Step `time` of an array that the cell keeps `width` floats a row in, behind `offset` floats of
  /// each row and step in other arrays.
  @inline(__always)
  func kept(_ width: Int, after offset: Int = 0, at time: Int = 0) -> UnsafeMutablePointer<Float> {
    own + (offset * steps + width * time) * rows
  }
}
