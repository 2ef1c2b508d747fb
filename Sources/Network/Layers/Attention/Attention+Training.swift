import CKernels

extension Attention: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  /// The weights of all pairs, before anything is dropped.
  func kept(_ call: Invocation) -> Int { uses[call.number].map { $0.queries * $0.keys } ?? 0 }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    guard let use = uses[call.number] else { return 0 }
    let value = call.inputs[use.inputs[1]]
    return 3 * Floats.rounded(use.queries * use.keys) + 2 * Floats.rounded(use.width)
      + Floats.rounded(use.queries * value.width)
      + call.inputs.reduce(0) { $0 + Floats.rounded($1.count) }
  }

  func train(_ frame: TrainingFrame) {
    guard let use = uses[frame.call.number] else { return }
    let pairs = use.queries * use.keys
    let allowed = frame.scratch
    let dropped = allowed + Floats.rounded(pairs)
    let line = dropped + Floats.rounded(pairs)
    let width = frame.call.inputs[use.inputs[1]].width
    for row in 0..<frame.rows {
      let q = frame.input(use.inputs[0]) + row * use.queries * use.width
      let k = frame.input(use.key) + row * use.keys * use.width
      let v = frame.input(use.inputs[1]) + row * use.keys * width
      let y = frame.output() + row * use.queries * width
      let scores = frame.kept + row * pairs
      compare(q, k, use, into: scores, line)
      if !use.mask.isEmpty {
        use.mask.write(
          frame.frame, row: row, head: 0, queries: use.queries, keys: use.keys, into: allowed)
        for i in 0..<pairs where allowed[i] == 0 { scores[i] -= 1e9 }
      }
      ck_softmax_rows(scores, scores, use.queries, use.keys)
      drop(frame, scores, row: row, pairs, into: dropped)
      if use.givesScores { (frame.output(1) + row * pairs).update(from: dropped, count: pairs) }
      Product.multiply(dropped, rows: use.queries, v, inner: use.keys, columns: width, into: y)
      if let mask = use.queryMask?.values(frame.frame) {
        for step in 0..<use.queries where mask[row * use.queries + step] == 0 {
          (y + step * width).update(repeating: 0, count: width)
        }
      }
    }
  }

  private func drop(
    _ frame: TrainingFrame, _ weights: UnsafePointer<Float>, row: Int, _ pairs: Int,
    into dropped: UnsafeMutablePointer<Float>
  ) {
    guard frame.trains, dropout > 0 else {
      if dropped != UnsafeMutablePointer(mutating: weights) {
        dropped.update(from: weights, count: pairs)
      }
      return
    }
    let first = UInt64(frame.firstRow + row) &* UInt64(pairs)
    let factor = 1 / max(1 - dropout, .leastNormalMagnitude)
    for i in 0..<pairs {
      dropped[i] =
        frame.random.uniform(at: first &+ UInt64(i)) >= dropout ? weights[i] * factor : 0
    }
  }

  // MARK: Back

  func backward(_ frame: TrainingFrame) {
    guard let use = uses[frame.call.number] else { return }
    let pairs = use.queries * use.keys
    let inputs = frame.call.inputs
    let width = inputs[use.inputs[1]].width
    let dropped = frame.scratch
    let slopes = dropped + Floats.rounded(pairs)
    let raw = slopes + Floats.rounded(pairs)
    let line = raw + Floats.rounded(pairs)
    let dy = line + 2 * Floats.rounded(use.width)
    var next = dy + Floats.rounded(use.queries * width)
    // The gradients of one row, which are added up where query, key and value are one.
    let own = inputs.map { input in
      defer { next += Floats.rounded(input.count) }
      return next
    }
    let (value, key, query) = (use.inputs[1], use.key, use.inputs[0])
    for row in 0..<frame.rows {
      for (k, input) in inputs.enumerated() { own[k].update(repeating: 0, count: input.count) }
      let weights = frame.kept + row * pairs
      dy.update(
        from: frame.outputGradient() + row * use.queries * width, count: use.queries * width)
      if let mask = use.queryMask?.values(frame.frame) {
        for step in 0..<use.queries where mask[row * use.queries + step] == 0 {
          (dy + step * width).update(repeating: 0, count: width)
        }
      }
      drop(frame, weights, row: row, pairs, into: dropped)
      Product.multiplyTransposed(
        dropped, stride: use.keys, columns: use.keys, rows: use.queries, dy, stride: width,
        width: width, into: own[value])
      Product.multiply(
        dy, stride: width, rows: use.queries, frame.input(value) + row * use.keys * width,
        stride: width, isTransposed: true, inner: width, columns: use.keys, into: slopes,
        stride: use.keys)
      if use.givesScores {
        Sums.add(frame.outputGradient(1) + row * pairs, to: slopes, count: pairs)
      }
      drop(frame, slopes, row: row, pairs, into: slopes)
      ck_softmax_gradient_rows(weights, slopes, slopes, use.queries, use.keys)
      compareBack(
        frame, use, frame.input(query) + row * use.queries * use.width,
        frame.input(key) + row * use.keys * use.width, slopes, raw: raw, line, own[query], own[key])
      for (k, input) in inputs.enumerated() {
        if let dx = frame.inputGradient(k) {
          (dx + row * input.count).update(from: own[k], count: input.count)
        }
      }
    }
  }

  /// From the gradient of the scores of one row to those of query, key and the numbers of the layer.
  private func compareBack(
    _ frame: TrainingFrame, _ use: Use, _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>,
    _ slopes: UnsafePointer<Float>, raw: UnsafeMutablePointer<Float>,
    _ line: UnsafeMutablePointer<Float>, _ dq: UnsafeMutablePointer<Float>,
    _ dk: UnsafeMutablePointer<Float>
  ) {
    let (queries, keys, width) = (use.queries, use.keys, use.width)
    let scaleGradient = scale.flatMap { frame.gradient(of: $0) }
    let weightGradient = weight.flatMap { frame.gradient(of: $0) }
    if score == .dot {
      if let scaleGradient {
        Product.multiply(
          q, stride: width, rows: queries, k, stride: width, isTransposed: true, inner: width,
          columns: keys, into: raw, stride: keys)
        for i in 0..<queries * keys { scaleGradient[0] += raw[i] * slopes[i] }
      }
      ck_affine(slopes, scale?.values[0] ?? 1, 0, raw, queries * keys)
      Product.multiply(
        raw, rows: queries, k, inner: keys, columns: width, into: dq, adding: true)
      return Product.multiplyTransposed(
        raw, stride: keys, columns: keys, rows: queries, q, stride: width, width: width, into: dk)
    }
    let sum = line + Floats.rounded(width)
    let inner = score == .concat ? scale?.values[0] ?? 1 : 1
    let outer = weight?.values[0] ?? 1
    for a in 0..<queries {
      for b in 0..<keys {
        let slope = slopes[a * keys + b]
        let (from, other) = (dq + a * width, dk + b * width)
        ck_combine(ck_operation(CK_ADD), q + a * width, k + b * width, sum, width)
        ck_affine(sum, inner, 0, line, width)
        ck_activate(ck_activation(CK_TANH), 0, line, line, width)
        for i in 0..<width {
          weightGradient?[0] += slope * line[i]
          var factor = slope * outer
          if score == .additive, let scale {
            scaleGradient?[i] += slope * line[i]
            factor *= scale.values[i]
          }
          let change = factor * (1 - line[i] * line[i])
          if score == .concat { scaleGradient?[0] += change * sum[i] }
          from[i] += change * inner
          other[i] += change * inner
        }
      }
    }
  }
}
