import Keras

/// The calls of a graph in an order in which each finds what it takes.
struct CallQueue {
  private struct Waiting {
    var layer: Int
    var call: Int
    var missing: Int
  }

  private let graph: LayerGraph
  private let path: String
  private var waiting: [Waiting] = []
  /// Calls by what they wait for.
  private var readers: [LayerGraph.TensorReference: [Int]] = [:]
  private var ready: [Int] = []
  private var taken = 0
  private var left = 0
  /// By the name of a layer and the number of a call: which outputs somebody waits for.
  private var awaited: [LayerGraph.TensorReference: [LayerGraph.TensorReference]] = [:]

  /// Throws where a call takes something of a layer that the graph does not have.
  init(_ graph: LayerGraph, known: Set<LayerGraph.TensorReference>, path: String)
    throws(NetworkError)
  {
    self.graph = graph
    self.path = path
    let names = Set(graph.layers.map(\.key))
    for (i, layer) in graph.layers.enumerated() {
      if layer.className == "InputLayer" { continue }
      for (j, call) in layer.calls.enumerated() {
        let needed = Set(call.tensors).subtracting(known)
        for reference in needed {
          guard names.contains(reference.layer) else {
            throw .badGraph(
              path: path,
              what:
                "layer '\(layer.name.printable())' takes its input from '\(reference.layer.printable)', which is no layer of the model"
            )
          }
          if readers[reference] == nil {
            let whole = LayerGraph.TensorReference(
              layer: reference.layer, call: reference.call, output: 0)
            awaited[whole, default: []].append(reference)
          }
          readers[reference, default: []].append(waiting.count)
        }
        if needed.isEmpty { ready.append(waiting.count) }
        waiting.append(Waiting(layer: i, call: j, missing: needed.count))
      }
    }
    left = waiting.count
  }

  mutating func next() -> (layer: Int, call: Int)? {
    guard taken < ready.count else { return nil }
    let place = ready[taken]
    taken += 1
    left -= 1
    return (waiting[place].layer, waiting[place].call)
  }

  /// All outputs of this call are there now.
  mutating func done(_ layer: Int, _ call: Int) {
    let whole = LayerGraph.TensorReference(layer: graph.layers[layer].key, call: call, output: 0)
    for reference in awaited[whole] ?? [] {
      for reader in readers[reference] ?? [] {
        waiting[reader].missing -= 1
        if waiting[reader].missing == 0 { ready.append(reader) }
      }
    }
  }

  /// Throws where calls wait for one another, or for calls that the graph does not have.
  func checkFinished() throws(NetworkError) {
    guard left > 0, let stuck = waiting.first(where: { $0.missing > 0 }) else { return }
    throw .badGraph(
      path: path,
      what:
        "layer '\(graph.layers[stuck.layer].name.printable())' never gets its input: the layers form a circle, or a call is missing"
    )
  }
}
