import Documents
import Files
import Tensors
import Testing

@testable import CSRM

struct RoundTripTests {
  static let shapes: [[Int]] = [
    [], [0], [1], [7], [8], [9], [65], [0, 3], [3, 0], [1, 1], [1, 9], [9, 1], [4, 4], [3, 17],
    [17, 3],
    [2, 3, 5], [3, 3, 2, 9], [1, 257], [2, 300],
  ]

  /// Every type × every shape × densities from none to all, in every layout: the bytes come back,
  /// whole and by rows, and measuring says what packing writes.
  @Test(arguments: Models.numberTypes + [.opaque(size: 3), .opaque(size: 16)])
  func everyTypeAndShapeComesBack(type: ElementType) throws {
    var random = Sequence64(UInt64(type.size))
    for shape in RoundTripTests.shapes {
      let count = shape.reduce(1, *)
      for sparsity in [1, 2, 10, 1 << 40] as [UInt64] {
        let bytes = random.elements(count, size: type.size, oneIn: sparsity)
        for (level, layout) in [
          (.fast, .automatic), (.fast, .csr), (.standard, .automatic), (.max, .automatic),
        ] as [(PackOptions.Level, PackOptions.Layout)] {
          var options = PackOptions()
          options.level = level
          options.layout = layout
          options.blockRows = count % 2 == 0 ? 2 : nil
          let container = Models.container(type, shape, bytes)
          let packed = try Models.packed(container, options)
          #expect(try Packer.measure(container, options: options).totalBytes == packed.count)
          let file = try Models.open(packed)
          #expect(file.verify() == whole(packed.count), "\(type) \(shape)")
          #expect(try Models.values(file.container()) == bytes, "\(type) \(shape) \(sparsity)")
          try expectRows(of: file, shape: shape, size: type.size, bytes)
        }
      }
    }
  }

  private func whole(_ count: Int) -> Verification {
    var result = Verification()
    result.checkedBytes = count
    return result
  }

  private func expectRows(of file: PackedFile, shape: [Int], size: Int, _ bytes: [UInt8]) throws {
    guard let entry = file.entries.first(where: { $0.kind == .tensor }) else { return }
    for start in 0...min(entry.rows, 4) {
      for end in start...min(entry.rows, 4) {
        let part = try file.tensorBytes("x", rows: start..<end)
        let row = entry.columns * size
        #expect(try part.source.bytes() == Array(bytes[start * row..<end * row]))
        #expect(part.shape.reduce(1, *) * size == part.source.count)
      }
    }
  }

  /// Each encoding is really what is chosen for a tensor made for it.
  @Test func everyEncodingIsChosenWhereItIsSmallest() throws {
    func encoding(
      _ type: ElementType, _ shape: [Int], _ bytes: [UInt8],
      _ layout: PackOptions.Layout = .automatic
    ) throws -> Encoding? {
      var options = Models.plain
      options.layout = layout
      return try Packer.measure(Models.container(type, shape, bytes), options: options).tensors
        .first?
        .encoding
    }
    var random = Sequence64(1)
    let dense = random.elements(256, size: 4, oneIn: 1)
    let half = random.elements(256, size: 4, oneIn: 3)
    let sparse = random.elements(256 * 256, size: 4, oneIn: 200)
    #expect(try encoding(.float32, [16, 16], dense) == .raw)
    #expect(try encoding(.float32, [16, 16], half) == .bitmask)
    #expect(try encoding(.float32, [256, 256], sparse) == .csr)
    #expect(try encoding(.float32, [16, 16], half, .csr) == .csr)
    #expect(try encoding(.float32, [16, 16], dense, .csr) == .raw)
    #expect(try encoding(.float32, [16, 16], [UInt8](repeating: 9, count: 1024)) == .constant)
    #expect(
      try encoding(.float32, [16, 16], [UInt8](repeating: 0, count: 1024), .csr) == .constant)
    #expect(
      try encoding(ElementType(.int32), [256], (0..<256).flatMap { [UInt8($0), 1, 0, 0] })
        == .deflate)
  }

  @Test func estimateIsWhatPackingStores() throws {
    var random = Sequence64(2)
    for sparsity in [1, 2, 5, 30, 300, 1 << 40] as [UInt64] {
      for shape in [[64, 64], [4096], [3, 3, 8, 5], [2, 70_000]] {
        let count = shape.reduce(1, *)
        let bytes = random.elements(count, size: 4, oneIn: sparsity)
        let summary = try Packer.measure(
          Models.container(.float32, shape, bytes), options: Models.plain)
        let tensor = try #require(summary.tensors.first)
        let estimate = Encoding.estimate(
          count: count, nonzeros: tensor.nonzeros,
          rows: shape.count > 1 ? count / (shape.last ?? 1) : count,
          columns: shape.count > 1 ? shape.last ?? 1 : 1, elementSize: 4)
        #expect(estimate.encoding == tensor.encoding)
        #expect(estimate.bytes == tensor.storedBytes)
      }
    }
  }

  /// Blocks of all sizes around the kernels' own, with parts of blocks read in any order.
  @Test func partsOfManyBlocksComeBack() throws {
    var random = Sequence64(3)
    let bytes = random.elements(70 * 33, size: 4, oneIn: 4)
    for layout in [PackOptions.Layout.automatic, .csr] {
      var options = PackOptions()
      options.blockRows = 7
      options.layout = layout
      let file = try Models.open(
        Models.packed(Models.container(.float32, [70, 33], bytes), options))
      let source = try file.tensorBytes("x").source
      #expect(file.entries.last?.blockCount == 10)
      for _ in 0..<300 {
        let start = Int(random.next() % UInt64(bytes.count))
        let end = start + Int(random.next() % UInt64(bytes.count - start + 1))
        #expect(try source.withBytes(start..<end) { Array($0) } == Array(bytes[start..<end]))
      }
    }
  }

  /// 0x8000… and NaNs with payloads keep their bits; clearing -0.0 changes nothing else.
  @Test(arguments: Models.numberTypes.filter(\.isFloat))
  func everyBitOfAFloatIsKept(type: ElementType) throws {
    let size = type.size
    func word(_ value: UInt64) -> [UInt8] {
      let little = (0..<size).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
      return type.isBigEndian ? little.reversed() : little
    }
    let negativeZero: UInt64 = 1 << UInt64(8 * size - 1)
    let words =
      [0, negativeZero, 1, negativeZero | 1, .max, .max ^ negativeZero, .max >> 1] as [UInt64]
    var bytes: [UInt8] = []
    for repeatCount in 0..<20 {
      bytes += words.flatMap(word) + (0..<repeatCount).flatMap { _ in word(0) }
    }
    let count = bytes.count / size
    let kept = try Models.open(
      Models.packed(Models.container(type, [count / 2, 2], bytes), PackOptions()))
    #expect(try Models.values(kept.container()) == bytes)
    var options = PackOptions()
    options.canonicalZero = true
    let cleared = try Models.packed(Models.container(type, [count / 2, 2], bytes), options)
    let expected = stride(from: 0, to: bytes.count, by: size).flatMap { start -> [UInt8] in
      let element = Array(bytes[start..<start + size])
      return element == word(negativeZero) ? word(0) : element
    }
    #expect(try Models.values(Models.open(cleared).container()) == expected)
    #expect(try Models.open(cleared).verify().isWhole)
    let summary = try Packer.measure(Models.container(type, [count / 2, 2], bytes))
    #expect(summary.negativeZeros == 20)
    let saved = try Packer.measure(Models.container(type, [count / 2, 2], bytes), options: options)
    #expect(summary.tensorBytes - saved.tensorBytes == summary.canonicalZeroSaving)
  }
}
