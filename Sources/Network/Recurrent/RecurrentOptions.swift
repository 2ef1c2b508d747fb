import Keras

/// What a recurrent layer makes of its cell's steps. That it is stateful means nothing here: an
/// evaluation starts every sample at zero.
struct RecurrentOptions {
  var returnsSequences = false
  var returnsState = false
  /// From the last time step to the first; what comes out is in the order of the computation.
  var goesBackwards = false
  /// Masked steps give zero instead of what the step before gave.
  var zeroesMasked = false
  /// Which outputs become zero is read from the mask's other end: Keras forgets to turn the mask when
  /// it zeroes what unrolled steps gave.
  var zeroesFromOtherEnd = false

  /// A masked step gives the state that the row has, and not what the step before gave: they differ
  /// where a row begins with masked steps and a state.
  var showsState = false

  init(_ settings: LayerReading, isStandalone: Bool) throws(LayerFault) {
    if settings.flag("time_major", default: false) {
      throw .unsupported("time before samples (time_major)")
    }
    returnsSequences = settings.flag("return_sequences", default: false)
    returnsState = settings.flag("return_state", default: false)
    goesBackwards = settings.flag("go_backwards", default: false)
    zeroesMasked = settings.flag("zero_output_for_mask", default: false)
    let isUnrolled = settings.flag("unroll", default: false)
    zeroesFromOtherEnd = goesBackwards && returnsSequences && isUnrolled
    showsState = isStandalone && !isUnrolled
  }
}
