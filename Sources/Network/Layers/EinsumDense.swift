import Keras
import Tensors

/// `EinsumDense`: activation(einsum(equation, x, kernel) + bias).
final class EinsumDense: Layer {
  static let classNames = ["EinsumDense"]

  private let kernel: Parameter
  private let bias: Parameter?
  private let activation: Activation
  /// `abc,cd->abd` in its three parts; dots stand for dimensions that are only carried along.
  private let input: [Character]
  private let weights: [Character]
  private let output: [Character]
  private let isDotted: Bool
  private let isModern: Bool
  private let equation: String
  /// The kernel's dimensions as the product takes them, and the kernel so.
  private let order: [Character]
  private let arranged: ConstantArray
  private var plans: [Int: Plan] = [:]

  private struct Plan {
    var einsum: Einsum
    var kernels: [PackedKernel]
    var bias: Broadcast?
  }

  init(_ definition: Definition) throws(LayerFault) {
    guard let equation = definition.settings.text("equation") else {
      throw .bad("'equation' is not given")
    }
    isModern = definition.age == .three
    kernel = try definition.variable("kernel")
    bias = definition.settings.value("bias_axes") != nil ? try definition.variable("bias") : nil
    activation = try definition.activation("activation")
    let bad = LayerFault.bad(
      "the equation '\(equation.printable(limit: 60))' is none that it takes")
    let text = Equation(equation)
    guard let text, text.operands.count == 2, let output = text.result else { throw bad }
    let (input, weights) = (text.operands[0], text.operands[1])
    (self.input, self.weights, self.output) = (input, weights, output)
    isDotted = input.contains(Equation.dots)
    guard isDotted == output.contains(Equation.dots), !weights.contains(Equation.dots),
      weights.allSatisfy({ input.contains($0) || output.contains($0) }),
      weights.count == kernel.shape.count, Set(weights).count == weights.count
    else { throw bad }
    self.equation = equation
    order = Einsum.arrangement(of: weights, with: input, result: output)
    let shape = kernel.shape
    arranged = ConstantArray(
      shape: order.map { letter in shape[weights.firstIndex(of: letter) ?? 0] })
  }

  var parameters: [Parameter] { [kernel] + (bias.map { [$0] } ?? []) }

  func prepare() {
    let places = order.map { letter in weights.firstIndex(of: letter) ?? 0 }
    StridedCopy.transposed(kernel.shape, places)
      .run(kernel.values, sourceRow: kernel.count, arranged.values, rows: 1)
    for plan in plans.values { plan.einsum.pack(arranged.values, into: plan.kernels) }
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let given = try call.only()
    let carried = given.rank + 1 - (input.count - (isDotted ? 1 : 0))
    guard carried >= 0, isDotted || carried == 0 else {
      throw .bad("takes \(input.count) dimensions and is given the shape \(given.text)")
    }
    var letters = Equation.expand(input, carried)
    var result = Equation.expand(output, carried)
    // The batch is the first dimension, here and there.
    guard let first = letters.first, result.first == first, !weights.contains(first) else {
      throw .unsupported("the equation '\(equation.printable(limit: 60))', which mixes samples,")
    }
    letters.removeFirst()
    result.removeFirst()
    let einsum = try Einsum(
      .init(letters: letters), given.shape, .init(letters: order, isConstant: true), arranged.shape,
      result: result)
    let shape = einsum.shape
    var spread: Broadcast?
    if let bias {
      // The bias has the dimensions from its first one on, the others of size 1.
      let own = isModern ? Broadcast.added(bias.shape, to: shape) : bias.shape
      let plan = try Broadcast([.init(shape: shape), .init(shape: own, isConstant: true)])
      guard plan.shape == shape else {
        throw .weight("'bias' has the shape \(Signal.text(bias.shape)) for \(Signal.text(shape))")
      }
      spread = plan
    }
    plans[call.number] = Plan(einsum: einsum, kernels: einsum.kernels(), bias: spread)
    guard activation.kind != .glu else {
      throw .unsupported("glu, which makes less than the layer says it does,")
    }
    return [Signal(shape)]
  }

  func scratch(_ call: Invocation, rows: Int) -> Int {
    plans[call.number]?.einsum.scratch(rows: rows) ?? 0
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    let y = frame.output()
    plan.einsum.run(frame.input(), plan.kernels, into: y, rows: frame.rows, scratch: frame.scratch)
    if let bias, let spread = plan.bias {
      spread.combine(.add, y, bias.values, into: y, rows: frame.rows)
    }
    let signal = frame.outputs[0]
    activation.apply(y, y, rows: frame.rows * signal.outer, width: signal.width)
  }
}

extension EinsumDense: Calibrated {
  /// Dimensions that kernel, input and output have are groups; those that the output lacks are inputs.
  var kernelUses: [KernelUse] {
    func axes(_ belongs: (Character) -> Bool) -> [Int] {
      order.filter(belongs).compactMap(weights.firstIndex)
    }
    let groups = axes { input.contains($0) && output.contains($0) }
    let outputs = axes { !input.contains($0) }
    let matrices = KernelMatrices(
      shape: kernel.shape, groups: groups, inputs: axes { !output.contains($0) }, outputs: outputs)
    let places = biasPlaces(of: groups + outputs)
    return [KernelUse(kernel, matrices, bias: places == nil ? nil : bias, biasPlaces: places)]
  }

  /// Where the bias has the number for each of the products along these axes of the kernel; nil where
  /// it has several for one or one for several of them.
  private func biasPlaces(of axes: [Int]) -> [Int]? {
    guard let bias else { return nil }
    var steps: [Character: Int] = [:]
    var step = 1
    for (letter, size) in zip(output.reversed(), bias.shape.reversed()) where size > 1 {
      steps[letter] = step
      step *= size
    }
    var places = [0]
    for axis in axes where kernel.shape[axis] > 1 {
      guard let step = steps.removeValue(forKey: weights[axis]) else { return nil }
      places = places.flatMap { place in (0..<kernel.shape[axis]).map { place + $0 * step } }
    }
    return steps.isEmpty ? places : nil
  }

  func giveInputs(of use: Int, in frame: Frame, to take: RowTaker) {
    plans[frame.call.number]?.einsum.giveRows(
      frame.input(), rows: frame.rows, scratch: frame.scratch, to: take)
  }
}

extension EinsumDense: Trainable {
  var backwardReads: BackwardReads {
    activation.isToldFromOutput ? [.inputs, .outputs] : [.inputs]
  }

  /// What the activation is given, where its derivative cannot be told from the output.
  func kept(_ call: Invocation) -> Int {
    activation.isToldFromOutput ? 0 : plans[call.number]?.einsum.count ?? 0
  }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    max(scratch(call, rows: rows), plans[call.number]?.einsum.gradientScratch(rows: rows) ?? 0)
      + 2 * kernel.count
  }

  func train(_ frame: TrainingFrame) {
    guard !activation.isToldFromOutput, let plan = plans[frame.call.number] else {
      return forward(frame.frame)
    }
    let signal = frame.frame.outputs[0]
    plan.einsum.run(
      frame.input(), plan.kernels, into: frame.kept, rows: frame.rows, scratch: frame.scratch)
    if let bias, let spread = plan.bias {
      spread.combine(.add, frame.kept, bias.values, into: frame.kept, rows: frame.rows)
    }
    activation.apply(
      frame.kept, frame.output(), rows: frame.rows * signal.outer, width: signal.width)
  }

  func backward(_ frame: TrainingFrame) {
    guard let plan = plans[frame.call.number] else { return }
    let signal = frame.frame.outputs[0]
    let dy = frame.outputGradient()
    activation.backpropagate(
      x: activation.isToldFromOutput ? nil : UnsafePointer(frame.kept), y: frame.output(), dy,
      into: dy, rows: frame.rows * signal.outer, width: signal.width)
    if let bias, let spread = plan.bias, let gradient = frame.gradient(of: bias) {
      spread.forEach(rows: frame.rows) { offsets, steps, at, count in
        for i in 0..<count { gradient[offsets[1] + i * steps[1]] += dy[at + i] }
      }
    }
    let gradient = frame.gradient(of: kernel)
    let own = frame.scratch
    let free = own + kernel.count
    if gradient != nil { own.update(repeating: 0, count: kernel.count) }
    plan.einsum.backward(
      frame.input(), arranged.values, dy, dx: frame.inputGradient(),
      dw: gradient == nil ? nil : own, rows: frame.rows, scratch: free)
    guard let gradient else { return }
    // From the order of the products to the file's.
    StridedCopy.transposed(
      arranged.shape, weights.map { letter in order.firstIndex(of: letter) ?? 0 }
    ).run(own, sourceRow: kernel.count, free, rows: 1)
    Sums.add(free, to: gradient, count: kernel.count)
  }
}
