import JSON
import Keras

/// `x[:, 1:, None, ::2]` as configurations of Keras 2 and 3 write it.
struct SliceKey {
  private enum Entry {
    case index(Int)
    case range(start: Int?, stop: Int?, step: Int)
    case new
    case ellipsis
  }
  private let entries: [Entry]

  init(_ value: JSON.Value) throws(LayerFault) {
    var entries: [Entry] = []
    let list = LayerReading.list(value) ?? [value]
    for entry in list {
      if entry.isNull {
        entries.append(.new)
      } else if let index = LayerReading.size(entry) {
        entries.append(.index(index))
      } else if entry["class_name"] == "__ellipsis__" {
        entries.append(.ellipsis)
      } else if let range = entry["class_name"] == "__slice__" ? entry["config"] : entry,
        range.objectValue != nil
      {
        func bound(_ key: String) throws(LayerFault) -> Int? {
          guard let value = range[key], !value.isNull else { return nil }
          guard let number = LayerReading.size(value) else {
            throw .unsupported("a slice with \(value.shown)")
          }
          return number
        }
        let step = try bound("step") ?? 1
        guard step != 0 else { throw .bad("a slice has the step 0") }
        entries.append(.range(start: try bound("start"), stop: try bound("stop"), step: step))
      } else {
        throw .unsupported("an index \(entry.shown)")
      }
    }
    self.entries = entries
  }

  /// The shape of one row of what the key takes out of rows of `shape`, and where that lies in them.
  /// Throws where the batch is not taken as a whole, or an index is out of bounds.
  func apply(_ shape: [Int]) throws(LayerFault) -> (shape: [Int], copy: StridedCopy) {
    var keys = entries
    let used = keys.count {
      switch $0 {
      case .index, .range: true
      case .new, .ellipsis: false
      }
    }
    let dots = keys.indices.filter { if case .ellipsis = keys[$0] { true } else { false } }
    guard dots.count <= 1, used <= shape.count + 1 else {
      throw .bad("takes \(used) indices out of \(shape.count + 1) dimensions")
    }
    let whole = [Entry](
      repeating: .range(start: nil, stop: nil, step: 1), count: shape.count + 1 - used)
    if let place = dots.first {
      keys.replaceSubrange(place...place, with: whole)
    } else {
      keys += whole
    }
    guard case .range(let start, nil, 1)? = keys.first, start ?? 0 == 0 else {
      throw .unsupported("an index into the batch")
    }
    let strides = StridedCopy.strides(of: shape)
    var (result, sizes, steps, from): ([Int], [Int], [Int], Int) = ([], [], [], 0)
    var axis = 0
    for key in keys.dropFirst() {
      switch key {
      case .new:
        result.append(1)
        continue
      case .ellipsis: continue
      case .index(let index):
        let place = index < 0 ? index + shape[axis] : index
        guard (0..<shape[axis]).contains(place) else {
          throw .bad("index \(index) is out of \(shape[axis]) elements")
        }
        from += place * strides[axis]
      case .range(let start, let stop, let step):
        let (first, count) = Self.elements(start, stop, step, of: shape[axis])
        result.append(count)
        sizes.append(count)
        steps.append(step * strides[axis])
        if count > 0 { from += first * strides[axis] }
      }
      axis += 1
    }
    return (result, StridedCopy(sizes: sizes, steps: steps, start: from))
  }

  /// The elements that a key of one entry takes out of a list of `count`; the shape is empty for one
  /// element by its index.
  func places(in count: Int) throws(LayerFault) -> (shape: [Int], places: [Int]) {
    switch entries.count == 1 ? entries[0] : .ellipsis {
    case .index(let index):
      let place = index < 0 ? index + count : index
      guard (0..<count).contains(place) else {
        throw .bad("index \(index) is out of \(count) elements")
      }
      return ([], [place])
    case .range(let start, let stop, let step):
      let (first, number) = Self.elements(start, stop, step, of: count)
      return ([number], (0..<number).map { first + $0 * step })
    case .new, .ellipsis: throw .unsupported("such an index into a shape")
    }
  }

  /// The first element of a slice of `size`, and how many there are, as Python has them.
  static func elements(_ start: Int?, _ stop: Int?, _ step: Int, of size: Int) -> (Int, Int) {
    let (low, high) = step > 0 ? (0, size) : (-1, size - 1)
    func place(_ bound: Int) -> Int { min(max(bound < 0 ? bound + size : bound, low), high) }
    let first = start.map(place) ?? (step > 0 ? low : high)
    let last = stop.map(place) ?? (step > 0 ? high : low)
    let span = step > 0 ? last - first : first - last
    let stride = abs(step)
    return (first, span > 0 ? (span + stride - 1) / stride : 0)
  }
}
