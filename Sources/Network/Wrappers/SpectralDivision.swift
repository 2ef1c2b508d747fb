/// What `SpectralNormalization` does in training, as a layer behind the held one that lets its values
/// pass: before every step it estimates the kernel's largest singular value σ by power iteration and
/// divides the kernel by it, in place,
///
///     v ← (u Wᵀ) / |u Wᵀ|,  u ← (v W) / |v W|,  σ = v W uᵀ,  W ← W / σ
///
/// with W as `[rows][last axis]` and u kept from step to step (Miyato, Kataoka, Koyama, Yoshida 2018,
/// arXiv 1802.05957; Keras's layer). The gradient is that by the divided kernel. Zeros stay zeros, and
/// a kernel that is all zero is left alone.
final class SpectralDivision: Trainable, StepOpening {
  static let classNames: [String] = []

  private let kernel: Parameter?
  private let vector: Parameter?
  private let iterations: Int

  init(_ definition: Definition) throws(LayerFault) {
    let held = definition.held.first?.variables ?? [:]
    let kernel = held["kernel"] ?? held["depthwise_kernel"] ?? held["embeddings"]
    let vector = definition.variables["vector_u"]
    self.kernel = kernel
    self.vector = vector
    iterations = try definition.int("power_iterations", default: 1)
  }

  var parameters: [Parameter] { vector.map { [$0] } ?? [] }

  /// Whether the file holds what training needs: a kernel, and a number for each of its columns.
  var canOpen: Bool {
    guard let kernel, let vector else { return false }
    return vector.count == kernel.shape.last
  }

  func openStep() -> Bool {
    guard canOpen, let kernel, let vector else { return false }
    let weights = UnsafeBufferPointer(start: kernel.values, count: kernel.count)
    guard weights.contains(where: { $0 != 0 }) else { return false }
    let columns = vector.count
    let rows = kernel.count / max(1, columns)
    var u = (0..<columns).map { Double(vector.values[$0]) }
    var v = [Double](repeating: 0, count: rows)
    for _ in 0..<iterations {
      for row in 0..<rows {
        v[row] = (0..<columns).reduce(0) { $0 + u[$1] * Double(weights[row * columns + $1]) }
      }
      Self.normalize(&v)
      u = Self.product(v, weights, columns)
      Self.normalize(&u)
    }
    let sigma = zip(Self.product(v, weights, columns), u).reduce(0) { $0 + $1.0 * $1.1 }
    for column in 0..<columns { vector.values[column] = Float(u[column]) }
    for index in 0..<kernel.count { kernel.values[index] = Float(Double(weights[index]) / sigma) }
    return true
  }

  /// `v W`
  private static func product(
    _ v: [Double], _ weights: UnsafeBufferPointer<Float>, _ columns: Int
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: columns)
    for row in v.indices {
      for column in 0..<columns { sums[column] += v[row] * Double(weights[row * columns + column]) }
    }
    return sums
  }

  private static func normalize(_ vector: inout [Double]) {
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if length > 0 { for index in vector.indices { vector[index] /= length } }
  }

  // MARK: Values pass

  var passes: Bool { true }
  var worksInPlace: Bool { true }
  var backwardReads: BackwardReads { [] }
  var trainsInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    [Signal(try call.only().shape)]
  }

  func forward(_ frame: Frame) { frame.passInput() }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient(), dx != frame.outputGradient() else { return }
    dx.update(from: frame.outputGradient(), count: frame.rows * frame.call.inputs[0].count)
  }
}
