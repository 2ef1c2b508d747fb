import Keras
import Synchronization

/// The gradients of a model's losses by its variables, over batches of the user's data.
///
/// Works on the variables of a `Network`, in place: what it does there counts for `predict` after
/// `Network.refresh()`. Results are the same on any number of threads.
public final class Training {
  /// What training a model takes.
  public struct Options: Sendable {
    /// In place of the file's own loss: a name, or JSON as a training configuration has it.
    public var loss: String?
    /// In place of the loss's own; nil leaves it.
    public var labelSmoothing: Double?
    /// By class, what its samples weigh; empty where all weigh 1.
    public var classWeights: [Float] = []
    /// Whether layers do as in training: batch statistics and dropout. Scores of weights are taken
    /// as in prediction.
    public var trains = true
    /// Whether items that an output's mask leaves out have no part in its loss, as Keras has it.
    var heedsMasks = true
    /// What logits are divided by before the loss is taken.
    var temperature = 1.0
    /// Whether corners of activations and maxima can be held where they are (`holdsCorners`).
    var freezesCorners = false
    /// By which tensors of the model gradients are taken; nil takes those that training changes.
    public var tensors: Set<Int>?
    /// What random numbers begin with.
    public var seed: UInt64 = 0
    /// Bytes that the values and gradients of a batch may take; nil for any number.
    public var memory: Int?

    public init() {}
  }

  /// What a batch gave.
  public struct BatchResult: Sendable {
    /// The mean loss of the batch, as Keras reports it without penalties; NaN where it is not a
    /// number.
    public var loss: Double
    /// What penalties on activations add to it.
    public var penalty: Double
    public var rows: Int
  }

  public let network: Network
  /// Rows of a batch at most.
  public let batch: Int
  private let options: Options
  private let losses: [OutputLoss?]
  private let pass: TrainingPass
  private let trained: Set<Int>
  private let openers: [any StepOpening]
  private let gates: FrozenGates?

  /// The loss of one output, and room for its numbers.
  private struct OutputLoss {
    var loss: any Loss
    var weight: Double
    var width: Int
    /// Items a row.
    var positions: Int
    var takesLogits = false
  }

  /// - Parameters:
  ///   - targets: how those of each output are given; nil where there are none.
  ///   - batch: rows of a batch at most.
  ///
  /// Throws where no output has a loss, no variable can be trained, a gradient would have to pass a layer
  /// that coppice does not train through, or a batch takes more memory than it may.
  public init(
    _ network: Network, of model: Model, targets: [Evaluation.TargetForm?], batch: Int,
    options: Options = Options()
  ) throws(NetworkError) {
    precondition(targets.count == network.outputs.count, "one form an output")
    if options.trains, let layer = network.unknownPenalties.first {
      throw .unsupportedTraining(
        path: network.path, what: "such a penalty on activations (layer '\(layer.printable())')",
        advice: "eval, and pruning without fine-tuning, still work.")
    }
    self.network = network
    self.batch = batch
    self.options = options
    let choice = try LossChoice(network, model, asked: options.loss)
    var losses: [OutputLoss?] = []
    for (place, form) in targets.enumerated() {
      guard let form else {
        losses.append(nil)
        continue
      }
      let shape = network.outputs[place].shape.map { $0 ?? 1 }
      let chosen = choice.loss(
        of: place, width: shape.last ?? 1, classNumbers: form == .classes,
        smoothing: options.labelSmoothing)
      losses.append(
        chosen.loss.map { (loss: any Loss) -> OutputLoss in
          let isTempered = options.temperature != 1 && loss.fromLogits
          return OutputLoss(
            loss: isTempered ? TemperedLoss(loss, temperature: options.temperature) : loss,
            weight: choice.losses.weights[place], width: shape.last ?? 1,
            positions: shape.dropLast().reduce(1, *))
        })
    }
    if options.labelSmoothing ?? 0 > 0,
      !losses.contains(where: { $0.map { type(of: $0.loss).takesSmoothing } ?? false })
    {
      throw .badOptimizer(
        option: "--label-smoothing", what: "the smoothing of labels of a loss that is no cross-entropy")
    }
    guard losses.contains(where: { $0 != nil }) else {
      throw .badLoss(what: "training without a loss for any output with targets")
    }
    let layers = network.layers
    openers = layers.compactMap { $0 as? any StepOpening }
    let trained = Set(
      layers.flatMap(\.parameters).filter { parameter in
        options.tensors.map { $0.contains(parameter.tensor) } ?? parameter.isTrainable
      }.map(\.place))
    guard !trained.isEmpty else { throw .nothingToTrain(path: network.path) }
    self.trained = trained
    let judged = losses.map { loss -> (hasLoss: Bool, logits: Activation.Kind?) in
      guard let loss else { return (false, nil) }
      guard let logits = loss.loss as? any LogitsLoss, !loss.loss.fromLogits else {
        return (true, nil)
      }
      return (true, type(of: logits).activation.kind)
    }
    gates = options.freezesCorners ? FrozenGates(batch: batch) : nil
    let plan = try TrainingPlan(
      network.unfused, judged: judged, trains: options.trains,
      corners: .init(gates: gates, temperature: options.temperature),
      isTrained: { trained.contains($0.place) },
      path: network.path)
    if let allowed = options.memory {
      let bytes = TrainingMemory(plan, batch: batch).count * MemoryLayout<Float>.stride
      guard bytes <= allowed else {
        throw .batchTooLarge(path: network.path, batch: batch, bytes: bytes, allowed: allowed)
      }
    }
    for place in losses.indices { losses[place]?.takesLogits = plan.lossTakesLogits[place] }
    self.losses = losses
    pass = TrainingPass(
      plan, parameters: network.parameters, isTrained: { trained.contains($0.place) },
      batch: batch)
    prepare()
  }

  /// Whether corners stay where the last pass found them, or every pass finds its own.
  var holdsCorners: Bool {
    get { gates.map { !$0.isRecording } ?? false }
    set { gates?.isRecording = !newValue }
  }

  /// Whether some output's loss is one of logits, so that there is something to divide.
  var takesLogits: Bool {
    losses.contains { $0.map { $0.takesLogits || $0.loss.fromLogits } ?? false }
  }

  /// The first of an output's labels, `values`, that its loss cannot be taken of, and which it can be;
  /// nil where all are right.
  public func wrongLabel(
    in values: [Float], ofOutput place: Int
  ) -> (place: Int, allowed: LabelRange)? {
    guard let labels = losses[place]?.loss.labels,
      let wrong = values.firstIndex(where: { !labels.holds($0) })
    else { return nil }
    return (wrong, labels)
  }

  /// Whether there is one output with a loss, and what it is judged by are classes.
  public var judgesClasses: Bool {
    let judged = losses.compactMap(\.self)
    guard judged.count == 1, let only = judged.first else { return false }
    return only.width > 1 || type(of: only.loss).meaning != .numbers
  }

  /// Takes variables as they are now; to be called after every change of them.
  public func prepare() { pass.prepare() }

  /// The variables that gradients are taken by, and where these are after `run`, each in the shape of
  /// its variable.
  public var gradients: [(parameter: Parameter, values: UnsafeMutablePointer<Float>)] {
    network.parameters.compactMap { parameter in
      pass.gradients[parameter.place].map { (parameter, $0) }
    }
  }

  /// Goes through the model and back.
  ///
  /// - Parameters:
  ///   - samples: one pointer an input, `[rows][shape…]`.
  ///   - targets: by output; nil where it has none.
  ///   - weights: what each row weighs, `[rows]`; nil where all weigh 1.
  ///   - step: which random numbers the step takes.
  ///
  /// Throws `NetworkError.badInput` where a sample holds what the model cannot be run on.
  public func run(
    _ samples: [UnsafePointer<Float>], targets: [Evaluation.Targets?],
    weights: UnsafePointer<Float>? = nil, rows: Int, step: Int
  ) throws(NetworkError) -> BatchResult {
    // All of them, before any value is looked at.
    if options.trains, openers.map({ $0.openStep() }).contains(true) { prepare() }
    let classes = ItemWeights(classes: options.classWeights)
    let hasMask =
      options.heedsMasks
      && losses.indices.contains { losses[$0] != nil && pass.hasMask(ofOutput: $0) }
    // By output, what its items weigh; filled where all of them are known.
    var weighed: [[Float]?] = losses.map { _ in nil }
    func weigh() {
      for (place, loss) in losses.enumerated() {
        guard let loss, let targets = targets[place] else { continue }
        let items = Items(
          outputs: pass.output(place, samples), targets: .init(targets),
          count: rows * loss.positions, width: loss.width)
        var room = [Float](repeating: 1, count: items.count)
        let isWeighed = room.withUnsafeMutableBufferPointer { room in
          room.baseAddress.map {
            classes.fill(
              $0, for: items, positions: loss.positions, samples: weights,
              mask: options.heedsMasks ? pass.mask(ofOutput: place) : nil,
              ignored: loss.loss.ignoredClass)
          } ?? false
        }
        weighed[place] = isWeighed ? room : nil
      }
    }
    if !hasMask { weigh() }
    // By output and row of the batch: what its items lose.
    nonisolated(unsafe) let lost: [UnsafeMutablePointer<Double>?] = losses.map { loss in
      loss.map { .allocate(capacity: max(1, rows * $0.positions)) }
    }
    defer { for pointer in lost { pointer?.deallocate() } }
    let fault = pass.run(
      samples, rows: rows,
      random: { [options] in
        RandomStream(seed: options.seed, step: UInt64(step), call: UInt64($0))
      },
      loss: { [losses] place, range, values, _, gradient in
        guard let loss = losses[place], let targets = targets[place] else { return }
        let count = range.count * loss.positions
        let first = range.lowerBound * loss.positions
        let items = Items(
          outputs: values, targets: .init(targets, from: first, width: loss.width), count: count,
          width: loss.width)
        if let to = lost[place] { loss.loss.values(of: items, into: to + first) }
        let scale = loss.weight / Double(rows * loss.positions)
        func write(_ weights: UnsafePointer<Float>?) {
          if loss.takesLogits, let logits = loss.loss as? any LogitsLoss {
            logits.logitsGradient(of: items, weights: weights, scale: scale, into: gradient)
          } else {
            loss.loss.gradient(of: items, weights: weights, scale: scale, into: gradient)
          }
        }
        if let weights = weighed[place] {
          weights.withUnsafeBufferPointer { write($0.baseAddress.map { $0 + first }) }
        } else {
          write(nil)
        }
      }, between: hasMask ? weigh : nil)
    if let fault { throw pass.error(fault, path: network.path) }
    var total = 0.0
    for (place, loss) in losses.enumerated() {
      guard let loss, let values = lost[place], targets[place] != nil else { continue }
      var sum = 0.0
      for item in 0..<rows * loss.positions {
        let weight = weighed[place].map { Double($0[item]) } ?? 1
        if weight != 0 { sum += values[item] * weight }
      }
      total += loss.weight * sum / Double(max(1, rows * loss.positions))
    }
    return BatchResult(loss: total, penalty: pass.penalty, rows: rows)
  }

  /// Goes through the model and back from gradients by its outputs that `cotangents` gives instead of
  /// a loss: called for rows of every output that has one, and where the loss takes logits (`logits`),
  /// what is written is the gradient by these.
  ///
  /// Throws as `run` does.
  func run(
    _ samples: [UnsafePointer<Float>], rows: Int,
    cotangents:
      @escaping (
        _ output: Int, _ rows: Range<Int>, _ values: UnsafePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>
      ) -> Void
  ) throws(NetworkError) {
    let fault = pass.run(
      samples, rows: rows,
      random: { [options] in RandomStream(seed: options.seed, step: 0, call: UInt64($0)) },
      loss: { place, range, values, _, gradient in cotangents(place, range, values, gradient) })
    if let fault { throw pass.error(fault, path: network.path) }
  }

  /// The loss of an output: its weight in the sum, the width and number of a row's items, and whether
  /// gradients are by what its activation is given.
  func judgement(of output: Int) -> (
    loss: any Loss, weight: Double, width: Int, positions: Int, takesLogits: Bool
  )? {
    losses[output].map { ($0.loss, $0.weight, $0.width, $0.positions, $0.takesLogits) }
  }
}

extension Items.Targets {
  init(_ targets: Evaluation.Targets, from item: Int = 0, width: Int = 1) {
    self =
      switch targets {
      case .classes(let numbers): .classes(numbers + item)
      case .values(let values): .values(values + item * width)
      }
  }
}

extension OutputActivation {
  /// The function that it is.
  fileprivate var kind: Activation.Kind? {
    switch self {
    case .softmax: .softmax
    case .sigmoid: (try? Activation(named: "sigmoid", age: .three))?.kind
    default: nil
    }
  }
}
