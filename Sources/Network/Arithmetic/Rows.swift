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
}
