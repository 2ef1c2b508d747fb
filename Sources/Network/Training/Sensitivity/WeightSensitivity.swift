import Keras
import Parallel

/// What the losses of a model tell of single weights, at the weights as they are: mean gradients,
/// squares of the gradients of single samples, curvature. Layers do as in prediction.
///
/// Results are the same on any number of threads.
public final class WeightSensitivity {
  public let network: Network
  /// Places in the model of the tensors that it is about.
  public let tensors: [Int]
  private let model: Model
  private let options: Training.Options
  private let forms: [Evaluation.TargetForm?]
  /// Rows that a mean gradient takes at a time.
  private static let batch = 64
  private var whole: Training?
  private var single: [Training] = []
  private var cornered: (temperature: Double, training: Training)?

  /// - Parameters:
  ///   - forms: how the targets of each output are given; nil where there are none.
  ///   - options: the loss, as training has it.
  public init(
    _ network: Network, of model: Model, tensors: [Int], forms: [Evaluation.TargetForm?],
    options: Training.Options = Training.Options()
  ) {
    self.network = network
    self.model = model
    self.tensors = tensors
    self.forms = forms
    self.options = {
      var own = options
      own.trains = false
      own.tensors = Set(tensors)
      return own
    }()
  }

  /// The one for mean gradients, ready for the weights as they are.
  private func batches() throws(NetworkError) -> Training {
    if let whole {
      whole.prepare()
      return whole
    }
    let made = try Training(
      network, of: model, targets: forms, batch: Self.batch, options: options)
    whole = made
    return made
  }

  /// One whose corners can be held where they are, for logits divided by `temperature`.
  func held(temperature: Double) throws(NetworkError) -> Training {
    if let cornered, cornered.temperature == temperature {
      cornered.training.prepare()
      return cornered.training
    }
    var own = options
    own.freezesCorners = true
    own.temperature = temperature
    let made = try Training(network, of: model, targets: forms, batch: Self.batch, options: own)
    cornered = (temperature, made)
    return made
  }

  /// Several that take a row each, side by side; as many as the number of weights alone says.
  func rowByRow() throws(NetworkError) -> [Training] {
    if let first = single.first {
      first.prepare()
      return single
    }
    let weights = network.parameters.reduce(0) { $0 + (tensors.contains($1.tensor) ? $1.count : 0) }
    // A gradient in floats and a sum in doubles each.
    let most = max(1, min(16, (1 << 30) / max(1, 12 * weights)))
    for _ in 0..<most {
      single.append(
        try Training(network, of: model, targets: forms, batch: 1, options: options))
    }
    return single
  }

  /// Pointers to the gradients of the tensors, in their order; nil where none passes.
  private func gradients(of training: Training) -> [UnsafeMutablePointer<Float>?] {
    let all = training.gradients
    return tensors.map { tensor in all.first { $0.parameter.tensor == tensor }?.values }
  }

  private var counts: [Int] {
    tensors.map { tensor in
      network.parameters.first { $0.tensor == tensor }?.count ?? 0
    }
  }

  /// The gradient of the mean loss of all rows, one list of numbers a tensor; empty where no gradient
  /// passes it.
  public func gradient(_ rows: LabelledRows) throws(NetworkError) -> [[Double]] {
    try gradient(rows, by: try batches())
  }

  func gradient(
    _ rows: LabelledRows, by training: Training
  ) throws(NetworkError) -> [[Double]] {
    var sums = zeros(for: training)
    for start in stride(from: 0, to: rows.count, by: training.batch) {
      try add(rows, from: start, by: training, to: &sums) { $0 * $1 }
    }
    return sums
  }

  /// The mean over mini-batches of the squares of each one's own gradient.
  public func batchSquaredGradient(_ rows: LabelledRows) throws(NetworkError) -> [[Double]] {
    let training = try batches()
    var sums = zeros(for: training)
    for start in stride(from: 0, to: rows.count, by: training.batch) {
      try add(rows, from: start, by: training, to: &sums) { $0 * $1 * $1 }
    }
    return sums
  }

  /// A number for each that has a gradient.
  func zeros(for training: Training) -> [[Double]] {
    zip(gradients(of: training), counts).map { [Double](repeating: 0, count: $0 == nil ? 0 : $1) }
  }

  /// Takes a mini-batch, the rows from `start`, through the network and back, and adds to `sums` what
  /// `term` makes of its share of all rows and of the gradient of its mean loss.
  func add(
    _ rows: LabelledRows, from start: Int, by training: Training, to sums: inout [[Double]],
    _ term: (_ share: Double, _ gradient: Double) -> Double
  ) throws(NetworkError) {
    let count = min(training.batch, rows.count - start)
    _ = try training.run(
      rows.samples(from: start), targets: rows.targets(from: start),
      weights: UnsafePointer(rows.weights + start), rows: count, step: 0)
    let share = Double(count) / Double(rows.count)
    for (tensor, pointer) in gradients(of: training).enumerated() {
      guard let pointer else { continue }
      sums[tensor].withUnsafeMutableBufferPointer { sum in
        for i in sum.indices { sum[i] += term(share, Double(pointer[i])) }
      }
    }
  }

  /// The mean over rows of the squares of each row's own gradient.
  public func squaredGradient(_ rows: LabelledRows) throws -> [[Double]] {
    try squares(rows, passes: 1) { training, row, _ in
      _ = try training.run(
        rows.samples(from: row), targets: rows.targets(from: row),
        weights: UnsafePointer(rows.weights + row), rows: 1, step: 0)
    }
  }

  /// The mean over rows of the sum of the squares of what `passes` ways back leave of a row.
  ///
  /// Rows are divided among as many sums as there are single passes, and the sums are added in order.
  func squares(
    _ rows: LabelledRows, passes: Int,
    _ run: @escaping (_ training: Training, _ row: Int, _ pass: Int) throws -> Void
  ) throws -> [[Double]] {
    let trainings = try rowByRow()
    let each = (rows.count + trainings.count - 1) / trainings.count
    let sums = trainings.map { training in
      SquareSums(gradients(of: training), counts)
    }
    let work = RowWork { group in
      for row in min(rows.count, group * each)..<min(rows.count, (group + 1) * each) {
        for pass in 0..<passes {
          try run(trainings[group], row, pass)
          sums[group].add()
        }
      }
    }
    try Parallel.forEach(trainings.count) { try work.body($0) }
    return sums.dropFirst().reduce(into: sums[0].values) { total, next in
      for tensor in total.indices {
        for i in total[tensor].indices { total[tensor][i] += next.values[tensor][i] }
      }
    }.map { $0.map { $0 / Double(max(1, rows.count)) } }
  }
}

/// Sums of squares of gradients that lie where they are written anew for every row.
private final class SquareSums {
  private(set) var values: [[Double]]
  private let gradients: [UnsafeMutablePointer<Float>?]

  init(_ gradients: [UnsafeMutablePointer<Float>?], _ counts: [Int]) {
    self.gradients = gradients
    values = zip(gradients, counts).map { [Double](repeating: 0, count: $0 == nil ? 0 : $1) }
  }

  func add() {
    for (tensor, gradient) in gradients.enumerated() {
      guard let gradient else { continue }
      values[tensor].withUnsafeMutableBufferPointer { sum in
        for i in sum.indices { sum[i] += Double(gradient[i]) * Double(gradient[i]) }
      }
    }
  }
}

/// Every group of rows has passes and sums of its own.
private struct RowWork: @unchecked Sendable {
  let body: (Int) throws -> Void
}
