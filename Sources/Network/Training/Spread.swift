/// The way back of broadcasting: what stood for many gets the sum of their gradients.
enum Spread {
  /// Writes to every row of `result`, `[rows][own…]`, the sums of `gradient`, `[rows][whole…]`, over
  /// the dimensions that `own` has not, or has of size 1.
  static func addUp(
    _ gradient: UnsafePointer<Float>, shape whole: [Int], into result: UnsafeMutablePointer<Float>,
    shape own: [Int], rows: Int
  ) {
    let count = own.reduce(1, *)
    result.update(repeating: 0, count: rows * count)
    forEach(whole, own) { from, to, step, length in
      for row in 0..<rows {
        let source = gradient + row * whole.reduce(1, *) + from
        let target = result + row * count + to
        for i in 0..<length { target[i * step] += source[i] }
      }
    }
  }

  /// Calls `work` for every line along the last dimension of `whole`.
  private static func forEach(
    _ whole: [Int], _ own: [Int],
    _ work: (_ from: Int, _ to: Int, _ step: Int, _ length: Int) -> Void
  ) {
    let padded = [Int](repeating: 1, count: max(0, whole.count - own.count)) + own
    guard let length = whole.last else { return work(0, 0, 0, 1) }
    var steps = [Int](repeating: 0, count: whole.count)
    var step = 1
    for i in whole.indices.reversed() {
      steps[i] = padded[i] == 1 ? 0 : step
      step *= padded[i]
    }
    let lines = whole.dropLast().reduce(1, *)
    for line in 0..<lines {
      var (rest, to) = (line, 0)
      for i in whole.indices.dropLast().reversed() {
        to += rest % whole[i] * steps[i]
        rest /= whole[i]
      }
      work(line * length, to, steps[whole.count - 1], length)
    }
  }
}
