import JSON
import Keras

/// `Matmul`, `Dot`, `Tensordot` and `Einsum`: sums of products along dimensions of a row.
final class ProductOperation: Layer {
  static let classNames = ["Matmul", "Dot", "Tensordot", "Einsum"]

  private let name: String
  private let settings: LayerReading

  private struct Plan {
    var einsum: Einsum
    var operands: [OperationArguments.Operand]
    /// A second operand that stays, as the products take it.
    var kernels: [PackedKernel]?
    /// The same as the einsum's second operand.
    var arranged: ConstantArray?
    var second: UnsafeMutablePointer<Float>? { arranged?.values }
  }
  private var plans: [Int: Plan] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    name = definition.className
    settings = definition.settings
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let plan: Plan
    switch name {
    case "Einsum": plan = try einsum(arguments)
    case "Matmul": plan = try matrices(arguments)
    default: plan = try contraction(arguments)
    }
    plans[call.number] = plan
    return [Signal(plan.einsum.shape)]
  }

  // MARK: Kinds

  private static let names = "abcdefghijklmnopqrstuvwxyz".map(\.self)

  private func operands(_ arguments: OperationArguments) throws(LayerFault)
    -> [OperationArguments.Operand]
  {
    guard let a = try arguments.operand("x1", at: 0), let b = try arguments.operand("x2", at: 1)
    else { throw .bad("takes two operands") }
    return [a, b]
  }

  /// NumPy's matmul: of the last two dimensions, the others side by side.
  private func matrices(_ arguments: OperationArguments) throws(LayerFault) -> Plan {
    let operands = try operands(arguments)
    var terms: [[Character]] = []
    var shapes: [[Int]] = []
    for (k, operand) in operands.enumerated() {
      let rank: Int
      switch operand {
      case .input(let index):
        shapes.append(arguments.call.inputs[index].shape)
        rank = shapes[k].count + 1
        guard rank > 2 || k == 0 else {
          throw .unsupported("a product with a matrix of samples, which mixes them,")
        }
      case .constant(let array):
        shapes.append(array.shape)
        rank = array.shape.count
      }
      guard rank > 0, rank < 12 else { throw .bad("multiplies single numbers") }
      // …, rows, inner times …, inner, columns; a vector is the inner dimension alone.
      let ends: [Character] = k == 0 ? ["y", "z"] : ["z", "x"]
      let tail = rank == 1 ? ["z"] : ends
      let transposed = try arguments.flag(k == 0 ? "transpose_a" : "transpose_b", default: false)
      let leading = (0..<rank - tail.count).map { Self.names[rank - tail.count - 1 - $0] }
      terms.append(leading + (transposed ? tail.reversed() : tail))
    }
    // The result's dimensions from the right: inner ones, then those of whichever has more.
    var leading = terms.map { $0.filter { $0 < "x" } }.max { $0.count < $1.count } ?? []
    var result: [Character] = []
    for letter in terms[0] where letter == "y" { result.append(letter) }
    for letter in terms[1] where letter == "x" { result.append(letter) }
    // The batch is the outermost dimension of every tensor.
    var batch: Character?
    for (k, operand) in operands.enumerated() {
      guard case .input = operand else { continue }
      let own = terms[k].removeFirst()
      guard batch ?? own == own else {
        throw .unsupported("a product of tensors of different ranks, which mixes samples,")
      }
      batch = own
    }
    if leading.first == batch {
      leading.removeFirst()
    } else if batch == "y", result.first == "y" {
      // [samples, inner] · [inner, columns]
      result.removeFirst()
    } else {
      throw .unsupported("a product whose first dimension is not the batch")
    }
    for (k, operand) in operands.enumerated() {
      if case .constant = operand, let batch, terms[k].contains(batch) {
        throw .unsupported("an array set against the batch")
      }
    }
    // A dimension of 1 stands for as many as the other has.
    let sizes = operands.indices.map { k in
      Dictionary(zip(terms[k], shapes[k]), uniquingKeysWith: { first, _ in first })
    }
    for k in operands.indices {
      let other = sizes[1 - k]
      let single = terms[k].indices.filter { place in
        let letter = terms[k][place]
        return letter < "x" && shapes[k][place] == 1 && (other[letter] ?? 1) != 1
      }
      shapes[k] = shapes[k].indices.filter { !single.contains($0) }.map { shapes[k][$0] }
      terms[k] = terms[k].indices.filter { !single.contains($0) }.map { terms[k][$0] }
    }
    return try plan(operands, terms, shapes, result: leading + result)
  }

  /// `Dot` (the last dimension with the last but one) and `Tensordot` (the last with the first) with
  /// an array.
  private func contraction(_ arguments: OperationArguments) throws(LayerFault) -> Plan {
    let operands = try operands(arguments)
    guard case .input(let index) = operands[0], case .constant(let array) = operands[1] else {
      throw .unsupported("'\(name)' of two tensors, which mixes samples,")
    }
    let shape = arguments.call.inputs[index].shape
    let (rank, other) = (shape.count, array.shape.count)
    guard rank > 0, other > 0, rank + other <= 20 else {
      throw .unsupported("'\(name)' of such shapes")
    }
    var left = Array(Self.names[..<rank])
    let right = Array(Self.names[rank..<rank + other])
    var pairs: [(Int, Int)] = []
    if name == "Dot" {
      pairs = [(rank - 1, other == 1 ? 0 : other - 2)]
    } else {
      let value = try arguments.setting("axes", at: 2) ?? 2
      if let count = LayerReading.size(value) {
        guard count > 0, count <= rank, count <= other else {
          throw .unsupported("'Tensordot' along \(count) dimensions")
        }
        pairs = (0..<count).map { (rank - count + $0, $0) }
      } else {
        let sides = LayerReading.list(value) ?? []
        guard sides.count == 2 else { throw .bad("axes is \(value.shown)") }
        let lists = sides.map { (LayerReading.list($0) ?? [$0]).compactMap(LayerReading.size) }
        guard lists[0].count == lists[1].count else { throw .bad("axes is \(value.shown)") }
        for (one, two) in zip(lists[0], lists[1]) {
          let place = two < 0 ? two + other : two
          guard (0..<other).contains(place) else { throw .bad("axes is \(value.shown)") }
          pairs.append((try Axes.place(one, rank: rank), place))
        }
      }
    }
    for (one, two) in pairs { left[one] = right[two] }
    let gone = pairs.map { right[$0.1] }
    return try plan(
      operands, [left, right], [shape, array.shape],
      result: (left + right).filter { !gone.contains($0) })
  }

  private func einsum(_ arguments: OperationArguments) throws(LayerFault) -> Plan {
    guard let text = try arguments.setting("subscripts")?.stringValue,
      let equation = Equation(text),
      let result = equation.result
    else { throw .unsupported("an einsum without an equation that says its result") }
    guard equation.operands.count == 2 else {
      throw .unsupported("an einsum of \(equation.operands.count) operands")
    }
    guard let a = try arguments.operand("x1", at: 0), let b = try arguments.operand("x2", at: 1)
    else { throw .bad("takes two operands") }
    let operands = [a, b]
    var terms: [[Character]] = []
    var shapes: [[Int]] = []
    var batch: Character?
    var carried = 0
    for (k, operand) in operands.enumerated() {
      let letters = equation.operands[k]
      switch operand {
      case .input(let index): shapes.append(arguments.call.inputs[index].shape)
      case .constant(let array): shapes.append(array.shape)
      }
      var full = shapes[k].count
      if case .input = operand { full += 1 }
      let dotted = full - letters.count { $0 != Equation.dots }
      guard dotted == 0 || (dotted > 0 && letters.contains(Equation.dots)) else {
        throw .bad("'\(String(letters))' stands for an operand of \(full) dimensions")
      }
      carried = max(carried, dotted)
      var expanded = Equation.expand(letters, dotted)
      if case .input = operand {
        guard let first = expanded.first, batch ?? first == first else {
          throw .unsupported("the equation '\(text.printable(limit: 60))', which mixes samples,")
        }
        batch = first
        expanded.removeFirst()
      }
      terms.append(expanded)
    }
    var out = Equation.expand(result, carried)
    guard let batch, out.first == batch, !terms.contains(where: { $0.contains(batch) }) else {
      throw .unsupported("the equation '\(text.printable(limit: 60))', which mixes samples,")
    }
    out.removeFirst()
    return try plan(operands, terms, shapes, result: out)
  }

  private func plan(
    _ operands: [OperationArguments.Operand], _ terms: [[Character]], _ shapes: [[Int]],
    result: [Character]
  ) throws(LayerFault) -> Plan {
    func term(_ k: Int) -> Einsum.Term {
      if case .constant = operands[k] { return .init(letters: terms[k], isConstant: true) }
      return .init(letters: terms[k])
    }
    guard case .input = operands[0], case .constant(let array) = operands[1],
      terms[1].allSatisfy({ terms[0].contains($0) || result.contains($0) }),
      Set(terms[1]).count == terms[1].count
    else {
      let einsum = try Einsum(term(0), shapes[0], term(1), shapes[1], result: result)
      return Plan(einsum: einsum, operands: operands)
    }
    let order = Einsum.arrangement(of: terms[1], with: terms[0], result: result)
    let places = order.map { letter in terms[1].firstIndex(of: letter) ?? 0 }
    let arranged = ConstantArray(shape: places.map { shapes[1][$0] })
    StridedCopy.transposed(shapes[1], places)
      .run(array.values, sourceRow: array.count, arranged.values, rows: 1)
    let einsum = try Einsum(
      term(0), shapes[0], .init(letters: order, isConstant: true), arranged.shape, result: result)
    let kernels = einsum.kernels()
    einsum.pack(arranged.values, into: kernels)
    return Plan(
      einsum: einsum, operands: operands, kernels: kernels, arranged: arranged)
  }

  // MARK: Running

  func scratch(_ call: Invocation, rows: Int) -> Int {
    plans[call.number]?.einsum.scratch(rows: rows) ?? 0
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    if let kernels = plan.kernels {
      plan.einsum.run(
        plan.operands[0].pointer(frame), kernels, into: frame.output(), rows: frame.rows,
        scratch: frame.scratch)
      return
    }
    plan.einsum.run(
      plan.operands[0].pointer(frame), plan.operands[1].pointer(frame), into: frame.output(),
      rows: frame.rows, scratch: frame.scratch)
  }
}

extension ProductOperation: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    max(scratch(call, rows: rows), plans[call.number]?.einsum.gradientScratch(rows: rows) ?? 0)
  }

  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let plan = plans[frame.call.number] else { return }
    let gradients = plan.operands.map { operand -> UnsafeMutablePointer<Float>? in
      if case .input(let index) = operand { frame.inputGradient(index) } else { nil }
    }
    plan.einsum.backward(
      plan.operands[0].pointer(frame.frame), plan.second ?? plan.operands[1].pointer(frame.frame),
      frame.outputGradient(), dx: gradients[0], dw: gradients[1], rows: frame.rows,
      scratch: frame.scratch)
  }
}
