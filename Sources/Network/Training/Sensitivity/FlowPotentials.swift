#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Powers of two that the values of a network of magnitudes are divided by, so that float32 holds them
/// however deep it is: each value is `2^exponent` times what lies in memory.
///
/// Products and normalisations pass from one exponent to another; what adds values up or moves them
/// needs them at one. So every way through the network is divided by the same number in all, and with
/// it every score. Inputs are at 0, and all outputs at one.
final class FlowPotentials {
  private var parents: [Int]
  private var exponents: [Int: Int] = [:]
  private let inputs: [Int]

  /// - Parameter passes: by node, whether it may pass from one exponent to another.
  init(_ plan: Plan, passes: [Bool]) {
    parents = Array(plan.storages.indices)
    inputs = plan.inputs.map { plan.values[$0].storage }
    for (node, passes) in zip(plan.nodes, passes) where !passes {
      join((node.inputPlaces + node.outputPlaces).map { plan.values[$0].storage })
    }
    join(inputs)
    join(plan.outputs.map { plan.values[$0].storage })
  }

  private func root(_ storage: Int) -> Int {
    var root = storage
    while parents[root] != root { root = parents[root] }
    return root
  }

  private func join(_ storages: [Int]) {
    guard let first = storages.first.map(root) else { return }
    for other in storages.dropFirst() { parents[root(other)] = first }
  }

  /// Forgets all of them, since the weights are others.
  func reset() {
    exponents = [:]
    for input in inputs { exponents[root(input)] = 0 }
  }

  subscript(storage: Int) -> Int? {
    get { exponents[root(storage)] }
    set { exponents[root(storage)] = newValue }
  }
}

/// A layer of a network of magnitudes whose output is divided by a power of two: by what brings its
/// largest value near 1 where nobody has said yet.
final class FlowScaled: Trainable {
  static let classNames: [String] = []

  private let inner: any Trainable
  private let potentials: FlowPotentials
  private let from: Int
  private let to: Int

  /// `from` and `to` are the storages of the layer's input and output.
  init(_ inner: any Trainable, _ potentials: FlowPotentials, from: Int, to: Int) {
    (self.inner, self.potentials, self.from, self.to) = (inner, potentials, from, to)
  }

  /// No configuration has one.
  init(_ definition: Definition) throws(LayerFault) {
    throw .unsupported("a layer with a scale in a configuration")
  }

  var parameters: [Parameter] { inner.parameters }
  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] { try inner.infer(call) }
  func scratch(_ call: Invocation, rows: Int) -> Int { inner.scratch(call, rows: rows) }
  func prepare() { inner.prepare() }
  func prepareForTraining(wantsInputs: Bool) {
    inner.prepareForTraining(wantsInputs: wantsInputs)
  }
  func kept(_ call: Invocation) -> Int { inner.kept(call) }
  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    inner.trainingScratch(call, rows: rows)
  }
  var backwardReads: BackwardReads { inner.backwardReads }
  func deferredProducts(_ call: Invocation) -> [DeferredProduct] { inner.deferredProducts(call) }
  func forward(_ frame: Frame) { inner.forward(frame) }

  func train(_ frame: TrainingFrame) {
    inner.train(frame)
    let (y, count) = (frame.output(), frame.rows * frame.frame.outputs[0].count)
    let before = potentials[from] ?? 0
    if potentials[to] == nil {
      var largest: Float = 0
      for i in 0..<count where y[i] > largest { largest = y[i] }
      let isUsable = largest > 0 && largest.isFinite
      potentials[to] = before + (isUsable ? Int(largest.exponent) : 0)
    }
    scale(y, count)
  }

  func backward(_ frame: TrainingFrame) {
    scale(frame.outputGradient(), frame.rows * frame.frame.outputs[0].count)
    inner.backward(frame)
  }

  private func scale(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
    let step = Int32(clamping: (potentials[from] ?? 0) - (potentials[to] ?? 0))
    guard step != 0 else { return }
    for i in 0..<count { values[i] = scalbnf(values[i], step) }
  }
}
