import Testing

@testable import Network

struct BroadcastTests {
  /// Every shape of up to three dimensions of 1, 2 or 3.
  static let shapes: [[Int]] = {
    var all: [[Int]] = [[]]
    for rank in 1...3 {
      for code in 0..<[1, 3, 9, 27][rank] {
        all.append((0..<rank).map { code / [1, 3, 9][$0] % 3 + 1 })
      }
    }
    return all
  }()

  /// By the rule itself: element by element, dimensions from the right, 1 for any.
  func expected(
    _ a: [Float], _ left: Broadcast.Operand, _ b: [Float], _ right: Broadcast.Operand,
    _ shape: [Int], rows: Int, _ f: (Float, Float) -> Float
  ) -> [Float] {
    func place(_ operand: Broadcast.Operand, _ row: Int, _ index: [Int]) -> Int {
      var place = operand.isConstant ? 0 : row
      for (size, i) in zip(operand.shape, index.suffix(operand.shape.count)) {
        place = place * size + (size == 1 ? 0 : i)
      }
      return place
    }
    let count = shape.reduce(1, *)
    return (0..<rows * count).map { i in
      var rest = i % count
      let index = shape.reversed().map { size in
        defer { rest /= size }
        return rest % size
      }.reversed()
      return f(
        a[place(left, i / count, Array(index))], b[place(right, i / count, Array(index))])
    }
  }

  @Test(arguments: [false, true], [false, true])
  func everyPairOfShapes(leftIsConstant: Bool, rightIsConstant: Bool) throws {
    let rows = 2
    for left in Self.shapes {
      for right in Self.shapes {
        let (one, two) = (
          Broadcast.Operand(shape: left, isConstant: leftIsConstant),
          Broadcast.Operand(shape: right, isConstant: rightIsConstant)
        )
        let rank = max(left.count, right.count)
        let padded = [left, right].map { [Int](repeating: 1, count: rank - $0.count) + $0 }
        guard zip(padded[0], padded[1]).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else {
          #expect(throws: LayerFault.self) { try Broadcast([one, two]) }
          continue
        }
        let plan = try Broadcast([one, two])
        #expect(plan.shape == zip(padded[0], padded[1]).map(max))
        let a = wave([rows] + left).values
        let b = wave([rows] + right, seed: 9).values
        // One function that kernels know and one that they do not.
        for (operation, f) in [
          (Elementwise.subtract, { $0 - $1 }), (.less, { $0 < $1 ? 1 : 0 }),
        ] as [(Elementwise, (Float, Float) -> Float)] {
          var y = [Float](repeating: .nan, count: rows * plan.shape.reduce(1, *))
          y.withUnsafeMutableBufferPointer { y in
            guard let to = y.baseAddress else { return }
            plan.combine(operation, a, b, into: to, rows: rows)
          }
          let wanted = expected(a, one, b, two, plan.shape, rows: rows, f)
          #expect(y == wanted, "\(operation) of \(left) and \(right)")
        }
      }
    }
  }
}
