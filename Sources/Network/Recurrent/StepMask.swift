/// What a mask does to the steps of a recurrent layer.
///
/// Mostly there is a mask for every row and time step; a mask with more dimensions (images over time)
/// covers parts of a row by themselves.
struct StepMask {
  private let mask: UnsafePointer<Float>
  private let steps: Int
  let rows: Int
  /// Parts of a row that have masks of their own, and floats of the state in each.
  let parts: Int
  let width: Int
  private let states: Int
  /// What the states were before the step, for masked rows.
  private let kept: UnsafeMutablePointer<Float>
  /// What the layer gave last, `[rows][units]`.
  let shown: UnsafeMutablePointer<Float>

  init(
    _ mask: UnsafePointer<Float>, shape: [Int], rows: Int, units: Int, states: Int,
    kept: UnsafeMutablePointer<Float>, shown: UnsafeMutablePointer<Float>
  ) {
    self.mask = mask
    self.rows = rows
    self.states = states
    self.kept = kept
    self.shown = shown
    steps = shape[0]
    parts = max(1, shape.dropFirst().reduce(1, *))
    width = units / parts
    shown.update(repeating: 0, count: rows * units)
  }

  func counts(_ part: Int, at time: Int) -> Bool {
    mask[(part / parts * steps + time) * parts + part % parts] != 0
  }

  /// Whether any part of a row is not masked at `time`.
  func counts(row: Int, at time: Int) -> Bool {
    (row * parts..<(row + 1) * parts).contains { counts($0, at: time) }
  }

  /// Keeps what masked rows have before the step at `time`. Returns whether any row is not masked.
  func keep(_ values: UnsafePointer<Float>, time: Int) -> Bool {
    var isAnything = false
    for part in 0..<rows * parts {
      if counts(part, at: time) {
        isAnything = true
      } else {
        copy(values, to: kept, part)
      }
    }
    return isAnything
  }

  /// Gives it back to them after the step. What rows that are not masked have now is what the layer
  /// gives; with `showing`, for all rows.
  func restore(_ values: UnsafeMutablePointer<Float>, time: Int, showing: Bool) {
    for part in 0..<rows * parts {
      let isMasked = !counts(part, at: time)
      if isMasked { copy(kept, to: values, part) }
      if !isMasked || showing {
        (shown + part * width).update(from: values + part * width, count: width)
      }
    }
  }

  /// Writes what the layer gives now to rows of `y` that are `stride` floats apart. Where `zeroing` is
  /// a time, what is masked at it becomes zero.
  func show(in y: UnsafeMutablePointer<Float>, stride: Int, zeroing: Int?) {
    for part in 0..<rows * parts {
      let place = y + part / parts * stride + part % parts * width
      if let zeroing, !counts(part, at: zeroing) {
        place.update(repeating: 0, count: width)
      } else {
        place.update(from: shown + part * width, count: width)
      }
    }
  }

  private func copy(
    _ from: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ part: Int
  ) {
    for state in 0..<states {
      let place = (state * rows * parts + part) * width
      (target + place).update(from: from + place, count: width)
    }
  }
}
