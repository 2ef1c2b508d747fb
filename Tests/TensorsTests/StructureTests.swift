import Files
import Testing

@testable import Tensors

struct StructureTests {
  private func measure(_ numbers: [Double], _ shape: [Int], _ axes: KernelAxes) throws -> Structure
  {
    try Structure.measure(values(numbers), layout: KernelLayout(shape: shape, axes: axes))
  }

  /// Slice by slice, from the axes alone.
  private func expected(_ numbers: [Double], _ shape: [Int], _ axes: KernelAxes) -> Structure {
    func coordinates(_ index: Int) -> [Int] {
      var rest = index
      var result: [Int] = []
      for extent in shape.reversed() {
        result.insert(rest % extent, at: 0)
        rest /= extent
      }
      return result
    }
    var outputs: [[Int]: [Double]] = [:]
    var inputs: [[Int]: [Double]] = [:]
    var rows: [[Int]: [Double]] = [:]
    for (index, number) in numbers.enumerated() {
      let place = coordinates(index)
      outputs[Array(place[axes.output]), default: []].append(number)
      inputs[Array(place[axes.input]), default: []].append(number)
      var row = place
      row.removeSubrange(axes.output)
      rows[row, default: []].append(number)
    }
    func slices(_ all: [[Int]: [Double]]) -> Structure.Slices {
      .init(zero: all.values.count { $0.allSatisfy { $0 == 0 } }, count: all.count)
    }
    let compliance = Structure.patterns.map { pattern in
      var result = Structure.Compliance(pattern: pattern, compliant: 0, groups: 0)
      for column in outputs.values {
        for group in 0..<column.count / pattern.group {
          let part = column[group * pattern.group..<(group + 1) * pattern.group]
          result.groups += 1
          if part.count(where: { $0 != 0 }) <= pattern.kept { result.compliant += 1 }
        }
      }
      return result
    }
    return Structure(
      rows: slices(rows), filters: slices(outputs), channels: slices(inputs), compliance: compliance
    )
  }

  @Test(arguments: [
    ([8, 3], KernelAxes.standard(rank: 2)), ([17, 70], .standard(rank: 2)),
    ([64, 128], .standard(rank: 2)), ([3, 3, 4, 5], .standard(rank: 4)),
    ([3, 2, 6, 5], .transposed(rank: 4)), ([4, 70, 3], .transposed(rank: 3)),
    ([3, 3, 5, 2], .depthwise(rank: 4)), ([8, 2, 3], .projection(inputs: 1, rank: 3)),
    ([2, 4, 7], .projection(inputs: 2, rank: 3)), ([9], .standard(rank: 1)),
    ([], .standard(rank: 0)),
  ])
  func agreesWithTheAxes(shape: [Int], axes: KernelAxes) throws {
    var stream = Stream(state: 3)
    let count = shape.reduce(1, *)
    for zeros in [0.0, 0.5, 0.8, 0.97, 1] {
      let numbers = (0..<count).map { _ in
        Double.random(in: 0..<1, using: &stream) < zeros ? -0.0 : 1
      }
      #expect(try measure(numbers, shape, axes) == expected(numbers, shape, axes))
    }
  }

  @Test func manyRows() throws {
    var stream = Stream(state: 5)
    let numbers = (0..<3000 * 130).map { index -> Double in
      index / 130 % 100 == 7 || index % 130 == 64 || Int.random(in: 0..<2, using: &stream) == 0
        ? 0 : 1
    }
    let wanted = expected(numbers, [3000, 130], .standard(rank: 2))
    #expect(wanted.rows.zero == 30 && wanted.columns == .init(zero: 1, count: 130))
    try everyWay { (_, _) throws in
      #expect(try measure(numbers, [3000, 130], .standard(rank: 2)) == wanted)
    }
  }

  @Test func emptyKernels() throws {
    #expect(try measure([], [0, 3], .standard(rank: 2)).filters == .init(zero: 3, count: 3))
    #expect(try measure([], [3, 0], .standard(rank: 2)).rows == .init(zero: 3, count: 3))
  }

  @Test func patternsAreReadAndRefused() {
    #expect(NMPattern("2:4") == NMPattern(kept: 2, group: 4))
    #expect(NMPattern("2:4").map { "\($0)" } == "2:4")
    for text in ["", "2", "2:", ":4", "4:4", "0:4", "5:4", "1:2:4", "1:129", "-1:4", "a:b"] {
      #expect(NMPattern(text) == nil)
    }
  }

  @Test func layoutsOfKerasKernels() {
    let conv = KernelLayout(shape: [3, 3, 16, 32], axes: .standard(rank: 4))
    #expect(conv.rows == 144 && conv.outputs == 32 && conv.inputs == 16 && conv.after == 1)
    #expect(conv.input(of: 32) == 1 && conv.output(of: 33) == 1)
    let back = KernelLayout(shape: [3, 3, 32, 16], axes: .transposed(rank: 4))
    #expect(back.rows == 144 && back.outputs == 32 && back.inputs == 16 && back.after == 16)
    #expect(back.index(row: 17, output: 2) == (1 * 32 + 2) * 16 + 1)
    let depthwise = KernelLayout(shape: [3, 3, 8, 2], axes: .depthwise(rank: 4))
    #expect(depthwise.rows == 9 && depthwise.outputs == 16 && depthwise.inputs == 8)
    #expect(depthwise.input(of: 3) == 1 && depthwise.output(of: 3) == 3)
  }
}
