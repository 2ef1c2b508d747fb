import CKernels
import Files
import Parallel
import Tensors

/// Numbers as a tensor of `type` would store them.
func values(_ numbers: [Double], as type: ElementType = .float32) -> TensorValues {
  TensorValues(MemoryBytes(bytes(numbers, as: type)), type: type)
}

func bytes(_ numbers: [Double], as type: ElementType) -> [UInt8] {
  switch type.kind {
  case .float16: stored(numbers.map { Float16($0).bitPattern }, type)
  case .bfloat16: stored(numbers.map { UInt16(Float($0).bitPattern >> 16) }, type)
  case .float32: stored(numbers.map { Float($0).bitPattern }, type)
  case .float64: stored(numbers.map { $0.bitPattern }, type)
  case .int8, .bool: stored(numbers.map { Int8($0) }, type)
  case .int16: stored(numbers.map { Int16($0) }, type)
  case .int32: stored(numbers.map { Int32($0) }, type)
  case .int64: stored(numbers.map { Int64($0) }, type)
  case .uint8: stored(numbers.map { UInt8($0) }, type)
  case .uint16: stored(numbers.map { UInt16($0) }, type)
  case .uint32: stored(numbers.map { UInt32($0) }, type)
  case .uint64: stored(numbers.map { UInt64($0) }, type)
  case .opaque: []
  }
}

private func stored<Word: FixedWidthInteger>(_ words: [Word], _ type: ElementType) -> [UInt8] {
  let ordered = type.isBigEndian ? words.map(\.bigEndian) : words.map(\.littleEndian)
  return ordered.withUnsafeBytes { Array($0) }
}

/// Runs `body` with the kernels of every instruction set that this machine has, 1 and 3 threads.
func everyWay(_ body: (_ level: Int32, _ threads: Int) throws -> Void) rethrows {
  defer {
    ck_limit_level(2)
    Parallel.threads = 0
  }
  for level: Int32 in [0, 1, 2] {
    for threads in [1, 3] {
      ck_limit_level(level)
      Parallel.threads = threads
      try body(level, threads)
    }
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
