import CKernels
import Keras

/// `Attention` and `AdditiveAttention`: values weighted by the softmax of how well queries and keys
/// go together, without projections.
final class Attention: Layer {
  static let classNames = ["Attention", "AdditiveAttention"]

  enum Score {
    /// q·k, times a scale.
    case dot
    /// w · Σ tanh(s·(q + k)).
    case concat
    /// Σ s·tanh(q + k), with a scale for every feature.
    case additive
  }
  let score: Score
  let scale: Parameter?
  let weight: Parameter?
  private let isCausal: Bool
  /// The share of weights that training drops.
  let dropout: Float

  init(_ definition: Definition) throws(LayerFault) {
    if definition.className == "AdditiveAttention" {
      score = .additive
      scale =
        definition.flag("use_scale", default: true)
        ? try definition.variable("scale", rank: 1) : nil
      weight = nil
    } else {
      let mode = try definition.choice("score_mode", among: ["dot", "concat"], default: "dot")
      score = mode == "dot" ? .dot : .concat
      scale = definition.flag("use_scale", default: false) ? try definition.variable("scale") : nil
      weight = mode == "concat" ? try definition.variable("concat_score_weight") : nil
    }
    for number in [score == .additive ? nil : scale, weight] {
      guard number?.count ?? 1 == 1 else { throw .weight("a scale is more than one number") }
    }
    dropout = try definition.float("dropout", default: 0)
    guard dropout >= 0, dropout <= 1 else { throw .bad("dropout is \(dropout), not from 0 to 1") }
    // Keras 2 has it in the layer, later versions in the call.
    isCausal = definition.flag("causal", default: false)
  }

  var parameters: [Parameter] { [scale, weight].compactMap(\.self) }

  struct Use {
    var inputs: [Int] = []
    var queries = 0
    var keys = 0
    var width = 0
    var mask = AttentionMask()
    var queryMask: AttentionMask.Source?
    var givesScores = false
    var key: Int { inputs.count > 2 ? inputs[2] : inputs[1] }
  }
  private(set) var uses: [Int: Use] = [:]

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    var use = Use()
    use.inputs = call.listed.count > 1 ? call.listed : call.arguments.flatMap(\.values)
    guard use.inputs.count == 2 || use.inputs.count == 3 else {
      throw .bad("takes a query, a value and perhaps a key")
    }
    let (q, v) = (call.inputs[use.inputs[0]], call.inputs[use.inputs[1]])
    let k = call.inputs[use.key]
    guard q.rank == 2, v.rank == 2, k.rank == 2, q.width == k.width, v.shape[0] == k.shape[0] else {
      throw .bad("the query \(q.text), value \(v.text) and key \(k.text) do not go together")
    }
    if score == .additive, let scale, scale.count != q.width {
      throw .weight("'scale' has \(scale.count) numbers for \(q.width) features")
    }
    (use.queries, use.keys, use.width) = (q.shape[0], v.shape[0], q.width)
    try AttentionMask.checkSize(queries: use.queries, keys: use.keys)
    use.mask.isCausal = isCausal || call.constant("use_causal_mask") == true
    use.givesScores = call.constant("return_attention_scores") == true
    // The call may name the masks of query and value itself.
    let named: [Invocation.Bound?] =
      if case .list(let members)? = call.keyword("mask") { members } else { [] }
    func mask(_ place: Int, _ count: Int) throws(LayerFault) -> AttentionMask.Source? {
      if named.indices.contains(place) {
        guard case .value(let index)? = named[place] else { return nil }
        guard call.inputs[index].count == count else { throw .bad("a mask of another length") }
        return .tensor(index)
      }
      guard let shape = call.masks[use.inputs[place]] else { return nil }
      guard shape.reduce(1, *) == count else { throw .bad("a mask of another length") }
      return .carried(use.inputs[place])
    }
    use.queryMask = try mask(0, use.queries)
    if let own = try mask(1, use.keys) { use.mask.keys = [own] }
    uses[call.number] = use
    let hasMask = call.masks[use.inputs[0]] != nil
    var signals = [
      Signal([use.queries, v.width], mask: hasMask ? .same(as: use.inputs[0]) : .none)
    ]
    if use.givesScores { signals.append(Signal([use.queries, use.keys])) }
    return signals
  }

  func scratch(_ call: Invocation, rows: Int) -> Int {
    guard let use = uses[call.number] else { return 0 }
    return 2 * Floats.rounded(use.queries * use.keys) + Floats.rounded(use.width)
  }

  func forward(_ frame: Frame) {
    guard let use = uses[frame.call.number] else { preconditionFailure("infer has seen it") }
    let pairs = use.queries * use.keys
    let scores = frame.scratch
    let kept = scores + Floats.rounded(pairs)
    let line = kept + Floats.rounded(pairs)
    let valueWidth = frame.call.inputs[use.inputs[1]].width
    for row in 0..<frame.rows {
      let q = frame.input(use.inputs[0]) + row * use.queries * use.width
      let k = frame.input(use.key) + row * use.keys * use.width
      let v = frame.input(use.inputs[1]) + row * use.keys * valueWidth
      let y = frame.output() + row * use.queries * valueWidth
      compare(q, k, use, into: scores, line)
      if !use.mask.isEmpty {
        use.mask.write(frame, row: row, head: 0, queries: use.queries, keys: use.keys, into: kept)
        for i in 0..<pairs where kept[i] == 0 { scores[i] -= 1e9 }
      }
      ck_softmax_rows(scores, scores, use.queries, use.keys)
      if use.givesScores { (frame.output(1) + row * pairs).update(from: scores, count: pairs) }
      Product.multiply(
        scores, rows: use.queries, v, inner: use.keys, columns: valueWidth, into: y)
      if let mask = use.queryMask?.values(frame) {
        for step in 0..<use.queries where mask[row * use.queries + step] == 0 {
          (y + step * valueWidth).update(repeating: 0, count: valueWidth)
        }
      }
    }
  }

  func compare(
    _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ use: Use,
    into scores: UnsafeMutablePointer<Float>, _ line: UnsafeMutablePointer<Float>
  ) {
    if score == .dot {
      return Product.multiply(
        q, stride: use.width, rows: use.queries, k, stride: use.width, isTransposed: true,
        inner: use.width, columns: use.keys, into: scores, stride: use.keys,
        scale: scale?.values[0] ?? 1)
    }
    for a in 0..<use.queries {
      for b in 0..<use.keys {
        ck_combine(
          ck_operation(CK_ADD), q + a * use.width, k + b * use.width, line, use.width)
        if score == .concat, let scale { ck_affine(line, scale.values[0], 0, line, use.width) }
        ck_activate(ck_activation(CK_TANH), 0, line, line, use.width)
        if score == .additive, let scale {
          ck_combine(ck_operation(CK_MULTIPLY), line, scale.values, line, use.width)
        }
        var sum: Float = 0
        for i in 0..<use.width { sum += line[i] }
        scores[a * use.keys + b] = sum * (weight?.values[0] ?? 1)
      }
    }
  }
}
