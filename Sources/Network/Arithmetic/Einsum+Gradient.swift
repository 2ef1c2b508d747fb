/// The way back of a sum of products: the gradient of either operand is a product of the result's with
/// the other one.
extension Einsum {
  /// Floats of scratch of `backward` on `rows` rows.
  func gradientScratch(rows: Int) -> Int {
    func side(_ side: Side) -> Int {
      let rows = side.isConstant ? 1 : rows
      return rows * (side.scratch + side.taken + 2 * side.given)
    }
    return rows * count + side(a) + side(b)
  }

  /// - Parameters:
  ///   - x: the first operand, as `run` has it.
  ///   - w: the second one.
  ///   - dy: the gradient of the result.
  ///   - dx: where the gradient of the first operand is written, or added to where all rows share it;
  ///     nil where nobody wants it.
  ///   - dw: the same of the second.
  func backward(
    _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    dx: UnsafeMutablePointer<Float>?, dw: UnsafeMutablePointer<Float>?, rows: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var free = scratch
    var slope = dy
    if let resultBack {
      resultBack.run(dy, sourceRow: count, free, rows: rows)
      slope = UnsafePointer(free)
      free += rows * count
    }
    let (aRows, bRows) = (a.isConstant ? 1 : rows, b.isConstant ? 1 : rows)
    if let dx {
      let two = b.arranged(w, rows: bRows, free)
      let own = free + bRows * b.scratch
      if a.isConstant { own.update(repeating: 0, count: a.taken) }
      first(slope, two, into: own, rows: rows)
      a.spread(own, into: dx, rows: aRows, free: own + aRows * a.taken)
    }
    if let dw {
      let one = a.arranged(x, rows: aRows, free)
      let own = free + aRows * a.scratch
      own.update(repeating: 0, count: bRows * b.taken)
      second(slope, one, to: own, rows: rows)
      b.spread(own, into: dw, rows: bRows, free: own + bRows * b.taken)
    }
  }

  /// `[batch][left][right]` by the second operand turned round.
  private func first(
    _ dy: UnsafePointer<Float>, _ two: UnsafePointer<Float>,
    into own: UnsafeMutablePointer<Float>, rows: Int
  ) {
    if b.isConstant, !a.isConstant, left == 1 || batch == 1 {
      for k in 0..<batch {
        Product.multiply(
          dy + k * right, stride: batch * right, rows: rows * left, two + k * inner * right,
          stride: right, isTransposed: true, inner: right, columns: inner, into: own + k * inner,
          stride: batch * inner)
      }
      return
    }
    for row in 0..<rows {
      for k in 0..<batch {
        Product.multiply(
          dy + row * count + k * left * right, stride: right, rows: left,
          two + ((b.isConstant ? 0 : row) * batch + k) * inner * right, stride: right,
          isTransposed: true, inner: right, columns: inner,
          into: own + ((a.isConstant ? 0 : row) * batch + k) * left * inner, stride: inner,
          adding: a.isConstant)
      }
    }
  }

  /// The first operand turned round by `[batch][left][right]`.
  private func second(
    _ dy: UnsafePointer<Float>, _ one: UnsafePointer<Float>, to own: UnsafeMutablePointer<Float>,
    rows: Int
  ) {
    if b.isConstant, !a.isConstant, left == 1 || batch == 1 {
      for k in 0..<batch {
        Product.multiplyTransposed(
          one + k * inner, stride: batch * inner, columns: inner, rows: rows * left, dy + k * right,
          stride: batch * right, width: right, into: own + k * inner * right)
      }
      return
    }
    for row in 0..<rows {
      for k in 0..<batch {
        Product.multiplyTransposed(
          one + ((a.isConstant ? 0 : row) * batch + k) * left * inner, stride: inner,
          columns: inner, rows: left, dy + row * count + k * left * right, stride: right,
          width: right, into: own + ((b.isConstant ? 0 : row) * batch + k) * inner * right)
      }
    }
  }
}

extension Einsum.Side {
  /// From the order of the product back to that of the operand: writes `rows` rows, or adds the one
  /// that all rows share.
  func spread(
    _ taken: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>, rows: Int,
    free: UnsafeMutablePointer<Float>
  ) {
    var from = taken
    var free = free
    if summed > 1 {
      // What was summed has the gradient of the sum, all of it.
      let many = back == nil && !isConstant ? dx : free
      for i in 0..<rows * self.taken {
        (many + i * summed).update(repeating: taken[i], count: summed)
      }
      from = many
      if many == free { free += rows * given }
    }
    if isConstant {
      guard let back else { return Sums.add(from, to: dx, count: given) }
      back.run(from, sourceRow: given, free, rows: 1)
      Sums.add(free, to: dx, count: given)
    } else if let back {
      back.run(from, sourceRow: given, dx, rows: rows)
    } else if from != dx {
      dx.update(from: from, count: rows * given)
    }
  }
}
