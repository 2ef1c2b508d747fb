/// What a recurrent layer makes of its cell's steps. That it is stateful means nothing here: an
/// evaluation starts every sample at zero.
struct RecurrentOptions {
  var returnsSequences = false
  var returnsState = false
  /// From the last time step to the first; what comes out is in the order of the computation.
  var goesBackwards = false
  /// Masked steps give zero instead of what the step before gave.
  var zeroesMasked = false
  var isUnrolled = false

  init(_ definition: Definition) throws(LayerFault) {
    if definition.flag("time_major", default: false) {
      throw .unsupported("time before samples (time_major)")
    }
    returnsSequences = definition.flag("return_sequences", default: false)
    returnsState = definition.flag("return_state", default: false)
    goesBackwards = definition.flag("go_backwards", default: false)
    zeroesMasked = definition.flag("zero_output_for_mask", default: false)
    isUnrolled = definition.flag("unroll", default: false)
  }
}
