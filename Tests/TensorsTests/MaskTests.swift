import Files
import Tensors
import Testing

struct MaskTests {
  private func mask(_ count: Int, where keeps: (Int) -> Bool) -> Mask {
    var mask = Mask(count: count, keeping: false)
    for i in 0..<count where keeps(i) { mask[i] = true }
    return mask
  }

  @Test(arguments: [1, 2, 3, 4, 8])
  func everyRangeReadsPrunedElementsAsZeroBytes(size: Int) throws {
    for count in [0, 1, 7, 63, 64, 65, 130, 200] {
      // A whole word of each kind among the mixed ones.
      let mask = mask(count) {
        $0 >= 64 && $0 < 128 ? true : $0 >= 128 && $0 < 192 ? false : $0 % 3 != 0
      }
      let raw = (0..<count * size).map { UInt8(truncatingIfNeeded: $0 &* 37 | 1) }
      let expected = raw.indices.map { mask[$0 / size] ? raw[$0] : 0 }
      try everyWay { (_, _) throws in
        let masked = MaskedBytes(MemoryBytes(raw), mask: mask, elementSize: size)
        #expect(try masked.bytes() == expected)
        var wrong: [Range<Int>] = []
        for start in stride(from: 0, through: raw.count, by: 7) {
          for end in [start, start + 1, start + 64 * size, raw.count] {
            guard end >= start, end <= raw.count else { continue }
            let found = try masked.withBytes(start..<end) { Array($0) }
            if found[...] != expected[start..<end] { wrong.append(start..<end) }
          }
        }
        #expect(wrong == [])
      }
    }
  }

  @Test func aRangeThatStaysIsNotCopied() throws {
    let source = MemoryBytes([UInt8](repeating: 1, count: 800))
    let masked = MaskedBytes(source, mask: mask(200) { $0 != 199 }, elementSize: 4)
    let kept = try source.withBytes(400..<500) { $0.baseAddress }
    #expect(try masked.withBytes(400..<500) { $0.baseAddress } == kept)
    #expect(try masked.withBytes(790..<800) { Array($0) } == [1, 1, 1, 1, 1, 1, 0, 0, 0, 0])
  }

  @Test func keepsAllLooksAtEveryBit() {
    var wrong: [Range<Int>] = []
    for hole in [0, 1, 62, 63, 64, 65, 127, 128, 129] {
      let mask = mask(130) { $0 != hole }
      for start in 0...130 {
        for end in start...130 where mask.keepsAll(start..<end) == (start..<end).contains(hole) {
          wrong.append(start..<end)
        }
      }
    }
    #expect(wrong == [])
  }

  @Test(arguments: [0, 1, 63, 64, 65, 200, 300_000])
  func bytesThereAndBack(count: Int) throws {
    let mask = mask(count) { $0 % 5 == 0 || $0 % 7 == 3 }
    let bytes = MaskAsBytes(mask)
    #expect(try bytes.bytes() == (0..<count).map { mask[$0] ? 1 : 0 })
    #expect(try Mask(bytes: bytes) == mask)
    #expect(mask.kept + mask.pruned == count)
    if count > 70 {
      #expect(try bytes.withBytes(3..<70) { Array($0) } == (3..<70).map { mask[$0] ? 1 : 0 })
    }
  }

  @Test func aByteThatIsNoBitIsRefused() throws {
    for index in [0, 63, 64, 299_999] {
      var bytes = [UInt8](repeating: 1, count: 300_000)
      bytes[index] = 2
      #expect(throws: MaskError.notABit(index: index, value: 2)) {
        try Mask(bytes: MemoryBytes(bytes))
      }
    }
  }

  @Test func nonzeroMaskKeepsAllButZeros() throws {
    let numbers: [Double] = [0, -0.0, 1, .nan, -.infinity, Double(Float.leastNonzeroMagnitude)]
    let expected = mask(6) { $0 > 1 }
    for type in [ElementType.float32, .float64, ElementType(.float32, bigEndian: true)] {
      #expect(try Mask(nonzero: values(numbers, as: type)) == expected)
    }
  }
}
