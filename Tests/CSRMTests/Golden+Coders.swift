import Documents
import Files
import Tensors

@testable import CSRM

/// What the golden files of the entropy coders hold.
extension Golden {
  /// A tensor of floats for each form that encoding 3 gives its mask, signs and mantissas.
  static func floats() -> Container {
    func dataset(
      _ type: ElementType, _ shape: [Int], _ values: StaticTests.Values, oneIn sparsity: UInt64,
      isKept: (Int) -> Bool = { _ in true }
    ) -> Dataset {
      let count = shape.reduce(1, *)
      var bytes = StaticTests.bytes(count, type, values, oneIn: sparsity, seed: UInt64(count))
      for index in (0..<count * type.size) where !isKept(index / type.size) { bytes[index] = 0 }
      return Models.dataset(type, shape, MemoryBytes(bytes))
    }
    let half = ElementType(.float16, bigEndian: true)
    return Models.container([
      ("dense", dataset(.float32, [40, 5], .init(exponents: 1), oneIn: 1)),
      ("positive", dataset(.float32, [40, 5], .init(signs: 0...0, exponents: 20), oneIn: 3)),
      ("negative", dataset(.bfloat16, [25, 10], .init(signs: 1...1), oneIn: 2)),
      ("truncated", dataset(.float32, [21, 9], .init(trailing: 16), oneIn: 2)),
      ("big-endian", dataset(half, [30, 8], .init(), oneIn: 2)),
      ("double", dataset(.float64, [10, 15], .init(), oneIn: 2)),
      // Whole rows that are there or not: a mask of bytes.
      ("rows", dataset(half, [36, 64], .init(), oneIn: 1) { $0 / 64 % 9 == 0 }),
      // One in 301: a mask of gaps, some of them over 255.
      ("gaps", dataset(.bfloat16, [38, 129], .init(), oneIn: 1) { $0 % 301 == 77 }),
      ("last-block-empty", dataset(.float32, [21, 40], .init(), oneIn: 2) { $0 < 700 }),
    ])
  }

  /// Floats in one encoding.
  static func coded(_ coder: any FloatCoding, rows: Int) -> PackOptions {
    var options = PackOptions()
    options.forced = coder
    options.blockRows = rows
    return options
  }

  /// Tensors of every rank, -0.0 among them and not, in blocks of 20 rows.
  static func learned() -> Container {
    func dataset(
      _ type: ElementType, _ shape: [Int], _ values: StaticTests.Values, oneIn sparsity: UInt64,
      negativeZeros: Bool = false
    ) -> Dataset {
      let count = shape.reduce(1, *)
      var bytes = StaticTests.bytes(count, type, values, oneIn: sparsity, seed: UInt64(count))
      if negativeZeros {
        for element in stride(from: 3, to: count, by: 5) {
          for byte in 0..<type.size { bytes[element * type.size + byte] = 0 }
          bytes[(element + 1) * type.size - 1] = 0x80
        }
      }
      return Models.dataset(type, shape, MemoryBytes(bytes))
    }
    // Rows that are alike five apart.
    var banded = StaticTests.bytes(75 * 8, .float32, .init(exponents: 3), oneIn: 1, seed: 5)
    for row in 0..<75 where row % 5 != 2 {
      for byte in row * 32 + 4 * (row % 3)..<(row + 1) * 32 { banded[byte] = 0 }
    }
    let half = ElementType(.float16, bigEndian: true)
    return Models.container([
      ("vector", dataset(.float32, [90], .init(exponents: 5), oneIn: 2)),
      ("matrix", dataset(.float32, [30, 9], .init(exponents: 6), oneIn: 4)),
      ("banded", Models.dataset(.float32, [75, 8], MemoryBytes(banded))),
      ("dense", dataset(.bfloat16, [21, 6], .init(exponents: 40), oneIn: 1)),
      ("double", dataset(.float64, [5, 3, 7], .init(trailing: 20, exponents: 3), oneIn: 2)),
      ("kernel", dataset(half, [3, 3, 5, 6], .init(exponents: 4), oneIn: 3)),
      ("negative-zeros", dataset(.float32, [25, 8], .init(exponents: 4), oneIn: 6, negativeZeros: true)),
    ])
  }

  /// Vectors of two types that are coded together, and what is not.
  static func vectors() -> Container {
    func floats(_ type: ElementType, _ shape: [Int], _ seed: UInt64) -> Dataset {
      let count = shape.reduce(1, *)
      return Models.dataset(
        type, shape,
        MemoryBytes(StaticTests.bytes(count, type, .init(exponents: 3), oneIn: 1, seed: seed)))
    }
    let half = ElementType(.float16, bigEndian: true)
    var datasets: [(Name, Dataset)] = []
    for number in 0..<12 {
      datasets.append((Name("bias\(number)"), floats(.float32, [40 + number], UInt64(number))))
    }
    for number in 0..<10 {
      datasets.append((Name("half\(number)"), floats(half, [2, 2, 40], UInt64(number))))
    }
    datasets.append(("scalar", floats(.float32, [], 2)))
    datasets.append(("double", floats(.float64, [9], 3)))
    datasets.append(("zeros", Models.dataset(.float32, [77], RepeatedBytes([0], times: 308))))
    return Models.container(datasets)
  }
}
