import Files
import Testing

@testable import Tensors

struct TensorDifferenceTests {
  private func values(_ numbers: [Float]) -> TensorValues {
    TensorValues(MemoryBytes(numbers.withUnsafeBytes { [UInt8]($0) }), type: .float32)
  }

  @Test func measuresWhatChanged() throws {
    let d = try TensorDifference.measure(values([1, 2, 3, .nan]), values([1, 0, 6, .nan]))
    #expect(d.changed == 2)
    #expect(d.largest == 3)
    #expect(d.rootMeanSquare == (13.0 / 3).squareRoot())
  }

  @Test func tellsTheZerosApart() throws {
    let d = try TensorDifference.measure(values([0, 1]), values([-0.0, 1]))
    #expect(d == TensorDifference(changed: 1, largest: 0, rootMeanSquare: 0))
  }

  @Test func equalTensorsDoNotDiffer() throws {
    let d = try TensorDifference.measure(values([1, -2]), values([1, -2]))
    #expect(d == TensorDifference(changed: 0, largest: 0, rootMeanSquare: 0))
    #expect(try TensorDifference.measure(values([]), values([])) == TensorDifference())
  }

  @Test func comparesAcrossTypes() throws {
    let doubles = [1.0, -0.0, 3.5]
    let other = TensorValues(MemoryBytes(doubles.withUnsafeBytes { [UInt8]($0) }), type: .float64)
    let d = try TensorDifference.measure(values([1, 0, 3]), other)
    #expect(d.changed == 2)
    #expect(d.largest == 0.5)
  }
}
