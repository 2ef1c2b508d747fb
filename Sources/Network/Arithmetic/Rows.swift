/// Simple work on rows of floats.
enum Rows {
  /// Adds `vector` (`width` floats) to every one of `rows` rows.
  static func add(
    _ vector: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    for row in 0..<rows {
      let out = y + row * width
      for i in 0..<width { out[i] += vector[i] }
    }
  }

  /// Copies `rows` rows of `width` floats to places that are `stride` floats apart.
  static func copy(
    _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, stride: Int, rows: Int, width: Int
  ) {
    for row in 0..<rows { (y + row * stride).update(from: x + row * width, count: width) }
  }
}
