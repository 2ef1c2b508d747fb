import Files
import Parallel
import Pruning
import Tensors

/// A candidate of the given numbers, one axis unless told otherwise.
func candidate(
  _ name: String, _ numbers: [Double], shape: [Int]? = nil, as type: ElementType = .float32,
  axes: KernelAxes? = nil, neighbours: Neighbours? = nil
) -> Candidate {
  Candidate(
    kernel(name, numbers, shape: shape ?? [numbers.count], as: type, axes: axes),
    neighbours: neighbours)
}

func kernel(
  _ name: String, _ numbers: [Double], shape: [Int], as type: ElementType = .float32,
  axes: KernelAxes? = nil
) -> Kernel {
  Kernel(
    name: name, shape: shape, type: type, source: MemoryBytes(bytes(numbers, as: type)), axes: axes)
}

func bytes(_ numbers: [Double], as type: ElementType) -> [UInt8] {
  switch type.kind {
  case .float16: stored(numbers.map { Float16($0).bitPattern }, type)
  case .bfloat16: stored(numbers.map { UInt16(Float($0).bitPattern >> 16) }, type)
  case .float64: stored(numbers.map { $0.bitPattern }, type)
  default: stored(numbers.map { Float($0).bitPattern }, type)
  }
}

private func stored<Word: FixedWidthInteger>(_ words: [Word], _ type: ElementType) -> [UInt8] {
  let ordered = type.isBigEndian ? words.map(\.bigEndian) : words.map(\.littleEndian)
  return ordered.withUnsafeBytes { Array($0) }
}

/// Rows of a matrix written with rows = outputs, as a Keras Dense kernel `[in, out]`.
func dense(
  _ name: String, rows: [[Double]], neighbours: Neighbours? = nil
) -> Candidate {
  let (outputs, inputs) = (rows.count, rows[0].count)
  let numbers = (0..<inputs).flatMap { input in (0..<outputs).map { rows[$0][input] } }
  return candidate(
    name, numbers, shape: [inputs, outputs], as: .float64, neighbours: neighbours)
}

extension Mask {
  /// The indices of what is pruned.
  var prunedIndices: [Int] { (0..<count).filter { !self[$0] } }
}

extension PruneResult {
  var prunedIndices: [[Int]] { masks.map(\.prunedIndices) }
}

/// Runs `body` with 1 and with 3 threads.
func withThreads(_ body: () throws -> Void) rethrows {
  defer { Parallel.threads = 0 }
  for threads in [1, 3] {
    Parallel.threads = threads
    try body()
  }
}

/// A small stream of numbers that is the same on every machine.
struct Stream: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ state >> 33) &* 0xff51_afd7_ed55_8ccd
  }
}

/// What a sort over everything makes of it, weight by weight in the order (|w|, tensor, index), each
/// pruned unless its tensor has its limit.
func slowly(_ tensors: [[Double]], count: Int, limits: [Int]? = nil) -> [[Int]] {
  let order = tensors.indices.flatMap { t in tensors[t].indices.map { (t, $0) } }.sorted { a, b in
    (tensors[a.0][a.1].magnitude, a.0, a.1) < (tensors[b.0][b.1].magnitude, b.0, b.1)
  }
  var pruned = tensors.map { _ in [Int]() }
  var left = count
  for (tensor, index) in order {
    let isZero = tensors[tensor][index] == 0
    if !isZero, left <= 0 { continue }
    if !isZero, let limits, pruned[tensor].count >= limits[tensor] { continue }
    pruned[tensor].append(index)
    left -= 1
  }
  return pruned.map { $0.sorted() }
}
