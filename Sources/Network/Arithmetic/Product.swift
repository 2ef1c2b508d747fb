import COpenBLAS

/// Dense products of matrices, row-major, by OpenBLAS on the calling thread.
enum Product {
  /// Loads the library, once. Throws `NetworkError.noLibrary` where it cannot be.
  static func load() throws(NetworkError) {
    if let fault = ob_load() { throw .noLibrary(what: String(cString: fault)) }
  }

  /// `c = a·b (+ c)`: a is `[rows][inner]`, b `[inner][columns]`, c `[rows][columns]`.
  static func multiply(
    _ a: UnsafePointer<Float>, rows: Int, _ b: UnsafePointer<Float>, inner: Int, columns: Int,
    into c: UnsafeMutablePointer<Float>, adding: Bool = false
  ) {
    multiply(
      a, stride: inner, rows: rows, b, stride: columns, inner: inner, columns: columns, into: c,
      stride: columns, adding: adding)
  }

  /// The same with rows that lie `stride` floats apart, b perhaps stored as `[columns][inner]`, and
  /// the product times `scale`.
  static func multiply(
    _ a: UnsafePointer<Float>, stride aStride: Int, rows: Int, _ b: UnsafePointer<Float>,
    stride bStride: Int, isTransposed: Bool = false, inner: Int, columns: Int,
    into c: UnsafeMutablePointer<Float>, stride cStride: Int, scale: Float = 1,
    adding: Bool = false
  ) {
    guard rows > 0, columns > 0 else { return }
    guard inner > 0 else {
      if !adding {
        for row in 0..<rows { (c + row * cStride).update(repeating: 0, count: columns) }
      }
      return
    }
    ob_sgemm(
      false, isTransposed, Int32(rows), Int32(columns), Int32(inner), scale, a, Int32(aStride), b,
      Int32(bStride), adding ? 1 : 0, c, Int32(cStride))
  }

  /// `c += aᵀ·b`: a is `[rows][columns]`, b `[rows][width]`, c `[columns][width]`, rows lying as far
  /// apart as the strides say.
  static func multiplyTransposed(
    _ a: UnsafePointer<Float>, stride aStride: Int, columns: Int, rows: Int,
    _ b: UnsafePointer<Float>, stride bStride: Int, width: Int,
    into c: UnsafeMutablePointer<Float>, resultStride: Int? = nil
  ) {
    guard rows > 0, columns > 0, width > 0 else { return }
    ob_sgemm(
      true, false, Int32(columns), Int32(width), Int32(rows), 1, a, Int32(aStride), b,
      Int32(bStride), 1, c, Int32(resultStride ?? width))
  }
}
