import CKernels
import JSON
import Keras
import Tensors

/// `MultiHeadAttention` and `GroupQueryAttention`: softmax(q·kᵀ/√d)·v in several heads, of which
/// groups may share keys and values.
final class MultiHeadAttention: Layer {
  static let classNames = ["MultiHeadAttention", "GroupQueryAttention", "GroupedQueryAttention"]

  let heads: Int
  let sharedHeads: Int
  let keyWidth: Int
  let valueWidth: Int
  let query: Projection
  let key: Projection
  let value: Projection
  let gate: Projection?
  let output: Projection
  private let isGrouped: Bool
  let isModern: Bool
  /// How far from its own place a query looks, this many keys and more being too far.
  private let window: Int?
  /// The share of scores that training drops.
  let dropout: Float
  /// On what each projection gives (Keras 3); that of the output is a layer behind this one.
  let penalty: Regularizer?
  private let axes: JSON.Value?

  init(_ definition: Definition) throws(LayerFault) {
    let isGrouped = definition.className != "MultiHeadAttention"
    let settings = definition.settings
    isModern = definition.age == .three
    // One that coppice does not know is refused where it would matter.
    penalty = isModern ? try? Penalties.activity(of: settings) : nil
    window =
      settings.value("sliding_window") == nil ? nil : try definition.int("sliding_window")
    self.isGrouped = isGrouped
    dropout = Float(try definition.double("dropout", default: 0))
    guard dropout >= 0, dropout <= 1 else { throw .bad("dropout is \(dropout), not from 0 to 1") }
    axes = settings.value("attention_axes")
    if !isModern, let axes,
      (LayerReading.list(axes) ?? [axes]).contains(where: { ($0.integerValue ?? 0) < 0 })
    {
      // Keras 2 counts them from the end of what the projections give, heads included.
      throw .unsupported("an attention axis below zero in Keras 2")
    }
    if isGrouped {
      heads = try definition.int("num_query_heads")
      sharedHeads = try definition.int("num_key_value_heads")
      keyWidth = try definition.int("head_dim")
      valueWidth = keyWidth
    } else {
      heads = try definition.int("num_heads")
      sharedHeads = heads
      keyWidth = try definition.int("key_dim")
      valueWidth = try definition.int("value_dim", default: keyWidth)
    }
    guard heads % sharedHeads == 0 else {
      throw .bad("\(heads) query heads cannot share \(sharedHeads) heads of keys")
    }
    let hasBias = settings.hasBias
    query = try Projection(definition, "query", contracted: 1, hasBias: hasBias)
    key = try Projection(definition, "key", contracted: 1, hasBias: hasBias)
    value = try Projection(definition, "value", contracted: 1, hasBias: hasBias)
    gate =
      definition.flag("use_gate", default: false)
      ? try Projection(definition, "gate", contracted: 1, hasBias: hasBias) : nil
    output = try Projection(definition, "attention_output", contracted: 2, hasBias: hasBias)
    guard query.outputs == heads * keyWidth, key.outputs == sharedHeads * keyWidth,
      value.outputs == sharedHeads * valueWidth, output.inputs == heads * valueWidth,
      gate.map({ $0.outputs == heads * valueWidth }) ?? true
    else { throw .weight("the projections do not fit \(heads) heads of \(keyWidth)") }
  }

  var parameters: [Parameter] {
    [query, key, gate, value, output].compactMap(\.self).flatMap(\.parameters)
  }

  func prepare() {
    for projection in [query, key, gate, value, output] { projection?.prepare() }
  }

  /// What one call attends to.
  struct Use {
    var axes = AttendedAxes.all
    var query = 0
    var value = 0
    var key = 0
    var queries = 0
    var keys = 0
    var mask = AttentionMask()
    var givesScores = false
    /// Whether a query that may look at nothing gives zeros: else it looks at everything alike.
    var zeroesMasked = false
  }
  private(set) var uses: [Int: Use] = [:]

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    var use = Use()
    guard let asked = call.tensor("query", at: 0), let values = call.tensor("value", at: 1) else {
      throw .bad("takes a query and a value")
    }
    use.query = asked
    use.value = values
    let given = call.tensor("key", at: 2)
    use.key = given ?? values
    guard call.arguments.count <= 3 else { throw .unsupported("a mask given by its place") }
    let (q, v, k) = (call.inputs[asked], call.inputs[values], call.inputs[use.key])
    guard q.rank > 1, q.width == query.inputs, v.width == value.inputs, k.width == key.inputs,
      v.outer == k.outer, v.rank == q.rank
    else {
      throw .bad(
        "the query \(q.text), value \(v.text) and key \(k.text) do not fit the projections")
    }
    if let axes { use.axes = try AttendedAxes(axes, query: q, value: v, key: k) }
    (use.queries, use.keys) = (use.axes.items(of: q), use.axes.items(of: v))
    try AttentionMask.checkSize(queries: use.queries, keys: use.keys)
    use.mask.isCausal = call.constant("use_causal_mask") == true
    use.mask.window = window
    use.givesScores = call.constant("return_attention_scores") == true
    try takeMasks(call, &use, hasKey: given != nil)
    guard use.axes.isAll || use.mask.isEmpty else {
      throw .unsupported("a mask of attention over some axes alone")
    }
    use.zeroesMasked = isModern && (dropout > 0 || use.givesScores || q.rank != 2)
    uses[call.number] = use
    let width = Array(output.kernel.shape.dropFirst(2))
    let hasMask = call.masks[asked] != nil
    var signals = [
      Signal(q.shape.dropLast() + width, mask: hasMask ? .same(as: asked) : .none)
    ]
    if use.givesScores { signals.append(use.axes.scores(heads: heads, query: q, value: v)) }
    return signals
  }

  private func takeMasks(
    _ call: Invocation, _ use: inout Use, hasKey: Bool
  ) throws(LayerFault) {
    func check(_ shape: [Int]?, _ count: Int) throws(LayerFault) {
      guard let shape, shape.reduce(1, *) == count else {
        throw .unsupported("a mask of the shape \(Signal.text(shape ?? []))")
      }
    }
    func along(_ name: String, _ input: Int, _ count: Int) throws(LayerFault)
      -> AttentionMask.Source?
    {
      if let index = call.tensor(name) {
        try check(call.inputs[index].shape, count)
        return .tensor(index)
      }
      guard let shape = call.masks[input] else { return nil }
      try check(shape, count)
      return .carried(input)
    }
    // Of a query, MultiHeadAttention takes the mask that it carries, whatever the call names.
    if isGrouped {
      use.mask.query = try along("query_mask", use.query, use.queries)
    } else if let shape = call.masks[use.query] {
      try check(shape, use.queries)
      use.mask.query = .carried(use.query)
    }
    if let mask = try along("value_mask", use.value, use.keys) { use.mask.keys.append(mask) }
    if hasKey, let mask = try along("key_mask", use.key, use.keys) { use.mask.keys.append(mask) }
    if let index = call.tensor("attention_mask") {
      try use.mask.take(index, call, heads: heads, queries: use.queries, keys: use.keys)
    }
  }

  /// Queries, keys, values, gate, context of all rows, then one head's scores and mask.
  private func sizes(_ use: Use, rows: Int) -> [Int] {
    let rows = rows * use.axes.batch
    return [
      rows * use.queries * heads * keyWidth, rows * use.keys * sharedHeads * keyWidth,
      rows * use.keys * sharedHeads * valueWidth,
      gate == nil ? 0 : rows * use.queries * heads * valueWidth,
      rows * use.queries * heads * valueWidth, use.queries * use.keys,
      use.mask.isEmpty ? 0 : use.queries * use.keys,
    ].map(Floats.rounded)
  }

  func scratch(_ call: Invocation, rows: Int) -> Int {
    guard let use = uses[call.number] else { return 0 }
    return sizes(use, rows: rows).reduce(0, +)
      + use.axes.scratch(call.inputs, output: Signal(resultShape(of: call)), rows: rows)
  }

  func resultShape(of call: Invocation) -> [Int] {
    (uses[call.number].map { call.inputs[$0.query].shape.dropLast() } ?? [])
      + output.kernel.shape.dropFirst(2)
  }

  func forward(_ frame: Frame) {
    guard let use = uses[frame.call.number] else { preconditionFailure("infer has seen it") }
    let (context, rest) = context(frame, use)
    use.axes.scatter(frame, from: rest) { result in
      output.run(context, rows: frame.rows * use.axes.batch * use.queries, into: result)
    }
  }

  /// What the output projection is given, and where the scratch memory behind it begins.
  private func context(_ frame: Frame, _ use: Use) -> (
    context: UnsafeMutablePointer<Float>, rest: UnsafeMutablePointer<Float>
  ) {
    var places: [UnsafeMutablePointer<Float>] = []
    var next = frame.scratch
    for size in sizes(use, rows: frame.rows) {
      places.append(next)
      next += size
    }
    let rows = frame.rows * use.axes.batch
    let (q, k, v, context) = (places[0], places[1], places[2], places[4])
    let turned = use.axes.gather(frame, from: &next)
    query.run(turned[use.query], rows: rows * use.queries, into: q)
    key.run(turned[use.key], rows: rows * use.keys, into: k)
    value.run(turned[use.value], rows: rows * use.keys, into: v)
    for row in 0..<rows {
      for head in 0..<heads {
        if !use.mask.isEmpty, head == 0 || use.mask.differsByHead {
          use.mask.write(
            frame, row: row, head: head, queries: use.queries, keys: use.keys, into: places[6])
        }
        attend(frame, use, row: row, head: head, q, k, v, context, scores: places[5], places[6])
      }
    }
    if let gate {
      let count = rows * use.queries * heads * valueWidth
      gate.run(turned[use.query], rows: rows * use.queries, into: places[3])
      ck_activate(ck_activation(CK_SIGMOID), 0, places[3], places[3], count)
      ck_combine(ck_operation(CK_MULTIPLY), context, places[3], context, count)
    }
    return (context, next)
  }

  private func attend(
    _ frame: Frame, _ use: Use, row: Int, head: Int, _ q: UnsafePointer<Float>,
    _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>, _ context: UnsafeMutablePointer<Float>,
    scores: UnsafeMutablePointer<Float>, _ kept: UnsafePointer<Float>
  ) {
    compare(frame, use, row: row, head: head, q, k, scores: scores, kept)
    weigh(scores, use, row: row, head: head, v, into: context)
  }

  /// The scores of one head of one row, `[queries][keys]`.
  func compare(
    _ frame: Frame, _ use: Use, row: Int, head: Int, _ q: UnsafePointer<Float>,
    _ k: UnsafePointer<Float>, scores: UnsafeMutablePointer<Float>, _ kept: UnsafePointer<Float>
  ) {
    let shared = head / (heads / sharedHeads)
    let (queries, keys) = (use.queries, use.keys)
    Product.multiply(
      q + (row * queries * heads + head) * keyWidth, stride: heads * keyWidth, rows: queries,
      k + (row * keys * sharedHeads + shared) * keyWidth, stride: sharedHeads * keyWidth,
      isTransposed: true, inner: keyWidth, columns: keys, into: scores, stride: keys,
      scale: 1 / Float(keyWidth).squareRoot())
    if !use.mask.isEmpty {
      for i in 0..<queries * keys where kept[i] == 0 {
        scores[i] = isModern ? -1e30 : scores[i] - 1e9
      }
    }
    ck_softmax_rows(scores, scores, queries, keys)
    if use.zeroesMasked, !use.mask.isEmpty {
      for i in 0..<queries * keys where kept[i] == 0 { scores[i] = 0 }
    }
    if use.givesScores {
      (frame.output(1) + (row * heads + head) * queries * keys).update(
        from: scores, count: queries * keys)
    }
  }

  /// The values by their scores.
  func weigh(
    _ scores: UnsafePointer<Float>, _ use: Use, row: Int, head: Int, _ v: UnsafePointer<Float>,
    into context: UnsafeMutablePointer<Float>
  ) {
    let shared = head / (heads / sharedHeads)
    let (queries, keys) = (use.queries, use.keys)
    Product.multiply(
      scores, stride: keys, rows: queries,
      v + (row * keys * sharedHeads + shared) * valueWidth, stride: sharedHeads * valueWidth,
      inner: keys, columns: valueWidth, into: context + (row * queries * heads + head) * valueWidth,
      stride: heads * valueWidth)
  }
}

extension MultiHeadAttention: Calibrated {
  var projections: [Projection] {
    [query, key, value] + (gate.map { [$0] } ?? []) + [output]
  }

  var kernelUses: [KernelUse] {
    projections.map { projection in
      let axes = Array(projection.kernel.shape.indices)
      let contracted = projection === output ? 2 : 1
      let matrices = KernelMatrices(
        shape: projection.kernel.shape, inputs: Array(axes.prefix(contracted)),
        outputs: Array(axes.dropFirst(contracted)))
      return KernelUse(projection.kernel, matrices, bias: projection.bias)
    }
  }

  func giveInputs(of index: Int, in frame: Frame, to take: RowTaker) {
    guard let use = uses[frame.call.number] else { return }
    let projection = projections[index]
    if projection === output {
      let rows = frame.rows * use.axes.batch * use.queries
      take(context(frame, use).context, rows, projection.inputs, 0)
    } else {
      let input = projection === key ? use.key : projection === value ? use.value : use.query
      take(frame.input(input), frame.rows * frame.call.inputs[input].outer, projection.inputs, 0)
    }
  }
}
