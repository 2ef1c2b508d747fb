import Keras

/// `RNN`: a cell over time, or a list of cells each of which takes what the one before it gives. Run
/// as a chain of recurrent layers, one a cell.
enum RNN: Wrapper {
  static let classNames = ["RNN"]

  private struct Cell {
    var layer: LayerGraph.Layer
    /// What tells it apart from the others in the names of variables.
    var inside: [String]
    var type: any RecurrentCell.Type
  }

  static func lower(
    _ layer: LayerGraph.Layer, _ call: Invocation, _ inputs: [Int], _ scope: NetworkBuilder.Scope,
    _ builder: NetworkBuilder
  ) throws(NetworkError) -> [Int] {
    let settings = LayerReading(layer, age: builder.factory.age)
    var call = call
    var inputs = inputs
    builder.takeMask(&call, &inputs)
    let (cells, options, use) = try builder.locating(layer, scope) { () throws(LayerFault) in
      var cells: [Cell] = []
      try collect(layer, inside: [], into: &cells)
      guard !cells.isEmpty else { throw .bad("holds no cell") }
      let isStandalone = builder.factory.isStandalone
      let options = try RecurrentOptions(settings, isStandalone: isStandalone)
      let isMasked = inputs.first.map { builder.plan.values[$0].mask != nil } ?? false
      if options.showsState, cells.count > 1, isMasked, !isReversedOrder(layer) {
        // That Keras shows the state of the first cell where the last one's output is masked.
        throw .unsupported("a mask on several cells in a Keras before 2.4")
      }
      return (cells, options, try RecurrentCall(call, age: settings.age))
    }
    var below = scope
    below.place.wrapper = scope.place.wrapper ?? layer.name
    let isReversed = isReversedOrder(layer)
    var value = inputs[use.sequence]
    let mask = builder.plan.values[value].mask
    if options.goesBackwards, cells.count > 1 {
      // All cells see the steps in the order of the computation.
      value = try builder.add(
        builder.factory.helper(ReversedTime(keepsMask: false)), partOf: layer, to: [value], scope)[
          0]
    }
    var given = use.states.map { inputs[$0] }
    var states: [[Int]] = []
    for (i, cell) in cells.enumerated() {
      var own = options
      own.goesBackwards = options.goesBackwards && cells.count == 1
      if i < cells.count - 1 {
        own.returnsSequences = true
        own.zeroesMasked = false
      }
      var place = below.place
      place.inside += cell.inside
      if cell.layer.config["activity_regularizer"].map({ !$0.isNull }) ?? false {
        builder.unknownPenalties.append(place.name(of: layer))
      }
      let made = try builder.factory.layer(cell.layer, in: place) {
        definition throws(LayerFault) in
        try recurrent(cell.type, definition, own)
      }
      // As many initial states as the cell has, from the end that it stands at.
      let count = use.states.isEmpty ? 0 : min(cell.type.states, given.count)
      let mine = Array(isReversed ? given.suffix(count) : given.prefix(count))
      given = Array(isReversed ? given.dropLast(count) : given.dropFirst(count))
      let outputs = try builder.add(
        made, partOf: layer, .recurrent(states: mine.count, namesMask: call.namesMask),
        to: [value] + mine, below)
      value = outputs[0]
      states.append(Array(outputs.dropFirst()))
    }
    try builder.locating(layer, scope) { () throws(LayerFault) in
      guard given.isEmpty else {
        throw .bad("is given \(use.states.count) initial states, more than its cells have")
      }
    }
    if options.returnsSequences { builder.plan.values[value].mask = mask }
    return [value] + (isReversed ? states.reversed() : states).flatMap(\.self)
  }

  /// The cells in `layer`, those of `StackedRNNCells` one by one.
  private static func collect(
    _ layer: LayerGraph.Layer, inside: [String], into cells: inout [Cell]
  ) throws(LayerFault) {
    guard case .wrapper(let held) = layer.content else { return }
    for part in held {
      for (i, inner) in part.layers.enumerated() {
        let place = inside + (part.isList ? ["cell_\(i)"] : [])
        if inner.className == "StackedRNNCells" {
          try collect(inner, inside: place, into: &cells)
        } else if let type = CellList.byName[inner.className] {
          cells.append(Cell(layer: inner, inside: place, type: type))
        } else {
          throw .unsupported("the cell class '\(inner.className.printable(limit: 40))'")
        }
      }
    }
  }

  private static func recurrent<C: RecurrentCell>(
    _ type: C.Type, _ definition: Definition, _ options: RecurrentOptions
  ) throws(LayerFault) -> any Layer {
    try RecurrentLayer<C>(definition, options)
  }

  /// Whether a Keras 2 was told to count states from the last cell.
  private static func isReversedOrder(_ layer: LayerGraph.Layer) -> Bool {
    guard case .wrapper(let held) = layer.content, let cell = held.first?.layers.first else {
      return false
    }
    return cell.className == "StackedRNNCells"
      && cell.config["reverse_state_order"]?.boolValue ?? false
  }
}
