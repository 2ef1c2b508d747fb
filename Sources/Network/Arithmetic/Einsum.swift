/// A sum of products over named dimensions of two operands, as a product of matrices for each of the
/// dimensions that both operands and the result have.
///
/// Letters are the dimensions of one row. An operand that all rows share is given once.
struct Einsum {
  /// The dimensions of one row.
  struct Term {
    var letters: [Character]
    var isConstant = false
  }

  /// One row of the result.
  let shape: [Int]
  let batch: Int
  let left: Int
  let inner: Int
  let right: Int
  let a: Side
  let b: Side
  /// The result's dimensions from [batch][left][right], nil where they lie so anyway.
  let result: StridedCopy?
  /// The way back: from the order of the result.
  let resultBack: StridedCopy?
  let count: Int

  /// How an operand is brought into the order of the product: its dimensions in another order, then
  /// summed over what nothing else has.
  struct Side {
    /// Nil where they are in order.
    var copy: StridedCopy?
    /// The way back; nil where `copy` is.
    var back: StridedCopy?
    /// Numbers that are summed into one.
    var summed: Int
    /// Floats of one row as given, and as the product takes it.
    var given: Int
    var taken: Int
    var isConstant: Bool

    var scratch: Int { (copy == nil ? 0 : given) + (summed == 1 ? 0 : taken) }

    /// Where the operand lies in order; uses `scratch` floats a row of `memory`.
    func arranged(
      _ x: UnsafePointer<Float>, rows: Int, _ memory: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
      var (from, free) = (x, memory)
      if let copy {
        copy.run(x, sourceRow: given, memory, rows: rows)
        from = UnsafePointer(memory)
        free = memory + rows * given
      }
      guard summed > 1 else { return from }
      Reduction.sum.apply(from, free, rows: rows * taken, width: summed)
      return UnsafePointer(free)
    }
  }

  /// Throws where a letter has two sizes, comes twice in a term, or is in the result alone.
  init(
    _ first: Term, _ firstShape: [Int], _ second: Term, _ secondShape: [Int], result: [Character]
  ) throws(LayerFault) {
    var sizes: [Character: Int] = [:]
    for (term, shape) in [(first.letters, firstShape), (second.letters, secondShape)] {
      guard term.count == shape.count else {
        throw .bad("an operand of the shape \(Signal.text(shape)) for '\(String(term))'")
      }
      guard Set(term).count == term.count else {
        throw .unsupported("an equation with the diagonal '\(String(term))'")
      }
      for (letter, size) in zip(term, shape) {
        guard sizes[letter] ?? size == size else {
          throw .bad("'\(letter)' stands for \(sizes[letter] ?? 0) and for \(size)")
        }
        sizes[letter] = size
      }
    }
    guard Set(result).count == result.count, result.allSatisfy({ sizes[$0] != nil }) else {
      throw .bad("the equation's result '\(String(result))' has dimensions that nothing gives")
    }
    func size(_ letters: [Character]) throws(LayerFault) -> Int {
      guard let count = Plan.floats(of: letters.map { sizes[$0] ?? 1 }, 1) else {
        throw .bad("the product is too large to compute")
      }
      return count
    }
    let (one, two) = (first.letters, second.letters)
    let batches = result.filter { one.contains($0) && two.contains($0) }
    let inners = one.filter { two.contains($0) && !result.contains($0) }
    let lefts = result.filter { one.contains($0) && !two.contains($0) }
    let rights = result.filter { two.contains($0) && !one.contains($0) }
    let order = batches + lefts + rights
    shape = result.map { sizes[$0] ?? 1 }
    count = try size(result)
    (batch, left) = (try size(batches), try size(lefts))
    (inner, right) = (try size(inners), try size(rights))
    a = try Self.side(
      first, firstShape, batches + lefts + inners,
      summed: try size(one.filter { !two.contains($0) && !result.contains($0) }))
    b = try Self.side(
      second, secondShape, batches + inners + rights,
      summed: try size(two.filter { !one.contains($0) && !result.contains($0) }))
    self.result =
      order == result
      ? nil
      : .transposed(
        order.map { sizes[$0] ?? 1 }, result.map { letter in order.firstIndex(of: letter) ?? 0 })
    resultBack =
      order == result
      ? nil
      : .transposed(
        result.map { sizes[$0] ?? 1 }, order.map { letter in result.firstIndex(of: letter) ?? 0 })
  }

  private static func side(
    _ term: Term, _ shape: [Int], _ order: [Character], summed: Int
  ) throws(LayerFault) -> Side {
    let full = order + term.letters.filter { !order.contains($0) }
    guard let given = Plan.floats(of: shape, 1) else {
      throw .bad("the operand \(Signal.text(shape)) is too large to compute")
    }
    let places = full.map { letter in term.letters.firstIndex(of: letter) ?? 0 }
    let isOrdered = places == Array(shape.indices)
    return Side(
      copy: isOrdered ? nil : .transposed(shape, places),
      back: isOrdered
        ? nil
        : .transposed(
          places.map { shape[$0] }, shape.indices.map { places.firstIndex(of: $0) ?? 0 }),
      summed: summed, given: given, taken: summed == 0 ? 0 : given / summed,
      isConstant: term.isConstant)
  }

  /// Floats of scratch for a call on `rows` rows.
  func scratch(rows: Int) -> Int {
    (a.isConstant ? 1 : rows) * a.scratch + (b.isConstant ? 1 : rows) * b.scratch
      + (result == nil ? 0 : rows * count)
  }

  /// The dimensions of the second operand in the order in which the product takes it: one that is
  /// kept so needs no copy in each call.
  static func arrangement(
    of second: [Character], with first: [Character], result: [Character]
  ) -> [Character] {
    let order =
      result.filter { first.contains($0) && second.contains($0) }
      + first.filter { second.contains($0) && !result.contains($0) }
      + result.filter { second.contains($0) && !first.contains($0) }
    return order + second.filter { !order.contains($0) }
  }

  /// - Parameters:
  ///   - x: the first operand, `[rows][…]`, or one row of it where it is constant.
  ///   - w: the second one.
  ///   - y: `[rows][shape…]`
  func run(
    _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    rows: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    var free = scratch
    let one = a.arranged(x, rows: a.isConstant ? 1 : rows, free)
    free += (a.isConstant ? 1 : rows) * a.scratch
    let two = b.arranged(w, rows: b.isConstant ? 1 : rows, free)
    free += (b.isConstant ? 1 : rows) * b.scratch
    let out = result == nil ? y : free
    let (oneRow, twoRow) = (
      a.isConstant ? 0 : batch * left * inner, b.isConstant ? 0 : batch * inner * right
    )
    // One product a row, never of several: what comes out must not depend on the other rows.
    for row in 0..<rows {
      for k in 0..<batch {
        Product.multiply(
          one + row * oneRow + k * left * inner, rows: left,
          two + row * twoRow + k * inner * right, inner: inner, columns: right,
          into: out + row * count + k * left * right)
      }
    }
    result?.run(out, sourceRow: count, y, rows: rows)
  }

  // MARK: A second operand that stays

  /// One kernel for each of the dimensions that both operands and the result have, to be filled by
  /// `pack`.
  func kernels() -> [PackedKernel] {
    (0..<batch).map { _ in PackedKernel(inputs: inner, outputs: right) }
  }

  /// Takes a second operand whose dimensions are in the order of `arrangement`.
  func pack(_ w: UnsafePointer<Float>, into kernels: [PackedKernel]) {
    for (k, kernel) in kernels.enumerated() { kernel.pack(w + k * inner * right) }
  }

  func run(
    _ x: UnsafePointer<Float>, _ kernels: [PackedKernel], into y: UnsafeMutablePointer<Float>,
    rows: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let one = a.arranged(x, rows: rows, scratch)
    let out = result == nil ? y : scratch + rows * a.scratch
    if left == 1 || batch == 1 {
      for (k, kernel) in kernels.enumerated() {
        kernel.multiply(
          one + k * inner, stride: batch * inner, into: out + k * right, stride: batch * right,
          rows: rows * left)
      }
    } else {
      for row in 0..<rows {
        for (k, kernel) in kernels.enumerated() {
          kernel.multiply(
            one + (row * batch + k) * left * inner, stride: inner,
            into: out + (row * batch + k) * left * right, stride: right, rows: left)
        }
      }
    }
    result?.run(out, sourceRow: count, y, rows: rows)
  }

  /// Gives the rows of the first operand as the products with each kernel take them.
  func giveRows(
    _ x: UnsafePointer<Float>, rows: Int, scratch: UnsafeMutablePointer<Float>, to take: RowTaker
  ) {
    let one = a.arranged(x, rows: rows, scratch)
    for k in 0..<batch {
      if left == 1 || batch == 1 {
        take(one + k * inner, rows * left, batch * inner, k)
      } else {
        for row in 0..<rows { take(one + (row * batch + k) * left * inner, left, inner, k) }
      }
    }
  }
}
