import JSON
import Keras

/// Dimensions as configurations count them: the batch is 0, and negative ones count from the end.
enum Axes {
  /// The dimension of one row that `axis` means, where rows have `rank`. The batch is none that a row
  /// could be worked along.
  static func place(_ axis: Int, rank: Int) throws(LayerFault) -> Int {
    let place = axis < 0 ? axis + rank + 1 : axis
    guard (0...rank).contains(place) else {
      throw .bad("axis \(axis) is none of an input with \(rank + 1) dimensions")
    }
    guard place > 0 else { throw .unsupported("work along the batch, which mixes samples,") }
    return place - 1
  }

  /// A number or a list of numbers: dimensions of one row, ascending, none twice.
  static func places(_ value: JSON.Value, rank: Int) throws(LayerFault) -> [Int] {
    let list = LayerReading.list(value) ?? [value]
    var places: [Int] = []
    for entry in list {
      guard let axis = LayerReading.size(entry) else {
        throw .bad("axis is \(value.shown), not a dimension or a list of them")
      }
      places.append(try place(axis, rank: rank))
    }
    guard Set(places).count == places.count else {
      throw .bad("axis \(value.shown) names one twice")
    }
    return places.sorted()
  }
}
