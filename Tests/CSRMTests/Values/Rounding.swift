import Files
import Tensors

@testable import CSRM

/// Tensors to round, and what became of them.
enum Rounding {
  static func bytes(_ floats: [Float], _ type: ElementType = .float32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: floats.count * type.size)
    bytes.withUnsafeMutableBytes { out in
      floats.withUnsafeBufferPointer { type.store($0, into: out) }
    }
    return bytes
  }

  static func input(
    _ floats: [Float], _ shape: [Int]? = nil, _ type: ElementType = .float32
  ) -> RoundingInput {
    RoundingInput(
      file: "m.h5", name: "dense/kernel",
      values: TensorValues(MemoryBytes(bytes(floats, type)), type: type),
      shape: shape ?? [floats.count])
  }

  static func input(doubles: [Double]) -> RoundingInput {
    let bytes = doubles.withUnsafeBytes { [UInt8]($0) }
    return RoundingInput(
      file: "m.h5", name: "dense/kernel",
      values: TensorValues(MemoryBytes(bytes), type: .float64), shape: [doubles.count])
  }

  static func words(_ rounded: RoundedValues) throws -> [Int] {
    try rounded.withWords(0..<rounded.count / rounded.type.size) { $0.map { Int($0) } }
  }

  static func floats(_ rounded: RoundedValues) throws -> [Float] {
    try rounded.values.doubles().map { Float($0) }
  }

  /// 60 weights, a third of them zero, some three times as large: the ones of the Python check.
  static let weights: [Float] = (0..<60).map { (i: Int) -> Float in
    if i % 3 == 0 { return 0 }
    let weight = Float((i * 37) % 101 - 50) / 64
    return i % 7 == 0 ? 3 * weight : weight
  }

  /// Weights of either sign below 0.5, one in so many of them not zero.
  static func random(_ count: Int, oneIn sparsity: UInt64, _ random: inout Sequence64) -> [Float] {
    var floats: [Float] = []
    for _ in 0..<count {
      let isSet = random.next() % sparsity == 0
      let bits = Int64(bitPattern: random.next()) >> 40
      floats.append(isSet ? Float(bits) * 0x1p-24 : 0)
    }
    return floats
  }

  static let everyWay: [any ValueRounding] = [
    HalfValues(), Bfloat16Values(), Int8Values(), Codebook(size: 2), Codebook(size: 16),
    Codebook(size: 256), RateDistortion(lambda: 0), RateDistortion(lambda: 0.2),
  ]
}
