import Files
import Tensors
import Testing

/// Elements written anew in a tensor's own type, and all others left alone.
struct ReplacingTests {
  private func replaced(_ numbers: [Double], as type: ElementType, with floats: [Float]) throws
    -> [Double]
  {
    let source = MemoryBytes(bytes(numbers, as: type))
    let new = try TensorValues(source, type: type).replacing(with: floats)
    return try TensorValues(MemoryBytes(new), type: type).doubles()
  }

  @Test(arguments: [
    ElementType.float16, .bfloat16, .float32, .float64, ElementType(.float16, bigEndian: true),
    ElementType(.float32, bigEndian: true), ElementType(.float64, bigEndian: true),
  ])
  func everyTypeAndByteOrder(type: ElementType) throws {
    #expect(
      try replaced([1, 2, -3, 0.5], as: type, with: [1, -0.25, 8, 0.5]) == [1, -0.25, 8, 0.5])
  }

  @Test func whatFloatsSayAlreadyStaysToTheLastBit() throws {
    // No float is a tenth: the doubles that are meant stay.
    let found = try replaced([0.1, 0.2], as: .float64, with: [Float(0.1), 0.3])
    #expect(found == [0.1, Double(Float(0.3))])
    let zeros = try replaced([-0.0, 0], as: .float32, with: [0, 0])
    #expect(zeros[0].sign == .minus)
  }

  @Test func roundingNeverPrunesAndNeverOverflows() throws {
    #expect(try replaced([1, 1, 1], as: .float16, with: [1e-9, 1e9, -1e9]) == [1, 65504, -65504])
    let most = Double(Float(bitPattern: 0x7f7f_0000))
    #expect(
      try replaced(
        [1, 1, 1], as: .bfloat16,
        with: [.leastNonzeroMagnitude, .greatestFiniteMagnitude, 1.005859375])
        == [1, most, 1.0078125])
    // Ties to even, either way.
    #expect(try replaced([0, 0], as: .bfloat16, with: [1.00390625, 1.01171875]) == [1, 1.015625])
    #expect(try replaced([1, 2], as: .float32, with: [.nan, .infinity]) == [1, 2])
  }
}
