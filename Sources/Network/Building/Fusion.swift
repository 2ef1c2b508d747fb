/// A layer of products that can do in one go what follows it.
protocol ProductLayer: Layer {
  /// What the layer's own configuration says follows.
  var following: Following { get }
  func scratch(_ call: Invocation, rows: Int, following: Following) -> Int
  func forward(_ frame: Frame, following: Following)
}

extension ProductLayer {
  func scratch(_ call: Invocation, rows: Int) -> Int {
    scratch(call, rows: rows, following: following)
  }
  func forward(_ frame: Frame) { forward(frame, following: following) }
}

/// A layer that multiplies every channel by a number and adds another: batch normalisation outside of
/// training.
protocol ChannelScaling: Layer {
  /// By channel, as `prepare` has made them.
  var scale: UnsafeMutablePointer<Float> { get }
  var shift: UnsafeMutablePointer<Float> { get }
  var channels: Int { get }
  /// Whether the channels of an input of this shape are its last dimension.
  func isAlongLast(_ shape: [Int]) -> Bool
}

/// A layer that puts its inputs together element by element.
protocol Combining: Layer {
  /// Whether it adds them up.
  var isSum: Bool { get }
}

/// A layer of products with what follows it in the graph.
final class FusedLayer: Layer {
  static let classNames: [String] = []

  private let product: any ProductLayer
  private let following: Following

  init(_ product: any ProductLayer, _ following: Following) {
    self.product = product
    self.following = following
  }

  /// No configuration has one.
  init(_ definition: Definition) throws(LayerFault) {
    throw .unsupported("a fused layer in a configuration")
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] { try product.infer(call) }
  func prepare() { following.prepare() }
  func scratch(_ call: Invocation, rows: Int) -> Int {
    product.scratch(call, rows: rows, following: following)
  }
  func forward(_ frame: Frame) { product.forward(frame, following: following) }
}

/// Merges normalisation, sum and activation into the layer of products before them, so that a value
/// is written once and not read again (engine.md, section F).
///
/// Results differ from those of the layers by themselves in the last bits only: the normalisation is
/// one product and one sum a channel, as it is by itself.
struct Fusion {
  private var plan: Plan
  private(set) var made: [FusedLayer] = []

  /// The layers that were made come after all others when variables are taken.
  static func apply(to plan: Plan) -> (plan: Plan, made: [FusedLayer]) {
    var fusion = Fusion(plan: plan)
    fusion.run()
    return (fusion.plan, fusion.made)
  }

  private init(plan: Plan) { self.plan = plan }

  private mutating func run() {
    var readers = [[Int]](repeating: [], count: plan.storages.count)
    var writers = [Int](repeating: -1, count: plan.storages.count)
    for (i, node) in plan.nodes.enumerated() {
      for value in node.inputPlaces { readers[plan.values[value].storage].append(i) }
      for value in node.outputPlaces { writers[plan.values[value].storage] = i }
    }
    let kept = Set(plan.outputs.map { plan.values[$0].storage })
    var gone = Set<Int>()
    for start in plan.nodes.indices {
      let first = plan.nodes[start]
      guard !gone.contains(start), let product = first.layer as? any ProductLayer,
        first.outputPlaces.count == 1, product.following.activation == .linear
      else { continue }
      var end = start
      var normalisation: (any ChannelScaling)?
      var added: Int?
      var activation = Activation.linear
      while activation == .linear {
        let value = plan.nodes[end].outputPlaces[0]
        let storage = plan.values[value].storage
        guard !kept.contains(storage), readers[storage].count == 1,
          let next = readers[storage].first,
          // A sum that the other of its inputs has taken in is that one's affair.
          !gone.contains(next),
          let input = plan.nodes[next].inputPlaces.first(where: {
            plan.values[$0].storage == storage
          }), plan.values[input].shape == plan.values[value].shape,
          plan.nodes[next].rowsPerSample == first.rowsPerSample,
          plan.nodes[next].outputPlaces.count == 1, !plan.nodes[next].makesMask
        else { break }
        let layer = plan.nodes[next].layer
        if let scaling = layer as? any ChannelScaling, normalisation == nil, added == nil,
          scaling.channels == product.following.channels, plan.nodes[next].inputPlaces.count == 1,
          scaling.isAlongLast(plan.values[value].shape)
        {
          normalisation = scaling
        } else if let sum = layer as? any Combining, sum.isSum, added == nil,
          plan.nodes[next].inputPlaces.count == 2,
          let other = plan.nodes[next].inputPlaces.first(where: {
            plan.values[$0].storage != storage
          }), plan.values[other].shape == plan.values[value].shape
        {
          added = other
        } else if let function = layer as? ActivationLayer, function.activation.isElementwise {
          activation = function.activation
        } else {
          break
        }
        gone.insert(end)
        end = next
      }
      guard end != start,
        let following = try? Following(
          bias: product.following.bias, normalisation: normalisation,
          added: added == nil ? nil : first.inputPlaces.count, activation: activation,
          channels: product.following.channels)
      else {
        continue
      }
      let fused = FusedLayer(product, following)
      made.append(fused)
      var node = first
      node.layer = fused
      if let added {
        node.inputPlaces.append(added)
        node.call.inputs.append(Signal(plan.values[added].shape))
        node.call.masks.append(plan.values[added].mask?.shape)
      }
      // Where the last of them stood, everything that any of them takes is there.
      node.outputPlaces = plan.nodes[end].outputPlaces
      node.outputs = plan.nodes[end].outputs
      plan.nodes[end] = node
    }
    plan.nodes = plan.nodes.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
  }
}

extension Plan.Node {
  /// Whether the layer writes a mask of its own.
  fileprivate var makesMask: Bool {
    outputs.contains {
      if case .made = $0.mask { true } else { false }
    }
  }
}
