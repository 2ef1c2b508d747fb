import CKernels

/// How several values are gone through together, each dimension of size 1 standing for as many as
/// the others have (NumPy's broadcasting).
struct Broadcast {
  /// One row of the result.
  let shape: [Int]
  /// By dimension that is left when those that run on into the next are taken together: its size,
  /// and the step of every operand, 0 where it stays. The first is that of rows.
  private let sizes: [Int]
  private let steps: [[Int]]
  /// Floats of a row of each operand, 0 for one that all rows share.
  private let rowSteps: [Int]

  struct Operand {
    /// One row.
    var shape: [Int]
    /// Whether all rows share the one row.
    var isConstant = false
  }

  /// Throws where dimensions differ and none is 1.
  init(_ operands: [Operand]) throws(LayerFault) {
    let rank = operands.map(\.shape.count).max() ?? 0
    let padded = operands.map { [Int](repeating: 1, count: rank - $0.shape.count) + $0.shape }
    var shape = [Int](repeating: 1, count: rank)
    for axis in 0..<rank {
      for size in padded.map({ $0[axis] }) where size != 1 {
        guard shape[axis] == 1 || shape[axis] == size else {
          throw .bad(
            "the shapes \(operands.map { Signal.text($0.shape) }.joined(separator: " and ")) do not go together"
          )
        }
        shape[axis] = size
      }
    }
    self.shape = shape
    let rowSteps = operands.map { $0.isConstant ? 0 : $0.shape.reduce(1, *) }
    self.rowSteps = rowSteps
    var sizes: [Int] = []
    var steps: [[Int]] = []
    let strides = padded.map { own in
      zip(own, StridedCopy.strides(of: own)).map { $0 == 1 ? 0 : $1 }
    }
    for axis in 0..<rank where shape[axis] != 1 {
      let own = strides.map { $0[axis] }
      if let last = steps.last, zip(last, own).allSatisfy({ $0 == $1 * shape[axis] }) {
        sizes[sizes.count - 1] *= shape[axis]
        steps[steps.count - 1] = own
      } else {
        sizes.append(shape[axis])
        steps.append(own)
      }
    }
    if sizes.isEmpty {
      sizes = [1]
      steps = [operands.map { $0.isConstant ? 0 : 1 }]
    }
    self.sizes = sizes
    self.steps = steps
    // Rows follow one another as the outermost dimension does where every operand is whole.
    let (size, step) = (sizes[0], steps[0])
    runsOn = sizes.count == 1 && zip(rowSteps, step).allSatisfy { $0 == $1 * size }
  }

  /// Whether all rows are one run.
  private let runsOn: Bool

  /// The shape in which Keras 3 on TensorFlow adds an array to rows of `shape`: one that has a single
  /// dimension but for those of 1 is taken for a bias of the last dimension if it is as long as that,
  /// else of the first, whatever the rules of broadcasting say
  /// (`keras/src/backend/tensorflow/numpy.py`, `add`).
  static func added(_ array: [Int], to shape: [Int]) -> [Int] {
    let long = array.filter { $0 > 1 }
    guard long.count == 1, let first = shape.first, let last = shape.last else { return array }
    if long[0] == last { return long }
    return long[0] == first ? long + [Int](repeating: 1, count: shape.count - 1) : array
  }

  /// Calls `work` for every run of neighbours in the result: where each operand's part begins
  /// (floats from its first row), their steps, where the result's begins, and how many there are.
  func forEach(
    rows: Int,
    _ work: (UnsafePointer<Int>, UnsafePointer<Int>, Int, Int) -> Void
  ) {
    let last = sizes.count - 1
    steps[last].withUnsafeBufferPointer { inner in
      guard let inner = inner.baseAddress else { return }
      if runsOn {
        let zeros = [Int](repeating: 0, count: rowSteps.count)
        return zeros.withUnsafeBufferPointer { zeros in
          if let zeros = zeros.baseAddress, rows > 0 { work(zeros, inner, 0, rows * sizes[last]) }
        }
      }
      walk(rows: rows, leaving: 1) { offsets, at in work(offsets, inner, at, sizes[last]) }
    }
  }

  /// Goes through all dimensions but the last `inner` ones: where each operand's part begins, and
  /// where the result's does.
  private func walk(rows: Int, leaving inner: Int, _ work: (UnsafePointer<Int>, Int) -> Void) {
    let outer = sizes.count - inner
    let run = sizes[outer...].reduce(1, *)
    let runs = sizes[..<outer].reduce(1, *)
    guard run > 0 else { return }
    let operands = rowSteps.count
    withUnsafeTemporaryAllocation(of: Int.self, capacity: operands + sizes.count) { memory in
      memory.initialize(repeating: 0)
      guard let offsets = memory.baseAddress else { return }
      let index = offsets + operands
      for row in 0..<rows {
        for k in 0..<operands { offsets[k] = row * rowSteps[k] }
        for place in 0..<runs {
          work(offsets, (row * runs + place) * run)
          var axis = outer - 1
          while axis >= 0 {
            index[axis] += 1
            for k in 0..<operands { offsets[k] += steps[axis][k] }
            if index[axis] < sizes[axis] { break }
            for k in 0..<operands { offsets[k] -= steps[axis][k] * sizes[axis] }
            index[axis] = 0
            axis -= 1
          }
        }
      }
    }
  }

  /// `y = a ∘ b` for a plan of two operands; `y` may be one that is as large as the result.
  func combine(
    _ operation: Elementwise, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, rows: Int
  ) {
    guard let code = operation.kernel, let plane = plane(rows: rows) else {
      return forEach(rows: rows) { offsets, steps, at, count in
        operation.apply(a + offsets[0], steps[0], b + offsets[1], steps[1], y + at, count)
      }
    }
    func run(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>)
    {
      let (whole, other) = plane.isReversed ? (b, a) : (a, b)
      let width = sizes[sizes.count - 1]
      if plane.isColumn {
        ck_combine_column(code, plane.isReversed, whole, other, y, plane.height, width)
      } else {
        ck_combine_row(code, plane.isReversed, whole, other, y, plane.height, width)
      }
    }
    if sizes.count == 1 { return run(a, b, y) }
    walk(rows: rows, leaving: 2) { offsets, at in run(a + offsets[0], b + offsets[1], y + at) }
  }

  /// The last dimension and the one around it (the rows, where there is none) as lines of one operand
  /// with a line, or with a number for each, of the other; nil where they are nothing of the kind.
  private func plane(rows: Int) -> (height: Int, isColumn: Bool, isReversed: Bool)? {
    guard !runsOn else { return nil }
    let last = sizes.count - 1
    let (width, inner) = (sizes[last], steps[last])
    let outer = last > 0 ? steps[last - 1] : rowSteps
    let height = last > 0 ? sizes[last - 1] : rows
    for (whole, other) in [(0, 1), (1, 0)] where inner[whole] == 1 && outer[whole] == width {
      if inner[other] == 1 && outer[other] == 0 { return (height, false, whole == 1) }
      if inner[other] == 0 && outer[other] == 1 { return (height, true, whole == 1) }
    }
    return nil
  }
}
