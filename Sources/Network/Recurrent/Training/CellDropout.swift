import Keras

/// What a cell drops in training: parts of its input and of its first state, the same in every time
/// step of a sequence.
///
/// Keras 3 draws one mask for all gates where it multiplies by all gates' kernels at once, and one a
/// gate where it does not: with dropout of the state, where `implementation` says so, and in
/// convolutions (`DropoutRNNCell` and `LSTMCell.call` in keras/src/layers/rnn).
struct CellDropout {
  let input: Float
  let state: Float
  /// How many masks there are; 0 where nothing is dropped.
  let inputMasks: Int
  let stateMasks: Int

  /// - Parameters:
  ///   - gates: how many gates the cell has; 1 for one whose only mask is for all that it does.
  ///   - isAlwaysSeparate: whether every gate has a mask of its own whatever the settings.
  init(_ definition: Definition, gates: Int, isAlwaysSeparate: Bool = false) throws(LayerFault) {
    input = Float(try definition.double("dropout", "dropout_W", default: 0))
    state = Float(try definition.double("recurrent_dropout", "dropout_U", default: 0))
    guard (0...1).contains(input), (0...1).contains(state) else {
      throw .bad("drops shares of \(input) and \(state), which are not both from 0 to 1")
    }
    // One that drops everything is no dropout where there are gates.
    func isActive(_ rate: Float) -> Bool { rate > 0 && (rate < 1 || gates == 1) }
    let isSeparate =
      isAlwaysSeparate || state > 0 || definition.settings.value("implementation") == 1
    inputMasks = isActive(input) ? (isSeparate ? gates : 1) : 0
    stateMasks = isActive(state) ? gates : 0
  }

  /// Writes the masks of a chunk, whose first row is row `first` of the batch.
  func fill(
    inputs: UnsafeMutablePointer<Float>, width: Int, states: UnsafeMutablePointer<Float>,
    units: Int, rows: Int, first: Int, _ random: RandomStream
  ) {
    let before = UInt64(inputMasks * width)
    let all = before + UInt64(stateMasks * units)
    func draw(
      _ masks: UnsafeMutablePointer<Float>, _ count: Int, _ width: Int, _ rate: Float,
      from start: UInt64
    ) {
      let factor = rate < 1 ? 1 / (1 - rate) : 0
      for mask in 0..<count {
        for row in 0..<rows {
          let place = UInt64(first + row) &* all &+ start &+ UInt64(mask * width)
          let target = masks + (mask * rows + row) * width
          for i in 0..<width {
            target[i] = random.uniform(at: place &+ UInt64(i)) >= rate ? factor : 0
          }
        }
      }
    }
    draw(inputs, inputMasks, width, input, from: 0)
    draw(states, stateMasks, units, state, from: before)
  }
}
