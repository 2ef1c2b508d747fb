import Testing

@testable import Network

/// The gradients of one layer by itself, beside those that differences of its outputs give.
///
/// The loss is the sum of all outputs, each number times one of `weights`.
struct GradientTrial {
  var trial = LayerTrial(className: "", config: "{}")
  /// A layer that no configuration has, in place of the trial's.
  var made: (any Layer)?
  /// Inputs without gradients, such as the indices of an embedding.
  var fixed: Set<Int> = []
  /// Variables that are frozen.
  var frozen: Set<String> = []
  /// Outputs without a loss.
  var unjudged: Set<Int> = []
  /// Whether the layer does as in training, or as in prediction.
  var trains = true
  var lanes = 2

  /// By input and by name of a variable; nil for what has no gradient.
  struct Gradients {
    var inputs: [[Float]?]
    var variables: [String: [Float]]
    var outputs: [[Float]]
  }

  /// What the numbers of output `index` weigh in the loss: `[rows][shape…]`.
  static func weights(_ shape: [Int], output index: Int) -> [Float] {
    wave(shape, seed: 100 + Double(index)).values
  }

  func gradients(_ inputs: [LayerTrial.Array]) throws -> Gradients {
    let made = try Made(self, inputs)
    made.run(goesBack: true)
    return Gradients(
      inputs: made.given.map { made.gradient(of: $0) },
      variables: Dictionary(
        uniqueKeysWithValues: made.variables.compactMap { variable in
          made.gradient(of: variable).map { (variable.name, $0) }
        }),
      outputs: made.outputs.map { Array(UnsafeBufferPointer(start: $0.values, count: $0.count)) })
  }

  /// The worst disagreement between a gradient and what differences of the loss give, as a share of
  /// the largest gradient of the same input or variable; and where it is.
  func worst(_ inputs: [LayerTrial.Array], step: Float = 1e-2) throws -> (share: Float, at: String)
  {
    let made = try Made(self, inputs)
    made.run(goesBack: true)
    var worst: (share: Float, at: String) = (0, "")
    for parameter in made.given + made.variables {
      guard let gradient = made.gradient(of: parameter) else { continue }
      let scale = max(1e-3, gradient.map(abs).max() ?? 0)
      for i in gradient.indices {
        let before = parameter.values[i]
        parameter.values[i] = before + step
        let above = made.loss()
        parameter.values[i] = before - step
        let below = made.loss()
        parameter.values[i] = before
        let expected = Float((above - below) / (2 * Double(step)))
        let share = abs(gradient[i] - expected) / scale
        if !(share <= worst.share) {
          worst = (share, "\(parameter.name)[\(i)]: \(gradient[i]) instead of \(expected)")
        }
      }
    }
    return worst
  }

  /// The layer in a plan of its own, its inputs variables too.
  private final class Made {
    private let pass: TrainingPass
    private let rows: Int
    private let shapes: [[Int]]
    private let memory: [UnsafeMutablePointer<Float>]
    /// By input.
    let given: [Parameter]
    let variables: [Parameter]

    init(_ test: GradientTrial, _ inputs: [LayerTrial.Array]) throws {
      let layer = try test.made ?? test.trial.layer()
      rows = inputs[0].shape[0]
      variables = layer.parameters
      for variable in variables { variable.isTrainable = !test.frozen.contains(variable.name) }
      var given: [Parameter] = []
      for (index, input) in inputs.enumerated() {
        let parameter = Parameter(
          name: "input \(index)", role: .kernel, shape: input.shape, tensor: 0,
          isTrainable: !test.fixed.contains(index))
        for (i, number) in input.values.enumerated() { parameter.values[i] = number }
        given.append(parameter)
      }
      self.given = given
      let parameters = given + variables
      for (place, parameter) in parameters.enumerated() { parameter.place = place }
      var plan = Plan()
      for (index, input) in inputs.enumerated() {
        plan.inputs.append(
          plan.add(Array(input.shape.dropFirst()), rowsPerSample: 1, kind: .input(index)))
      }
      var masks: [LayerTrial.Array] = []
      for (index, mask) in test.trial.masks.enumerated() {
        guard let mask else { continue }
        let shape = Array(mask.shape.dropFirst())
        let value = plan.add(
          shape, rowsPerSample: 1, kind: .input(inputs.count + masks.count))
        plan.values[plan.inputs[index]].mask = Plan.Value.Mask(
          shape: shape, storage: plan.values[value].storage)
        masks.append(mask)
      }
      let sources = try given.enumerated().map { index, parameter in
        try plan.add(
          ParameterRows(parameter), name: "input", className: "", Invocation(),
          inputs: [plan.inputs[index]], rowsPerSample: 1)[0]
      }
      plan.outputs = try plan.add(
        layer, name: "trial", className: test.trial.className,
        Invocation(
          arguments: test.trial.arguments ?? inputs.indices.map { .value($0) },
          keywords: test.trial.keywords),
        inputs: sources, rowsPerSample: 1)
      shapes = plan.outputs.map { [inputs[0].shape[0]] + plan.values[$0].shape }
      let training = try TrainingPlan(
        plan, judged: plan.outputs.indices.map { (!test.unjudged.contains($0), nil) },
        trains: test.trains, isTrained: \.isTrainable, path: "trial")
      pass = TrainingPass(
        training, parameters: parameters, isTrained: \.isTrainable, batch: rows,
        lanes: test.lanes)
      memory = (inputs + masks).map { input in
        let floats = UnsafeMutablePointer<Float>.allocate(capacity: max(1, input.values.count))
        floats.initialize(from: input.values, count: input.values.count)
        return floats
      }
    }

    deinit { for floats in memory { floats.deallocate() } }

    func run(goesBack: Bool) {
      pass.prepare()
      let shapes = shapes
      _ = pass.run(
        memory.map { UnsafePointer($0) }, rows: rows,
        random: { RandomStream(seed: 1, step: 2, call: UInt64($0)) },
        loss: goesBack
          ? { output, range, _, _, gradient in
            let width = shapes[output].dropFirst().reduce(1, *)
            let weights = GradientTrial.weights(shapes[output], output: output)
            for i in 0..<range.count * width { gradient[i] = weights[range.lowerBound * width + i] }
          } : nil)
    }

    var outputs: [(values: UnsafePointer<Float>, count: Int)] {
      shapes.enumerated().map { index, shape in
        (pass.output(index, memory.map { UnsafePointer($0) }), shape.reduce(1, *))
      }
    }

    /// The loss with the variables as they are now.
    func loss() -> Double {
      run(goesBack: false)
      var sum = 0.0
      for (index, output) in outputs.enumerated() {
        guard pass.plan.hasGradient[pass.plan.values[pass.plan.outputs[index]].storage] else {
          continue
        }
        let weights = GradientTrial.weights(shapes[index], output: index)
        for i in 0..<output.count { sum += Double(weights[i]) * Double(output.values[i]) }
      }
      return sum
    }

    func gradient(of parameter: Parameter) -> [Float]? {
      pass.gradients[parameter.place].map {
        Array(UnsafeBufferPointer(start: $0, count: parameter.count))
      }
    }
  }
}

/// Gives the rows of a variable whatever its input holds: so an input's gradient is a variable's.
private final class ParameterRows: Trainable {
  static let classNames: [String] = []

  private let values: Parameter

  init(_ values: Parameter) { self.values = values }

  init(_ definition: Definition) throws(LayerFault) { throw .unsupported("rows of a variable") }

  var parameters: [Parameter] { [values] }
  var backwardReads: BackwardReads { [] }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    [Signal(try call.only().shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {}

  func train(_ frame: TrainingFrame) {
    let width = frame.outputShape.reduce(1, *)
    frame.output().update(
      from: values.values + frame.firstRow * width, count: frame.rows * width)
  }

  func backward(_ frame: TrainingFrame) {
    guard let gradient = frame.gradient(of: values) else { return }
    let width = frame.outputShape.reduce(1, *)
    for i in 0..<frame.rows * width {
      gradient[frame.firstRow * width + i] += frame.outputGradient()[i]
    }
  }
}
