import JSON
import Keras

/// `Bidirectional`: two recurrent layers, one of which goes from the last time step to the first, and
/// a merge of what they give.
enum Bidirectional: Wrapper {
  static let classNames = ["Bidirectional"]

  static func lower(
    _ layer: LayerGraph.Layer, _ call: Invocation, _ inputs: [Int], _ scope: NetworkBuilder.Scope,
    _ builder: NetworkBuilder
  ) throws(NetworkError) -> [Int] {
    let settings = LayerReading(layer, age: builder.factory.age)
    let (forward, backward, mode) = try builder.locating(layer, scope) { () throws(LayerFault) in
      let pair = try directions(layer, settings, builder)
      return (pair.forward, pair.backward, try merge(settings))
    }
    var call = call
    var inputs = inputs
    builder.takeMask(&call, &inputs)
    let use = try builder.locating(layer, scope) { () throws(LayerFault) in
      let use = try RecurrentCall(call, age: settings.age)
      guard use.states.count % 2 == 0 else {
        throw .bad("is given \(use.states.count) initial states for two directions")
      }
      return use
    }
    let half = use.states.count / 2
    var outputs: [[Int]] = []
    for (inner, direction, states) in [
      (forward, "forward", use.states.prefix(half)),
      (backward, "backward", use.states.suffix(half)),
    ] {
      var below = scope
      below.place.wrapper = scope.place.wrapper ?? layer.name
      below.place.inside.append(direction)
      outputs.append(
        try builder.apply(
          inner, .recurrent(states: states.count, namesMask: call.namesMask),
          to: ([use.sequence] + states).map { inputs[$0] }, below))
    }
    let returnsSequences = LayerReading(forward, age: settings.age).flag(
      "return_sequences", default: false)
    let states = outputs.flatMap { $0.dropFirst() }
    if let mode {
      let merged = DirectionMerge(mode, turnsSteps: returnsSequences)
      return try builder.add(
        builder.factory.helper(merged), partOf: layer, to: outputs.map { $0[0] }, scope) + states
    }
    guard returnsSequences else { return outputs.map { $0[0] } + states }
    let turned = try builder.add(
      builder.factory.helper(ReversedTime(keepsMask: true)), partOf: layer, to: [outputs[1][0]],
      scope)
    return [outputs[0][0]] + turned + states
  }

  /// The two layers as they are run.
  private static func directions(
    _ layer: LayerGraph.Layer, _ settings: LayerReading, _ builder: NetworkBuilder
  ) throws(LayerFault) -> (forward: LayerGraph.Layer, backward: LayerGraph.Layer) {
    guard case .wrapper(let held) = layer.content, held.count == 2,
      var forward = held[0].layers.first, var backward = held[1].layers.first
    else { throw .bad("holds no layer") }
    func flag(_ layer: LayerGraph.Layer, _ key: String) -> Bool {
      layer.config[key]?.boolValue ?? false
    }
    if settings.value("backward_layer") == nil {
      backward.config["go_backwards"] = .bool(!flag(forward, "go_backwards"))
    }
    guard flag(forward, "go_backwards") != flag(backward, "go_backwards") else {
      throw .bad("both layers go in the same direction")
    }
    for key in ["return_sequences", "return_state"] where flag(forward, key) != flag(backward, key)
    {
      throw .bad("\(key) differs between the two directions")
    }
    // TensorFlow's own Keras 2 and Keras 3 make masked steps zero whatever the layers say.
    if !builder.factory.isStandalone {
      forward.config["zero_output_for_mask"] = .bool(flag(forward, "return_sequences"))
      backward.config["zero_output_for_mask"] = .bool(flag(forward, "return_sequences"))
    }
    return (forward, backward)
  }

  private static func merge(_ settings: LayerReading) throws(LayerFault) -> DirectionMerge.Mode? {
    guard let value = settings.config["merge_mode"] else { return .concat }
    if value.isNull { return nil }
    guard let word = value.stringValue, let mode = DirectionMerge.Mode(rawValue: word) else {
      throw .bad("merge_mode is \(value.shown), not one of concat, sum, ave, mul")
    }
    return mode
  }
}
