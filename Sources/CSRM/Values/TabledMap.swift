import Tensors

/// A map whose words are levels with a float each.
protocol TabledMap: ValueMap {
  var table: LevelTable { get }
}

extension TabledMap {
  var span: LevelSpan? { table.span }
  var forms: [PlaneForm] { PlaneForm.holding(table.span) }

  func floats(
    of words: UnsafePointer<Int16>, _ elements: Range<Int>, into floats: UnsafeMutablePointer<Float>
  ) throws(Malformed) {
    try table.floats(of: words, count: elements.count, into: floats)
  }

  func nearest(
    to values: UnsafePointer<Double>, _ elements: Range<Int>,
    into words: UnsafeMutablePointer<Int16>
  ) {
    table.nearest(to: values, count: elements.count, into: words)
  }
}
