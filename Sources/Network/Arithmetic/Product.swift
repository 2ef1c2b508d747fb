/// Dense products of matrices, row-major.
enum Product {
  /// `c = a·b (+ c)`: a is `[rows][inner]`, b `[inner][columns]`, c `[rows][columns]`.
  static func multiply(
    _ a: UnsafePointer<Float>, rows: Int, _ b: UnsafePointer<Float>, inner: Int, columns: Int,
    into c: UnsafeMutablePointer<Float>, adding: Bool = false
  ) {
    for i in 0..<rows {
      let out = c + i * columns
      if !adding { out.update(repeating: 0, count: columns) }
      for k in 0..<inner {
        let value = a[i * inner + k]
        for j in 0..<columns { out[j] += value * b[k * columns + j] }
      }
    }
  }
}
