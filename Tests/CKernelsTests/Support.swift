import CKernels
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Floats that end (or, where `atStart`, begin) at a page that may not be touched: a kernel that
/// reads or writes one number too far stops the test.
final class Floats {
  let count: Int
  let pointer: UnsafeMutablePointer<Float>
  private let mapping: UnsafeMutableRawPointer
  private let mappedBytes: Int

  init(count: Int, atStart: Bool = false) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes = count * 4
    let inside = (bytes + page - 1) / page * page
    mappedBytes = inside + 2 * page
    mapping = mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    precondition(mapping != MAP_FAILED)
    mprotect(mapping, page, PROT_NONE)
    mprotect(mapping + page + inside, page, PROT_NONE)
    let start = mapping + page + (atStart ? 0 : inside - bytes)
    pointer = start.bindMemory(to: Float.self, capacity: count)
    self.count = count
    // What was not written shows.
    for i in 0..<count { pointer[i] = .nan }
  }

  convenience init(_ values: [Float], atStart: Bool = false) {
    self.init(count: values.count, atStart: atStart)
    for i in 0..<count { pointer[i] = values[i] }
  }

  deinit { munmap(mapping, mappedBytes) }

  var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
  var bits: [UInt32] { values.map(\.bitPattern) }
}

/// A small stream of numbers that is the same on every machine.
struct Stream {
  var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ state >> 33) &* 0xff51_afd7_ed55_8ccd >> 16
  }
  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }
  mutating func pick<Value>(_ values: [Value]) -> Value { values[integer(0...values.count - 1)] }
  /// −1…1.
  mutating func float() -> Float { Float(integer(-1000...1000)) / 1000 + Float(next() % 97) / 1e5 }
  mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in float() } }
}

/// Runs `body` on this thread with every instruction set that the machine has.
func everyLevel(_ body: (_ level: Int32) throws -> Void) rethrows {
  defer { ck_limit_network_level(2) }
  for level in 0...ck_network_level() {
    ck_limit_network_level(level)
    try body(level)
  }
}

/// The largest of |found − expected| in units of `size`, a bound of each number's rounding.
func worst(_ found: [Float], _ expected: [Double], size: [Double]) -> Double {
  var worst = 0.0
  for i in 0..<expected.count {
    let error = abs(Double(found[i]) - expected[i]) / max(size[i], 1e-30)
    // A NaN, which is what was not written, is larger than anything.
    if !(error <= worst) { worst = error.isNaN ? .infinity : error }
  }
  return worst
}
