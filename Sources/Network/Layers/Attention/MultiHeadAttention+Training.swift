import CKernels

/// Training keeps what every row made of the projections, and the scores of all heads.
extension MultiHeadAttention: Trainable {
  var backwardReads: BackwardReads { [.inputs] }
  var penalizes: Bool { penalty != nil }

  /// What the way forward leaves, each of all rows of a chunk.
  private struct Kept {
    var query: UnsafeMutablePointer<Float>
    var key: UnsafeMutablePointer<Float>
    var value: UnsafeMutablePointer<Float>
    var context: UnsafeMutablePointer<Float>
    /// Of all heads, before anything is dropped.
    var scores: UnsafeMutablePointer<Float>
    var gate: UnsafeMutablePointer<Float>
  }

  /// Floats of one row of attention of each part of `Kept`.
  private func keptSizes(_ use: Use) -> [Int] {
    let context = use.queries * heads * valueWidth
    return [
      use.queries * heads * keyWidth, use.keys * sharedHeads * keyWidth,
      use.keys * sharedHeads * valueWidth, context, heads * use.queries * use.keys,
      gate == nil ? 0 : context,
    ]
  }

  private func parts(_ frame: TrainingFrame, _ use: Use) -> Kept {
    let rows = frame.rows * use.axes.batch
    var next = frame.kept
    let places = keptSizes(use).map { size in
      defer { next += rows * size }
      return next
    }
    return Kept(
      query: places[0], key: places[1], value: places[2], context: places[3], scores: places[4],
      gate: places[5])
  }

  func kept(_ call: Invocation) -> Int {
    guard let use = uses[call.number] else { return 0 }
    return use.axes.batch * keptSizes(use).reduce(0, +)
  }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    guard let use = uses[call.number] else { return 0 }
    let all = rows * use.axes.batch
    let parts = keptSizes(use).enumerated().reduce(0) {
      $0 + ($1.offset == 4 ? 0 : Floats.rounded(all * $1.element))
    }
    // Context and what is left of it, the gradients of the parts, three matrices of scores, and what
    // is turned: inputs, their gradients and the output's.
    return parts + 2 * Floats.rounded(all * use.queries * heads * valueWidth)
      + 3 * Floats.rounded(use.queries * use.keys)
      + 2 * use.axes.scratch(call.inputs, output: Signal(resultShape(of: call)), rows: rows)
  }

  func prepareForTraining(wantsInputs: Bool) {
    prepare()
    output.packBack()
    guard wantsInputs else { return }
    for projection in projections where projection !== output { projection.packBack() }
  }

  func train(_ frame: TrainingFrame) {
    guard let use = uses[frame.call.number] else { return }
    let rows = frame.rows * use.axes.batch
    let pairs = use.queries * use.keys
    let kept = parts(frame, use)
    let allowed = frame.scratch
    let dropped = allowed + Floats.rounded(pairs)
    var next = dropped + Floats.rounded(pairs)
    let turned = use.axes.gather(frame.frame, from: &next)
    query.run(turned[use.query], rows: rows * use.queries, into: kept.query)
    key.run(turned[use.key], rows: rows * use.keys, into: kept.key)
    value.run(turned[use.value], rows: rows * use.keys, into: kept.value)
    for row in 0..<rows {
      for head in 0..<heads {
        if !use.mask.isEmpty, head == 0 || use.mask.differsByHead {
          use.mask.write(
            frame.frame, row: row, head: head, queries: use.queries, keys: use.keys, into: allowed)
        }
        let scores = kept.scores + (row * heads + head) * pairs
        compare(
          frame.frame, use, row: row, head: head, kept.query, kept.key, scores: scores, allowed)
        if drops(frame) { drop(frame, use, scores, row: row, head: head, into: dropped) }
        weigh(
          drops(frame) ? dropped : scores, use, row: row, head: head, kept.value,
          into: kept.context)
      }
    }
    var context = kept.context
    if let gate {
      let count = rows * use.queries * heads * valueWidth
      gate.run(turned[use.query], rows: rows * use.queries, into: kept.gate)
      ck_activate(ck_activation(CK_SIGMOID), 0, kept.gate, kept.gate, count)
      ck_combine(ck_operation(CK_MULTIPLY), kept.context, kept.gate, next, count)
      context = next
      next += Floats.rounded(count)
    }
    penalize(frame, use, kept)
    use.axes.scatter(frame.frame, from: next) { result in
      output.run(context, rows: rows * use.queries, into: result)
    }
  }

  /// Says what each row's projections cost: Keras hands `activity_regularizer` on to all of them.
  private func penalize(_ frame: TrainingFrame, _ use: Use, _ kept: Kept) {
    guard let penalty, frame.trains, let penalties = frame.penalties else { return }
    let sizes = keptSizes(use).map { $0 * use.axes.batch }
    let parts = [(kept.query, sizes[0]), (kept.key, sizes[1]), (kept.value, sizes[2])]
    for row in 0..<frame.rows {
      penalties[row] = (parts + (gate == nil ? [] : [(kept.gate, sizes[5])])).reduce(0) {
        $0 + penalty.penalty(on: $1.0, in: row * $1.1..<(row + 1) * $1.1)
      }
    }
  }

  private func drops(_ frame: TrainingFrame) -> Bool { frame.trains && dropout > 0 }

  /// Leaves out the scores that the numbers drawn for this place say, and makes up for them.
  private func drop(
    _ frame: TrainingFrame, _ use: Use, _ scores: UnsafePointer<Float>, row: Int, head: Int,
    into dropped: UnsafeMutablePointer<Float>
  ) {
    let pairs = use.queries * use.keys
    let first =
      UInt64((frame.firstRow * use.axes.batch + row) * heads + head) &* UInt64(pairs)
    let factor = 1 / max(1 - dropout, .leastNormalMagnitude)
    for i in 0..<pairs {
      dropped[i] =
        frame.random.uniform(at: first &+ UInt64(i)) >= dropout ? scores[i] * factor : 0
    }
  }

  // MARK: Back

  func backward(_ frame: TrainingFrame) {
    guard let use = uses[frame.call.number] else { return }
    let rows = frame.rows * use.axes.batch
    let kept = parts(frame, use)
    let sizes = keptSizes(use)
    var next = frame.scratch
    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
      defer { next += Floats.rounded(count) }
      return next
    }
    let turned = use.axes.gather(frame.frame, from: &next)
    var dy = frame.outputGradient()
    if !use.axes.isAll {
      let result = frame.outputShape
      let own = take(frame.rows * result.reduce(1, *))
      use.axes.gatherGradient(dy, shape: result, rows: frame.rows, into: own)
      dy = own
    }
    let (queries, keys) = (rows * use.queries, rows * use.keys)
    let count = queries * heads * valueWidth
    let dContext = take(count)
    output.runBack(dy, rows: queries, into: dContext)
    var dGate: UnsafeMutablePointer<Float>?
    if gate != nil {
      let (gated, inner) = (take(count), take(count))
      ck_combine(ck_operation(CK_MULTIPLY), kept.context, kept.gate, gated, count)
      output.addGradients(frame, gated, dy, rows: queries)
      for i in 0..<count {
        inner[i] = dContext[i] * kept.context[i]
        dContext[i] *= kept.gate[i]
      }
      addPenalty(frame, of: kept.gate, count: count, to: inner)
      for i in 0..<count { inner[i] *= kept.gate[i] * (1 - kept.gate[i]) }
      dGate = inner
    } else {
      output.addGradients(frame, kept.context, dy, rows: queries)
    }
    let (dQuery, dKey, dValue) = (
      take(rows * sizes[0]), take(rows * sizes[1]), take(rows * sizes[2])
    )
    dKey.update(repeating: 0, count: rows * sizes[1])
    dValue.update(repeating: 0, count: rows * sizes[2])
    let pairs = Floats.rounded(use.queries * use.keys)
    let matrices = take(3 * pairs)
    let back = Back(
      context: dContext, query: dQuery, key: dKey, value: dValue, slopes: matrices,
      dropped: matrices + pairs, allowed: matrices + 2 * pairs)
    for row in 0..<rows {
      for head in 0..<heads { attendBack(frame, use, kept, back, row: row, head: head) }
    }
    addPenalty(frame, of: kept.query, count: rows * sizes[0], to: dQuery)
    addPenalty(frame, of: kept.key, count: rows * sizes[1], to: dKey)
    addPenalty(frame, of: kept.value, count: rows * sizes[2], to: dValue)
    query.addGradients(frame, turned[use.query], dQuery, rows: queries)
    key.addGradients(frame, turned[use.key], dKey, rows: keys)
    value.addGradients(frame, turned[use.value], dValue, rows: keys)
    if let gate, let dGate { gate.addGradients(frame, turned[use.query], dGate, rows: queries) }
    var ways = [(use.query, query, dQuery, queries)]
    if let gate, let dGate { ways.append((use.query, gate, dGate, queries)) }
    ways += [(use.value, value, dValue, keys), (use.key, key, dKey, keys)]
    writeInputs(frame, use, ways, free: next)
  }

  private typealias Way = (
    input: Int, projection: Projection, gradient: UnsafeMutablePointer<Float>, rows: Int
  )

  /// Sums the gradients of every input over the projections that it goes into.
  private func writeInputs(
    _ frame: TrainingFrame, _ use: Use, _ ways: [Way], free: UnsafeMutablePointer<Float>
  ) {
    for (index, input) in frame.call.inputs.enumerated() {
      guard let dx = frame.inputGradient(index) else { continue }
      let own = ways.filter { $0.input == index }
      // A mask has no gradient.
      if own.isEmpty { dx.update(repeating: 0, count: frame.rows * input.count) }
      let target = use.axes.isAll ? dx : free
      for (place, way) in own.enumerated() {
        way.projection.runBack(way.gradient, rows: way.rows, into: target, adding: place > 0)
      }
      if !use.axes.isAll, !own.isEmpty {
        use.axes.scatterGradient(free, shape: input.shape, rows: frame.rows, into: dx)
      }
    }
  }

  /// Gradients of the parts, and room for three matrices of scores.
  private struct Back {
    var context: UnsafeMutablePointer<Float>
    var query: UnsafeMutablePointer<Float>
    var key: UnsafeMutablePointer<Float>
    var value: UnsafeMutablePointer<Float>
    var slopes: UnsafeMutablePointer<Float>
    var dropped: UnsafeMutablePointer<Float>
    var allowed: UnsafeMutablePointer<Float>
  }

  private func addPenalty(
    _ frame: TrainingFrame, of values: UnsafePointer<Float>, count: Int,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    guard frame.trains else { return }
    let scale = 1 / Double(frame.batchRows)
    penalty?.addGradient(of: values, scale: scale, in: 0..<count, to: gradient)
  }

  /// One head of one row.
  private func attendBack(
    _ frame: TrainingFrame, _ use: Use, _ kept: Kept, _ back: Back, row: Int, head: Int
  ) {
    let shared = head / (heads / sharedHeads)
    let (queries, keys) = (use.queries, use.keys)
    let pairs = queries * keys
    let scores = kept.scores + (row * heads + head) * pairs
    let queryPlace = (row * queries * heads + head) * keyWidth
    let keyPlace = (row * keys * sharedHeads + shared) * keyWidth
    let valuePlace = (row * keys * sharedHeads + shared) * valueWidth
    let dContext = back.context + (row * queries * heads + head) * valueWidth
    let (queryStride, keyStride) = (heads * keyWidth, sharedHeads * keyWidth)
    let (contextStride, valueStride) = (heads * valueWidth, sharedHeads * valueWidth)
    if drops(frame) { drop(frame, use, scores, row: row, head: head, into: back.dropped) }
    Product.multiplyTransposed(
      drops(frame) ? back.dropped : scores, stride: keys, columns: keys, rows: queries, dContext,
      stride: contextStride, width: valueWidth, into: back.value + valuePlace,
      resultStride: valueStride)
    let slopes = back.slopes
    Product.multiply(
      dContext, stride: contextStride, rows: queries, kept.value + valuePlace, stride: valueStride,
      isTransposed: true, inner: valueWidth, columns: keys, into: slopes, stride: keys)
    if drops(frame) { drop(frame, use, slopes, row: row, head: head, into: slopes) }
    if use.givesScores {
      Sums.add(
        frame.outputGradient(1) + (row * heads + head) * pairs, to: slopes, count: pairs)
    }
    ck_softmax_gradient_rows(scores, slopes, slopes, queries, keys)
    if isModern, !use.zeroesMasked, !use.mask.isEmpty {
      // What is masked was put there, and depends on nothing.
      if head == 0 || use.mask.differsByHead {
        use.mask.write(
          frame.frame, row: row, head: head, queries: queries, keys: keys, into: back.allowed)
      }
      for i in 0..<pairs where back.allowed[i] == 0 { slopes[i] = 0 }
    }
    let scale = 1 / Float(keyWidth).squareRoot()
    ck_affine(slopes, scale, 0, slopes, pairs)
    Product.multiply(
      slopes, stride: keys, rows: queries, kept.key + keyPlace, stride: keyStride, inner: keys,
      columns: keyWidth, into: back.query + queryPlace, stride: queryStride)
    Product.multiplyTransposed(
      slopes, stride: keys, columns: keys, rows: queries, kept.query + queryPlace,
      stride: queryStride, width: keyWidth, into: back.key + keyPlace, resultStride: keyStride)
  }
}
