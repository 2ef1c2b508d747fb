import Files
import Keras
import Parallel
import Synchronization
import Tensors

/// A Keras model that runs.
///
/// Built from an architecture and the values of its variables; it never sees a file. Results do not
/// depend on the number of threads.
public final class Network: @unchecked Sendable {
  /// An input or output: its name, and the shape of a sample.
  public struct Port: Sendable, Equatable {
    public var name: String
    /// Without the batch; nil where the model takes any size.
    public var shape: [Int?]
    /// Whether the configuration says nothing of the shape, not even its rank.
    public var isOpen = false
  }

  public let path: String
  public let inputs: [Port]
  public let outputs: [Port]
  let plan: Plan
  /// The same with every layer by itself, as training takes it.
  let unfused: Plan
  let layers: [any Layer]
  /// Layers with a penalty on what they give that training cannot take into account.
  let unknownPenalties: [String]
  /// Layers that Keras varies images with in training, and coppice does not: name and class.
  public let unvaried: [(name: String, className: String)]
  public let parameters: [Parameter]
  /// Samples that one thread takes at a time.
  let chunk: Int
  private let arena: Arena
  private let idle = Mutex<[UncheckedWorkspace]>([])

  /// The model for samples of `shapes` (one an input; nil takes the configuration's own).
  ///
  /// Throws `NetworkError` where the file has no architecture, a layer is not supported, or layers,
  /// variables and shapes do not fit each other.
  public convenience init(_ model: Model, path: String, shapes: [[Int]]? = nil) throws {
    try self.init(model, path: path, shapes: shapes, fusing: true)
  }

  init(_ model: Model, path: String, shapes: [[Int]]?, fusing: Bool) throws {
    guard let graph = model.graph else { throw NetworkError.noArchitecture(path: path) }
    try Product.load()
    self.path = path
    let ports = try ModelPorts(graph, age: model.age ?? .three, path: path)
    inputs = ports.inputs
    let known = try ports.shapes(shapes, path: path)
    let builder = NetworkBuilder(model, path: path)
    for (i, shape) in known.enumerated() {
      guard Plan.floats(of: shape, 1) != nil else {
        throw NetworkError.badInput(
          path: path, what: "the input \(Signal.text(shape)) is too large to compute")
      }
      builder.plan.inputs.append(builder.plan.add(shape, rowsPerSample: 1, kind: .input(i)))
    }
    builder.plan.outputs = try builder.run(graph, on: builder.plan.inputs, .init())
    let predicting = builder.plan.predicting()
    let fused = fusing ? Fusion.apply(to: predicting) : (plan: predicting, made: [])
    plan = fused.plan
    layers = builder.factory.layers + fused.made
    unfused = builder.plan
    unvaried = builder.factory.unvaried
    unknownPenalties = builder.unknownPenalties
    parameters = builder.factory.allParameters
    for (place, parameter) in parameters.enumerated() { parameter.place = place }
    outputs = zip(ports.outputs(count: plan.outputs.count), plan.outputs).map {
      Port(name: $0, shape: fused.plan.values[$1].shape)
    }
    for layer in layers { layer.prepare() }
    chunk = Arena.samples(for: plan)
    arena = Arena(plan, samples: chunk)
  }

  /// Runs the model on `rows` samples.
  ///
  /// - Parameters:
  ///   - samples: one pointer an input, `[rows][shape…]` floats.
  ///   - results: one pointer an output, room for `[rows][shape…]` floats.
  ///   - masks: one pointer an output, room for `[rows][maskCount]` floats: 1 where an item counts,
  ///     0 where it is padding. Nil where it is not wanted; empty where none is.
  ///   - first: how many samples went before these, so that messages name the right one.
  ///
  /// Throws `NetworkError.badInput` where a sample holds what the model cannot be run on.
  public func predict(
    _ samples: [UnsafePointer<Float>], rows: Int, into results: [UnsafeMutablePointer<Float>],
    masks: [UnsafeMutablePointer<Float>?] = [], first: Int = 0
  ) throws(NetworkError) {
    try run(samples, rows: rows, into: results, masks: masks, first: first, observe: nil)
  }

  /// Floats a sample of the mask of output `place`; nil where it has none.
  public func maskCount(_ place: Int) -> Int? {
    let value = plan.values[plan.outputs[place]]
    return value.mask.map { plan.storages[$0.storage].floats }
  }

  /// The inputs of a model as its configuration declares them. What a `Network` for data of open
  /// shapes needs to be told can be worked out from these, and nothing is read for them.
  ///
  /// Throws `NetworkError` where the file has no architecture or no inputs in it.
  public static func inputs(of model: Model, path: String) throws(NetworkError) -> [Port] {
    guard let graph = model.graph else { throw .noArchitecture(path: path) }
    return try ModelPorts(graph, age: model.age ?? .three, path: path).inputs
  }

  /// The same, calling `observe` before every call of a layer; on one thread at a time where
  /// `observe` is given.
  func run(
    _ samples: [UnsafePointer<Float>], rows: Int, into results: [UnsafeMutablePointer<Float>],
    masks: [UnsafeMutablePointer<Float>?] = [], first: Int = 0,
    observe: ((Plan.Node, Frame) -> Void)?
  ) throws(NetworkError) {
    let pieces = Parallel.pieces(of: rows, size: observe == nil ? share(of: rows) : chunk)
    let faults = Mutex<[Int: DataFaults.Fault]>([:])
    let work = UncheckedWork { [self] (piece: Int) in
      let range = pieces[piece]
      let workspace = idle.withLock { $0.popLast() }?.workspace ?? Workspace(plan, arena)
      let starts = samples.enumerated().map { k, base in
        UnsafeMutablePointer(mutating: base + range.lowerBound * plan.values[plan.inputs[k]].floats)
      }
      if let fault = workspace.run(starts, samples: range.count, observe: observe) {
        faults.withLock { $0[piece] = fault }
      }
      for (k, result) in results.enumerated() {
        let floats = plan.values[plan.outputs[k]].floats
        (result + range.lowerBound * floats).update(
          from: workspace.output(k), count: range.count * floats)
      }
      for (k, mask) in masks.enumerated() {
        guard let mask, let floats = maskCount(k), let from = workspace.mask(ofOutput: k) else {
          continue
        }
        (mask + range.lowerBound * floats).update(from: from, count: range.count * floats)
      }
      idle.withLock { $0.append(UncheckedWorkspace(workspace: workspace)) }
    }
    if observe == nil {
      // Nothing in the work throws.
      try? Parallel.forEach(pieces.count) { work.body($0) }
    } else {
      for piece in pieces.indices { work.body(piece) }
    }
    // The first piece's, whichever thread was first.
    guard let (piece, fault) = faults.withLock({ $0.min { $0.key < $1.key } }) else { return }
    throw error(fault, firstSample: first + pieces[piece].lowerBound)
  }

  /// Samples that a thread takes at a time of a call on `rows`: fewer than a chunk where that leaves
  /// threads without work, but never so few that starting a thread costs more than it does. Every
  /// sample is computed by itself, so results do not depend on it.
  private func share(of rows: Int) -> Int {
    let weights = max(1, parameters.reduce(0) { $0 + $1.count })
    let least = max(1, Self.leastWork / weights)
    let each = (rows + Parallel.threads - 1) / Parallel.threads
    return max(1, min(chunk, max(each, least)))
  }

  /// Multiply-adds that are worth a thread of their own: some tens of microseconds.
  private static let leastWork = 2_000_000

  /// What a layer found wrong with the data of a chunk of samples.
  func error(_ fault: DataFaults.Fault, firstSample: Int) -> NetworkError {
    let node = plan.nodes[fault.node]
    let sample = firstSample + fault.row / max(1, node.rowsPerSample)
    return .badInput(
      path: path,
      what:
        "sample \(sample) (counted from 0) cannot be run: \(fault.what) (layer '\(node.name.printable())', class \(node.className.printable(limit: 40)))"
    )
  }

  /// Whether the first layers that see input `place` bring its values to a range themselves.
  public func rescales(input place: Int) -> Bool {
    let storage = plan.values[plan.inputs[place]].storage
    let readers = plan.nodes.filter { node in
      node.inputPlaces.contains { plan.values[$0].storage == storage }
    }
    return !readers.isEmpty
      && readers.allSatisfy {
        ["Rescaling", "Normalization", "BatchNormalization", "Embedding", "LayerNormalization"]
          .contains($0.className)
      }
  }

  /// Makes the weights of tensor `tensor` of the model that `mask` does not keep +0, if the network
  /// has it.
  public func zero(outside mask: Mask, ofTensor tensor: Int) {
    for parameter in parameters where parameter.tensor == tensor {
      for i in 0..<parameter.count where !mask[i] { parameter.values[i] = 0 }
    }
  }

  /// Takes new values for the variable that is tensor `tensor` of the model, if the network has it.
  /// Call `refresh` when all are set.
  public func setValues(ofTensor tensor: Int, to values: TensorValues) throws {
    for parameter in parameters where parameter.tensor == tensor { try parameter.load(values) }
  }

  /// Copies of all variables, in the order of `parameters`.
  public var snapshot: [[Float]] {
    parameters.map { Array(UnsafeBufferPointer(start: $0.values, count: $0.count)) }
  }

  /// Sets all variables to what `snapshot` gave.
  public func restore(_ variables: [[Float]]) {
    precondition(
      variables.count == parameters.count
        && zip(parameters, variables).allSatisfy { $0.count == $1.count },
      "a snapshot of this network")
    for (parameter, values) in zip(parameters, variables) {
      values.withUnsafeBufferPointer { from in
        if let base = from.baseAddress { parameter.values.update(from: base, count: from.count) }
      }
    }
  }

  /// Makes changed variables count.
  public func refresh() {
    for layer in layers { layer.prepare() }
  }
}

/// Layers write to memory that is their chunk's alone.
private struct UncheckedWork: @unchecked Sendable {
  let body: (Int) -> Void
}

/// Used by one thread at a time.
private struct UncheckedWorkspace: @unchecked Sendable {
  let workspace: Workspace
}
