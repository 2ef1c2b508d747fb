import Files
import Tensors
import Testing

struct ConversionTests {
  @Test(arguments: [false, true])
  func everyHalfIsItsValue(bigEndian: Bool) throws {
    let type = ElementType(.float16, bigEndian: bigEndian)
    let all = (0...UInt16.max).map { $0 }
    let raw = all.flatMap { word in
      withUnsafeBytes(of: bigEndian ? word.bigEndian : word.littleEndian) { Array($0) }
    }
    let tensor = TensorValues(MemoryBytes(raw), type: type)
    try everyWay { (_, _) throws in
      let doubles = try tensor.doubles()
      try tensor.withFloats(0..<all.count) { floats in
        for (i, word) in all.enumerated() {
          let expected = Float(Float16(bitPattern: word))
          let found = floats.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)
          let same =
            expected.isNaN
            ? found.isNaN && doubles[i].isNaN
            : found.bitPattern == expected.bitPattern
              && doubles[i].bitPattern == Double(expected).bitPattern
          if !same { Issue.record("half \(word): \(found)") }
        }
      }
    }
  }

  @Test(arguments: [false, true])
  func everyBfloatIsTheUpperHalfOfAFloat(bigEndian: Bool) throws {
    let type = ElementType(.bfloat16, bigEndian: bigEndian)
    let raw = (0...UInt16.max).flatMap { word in
      withUnsafeBytes(of: bigEndian ? word.bigEndian : word.littleEndian) { Array($0) }
    }
    try TensorValues(MemoryBytes(raw), type: type).withFloats(0..<65536) { floats in
      for word in 0..<65536 {
        let bits = floats.loadUnaligned(fromByteOffset: 4 * word, as: UInt32.self)
        if bits != UInt32(word) << 16 { Issue.record("bfloat \(word)") }
      }
    }
  }

  @Test(arguments: ElementType.Kind.allCases.filter { $0 != .opaque }, [false, true])
  func numbersOfEveryKindAreRead(kind: ElementType.Kind, bigEndian: Bool) throws {
    let type = ElementType(kind, bigEndian: bigEndian)
    let isSigned = type.isFloat || "\(kind)".hasPrefix("i") || kind == .bool
    let numbers: [Double] = [0, 1, 2, 100, 127] + (isSigned ? [-1, -100, -128] : [3, 200, 255])
    // One byte before them, so that nothing is aligned.
    let source = ByteSlice(
      MemoryBytes([9] + bytes(numbers, as: type)), 1..<1 + numbers.count * type.size)
    let tensor = TensorValues(source, type: type)
    #expect(try tensor.doubles() == numbers)
    #expect(try tensor.doubles(2..<5) == [2, 100, 127])
    try tensor.withFloats(0..<numbers.count) { floats in
      for (i, number) in numbers.enumerated() {
        #expect(floats.loadUnaligned(fromByteOffset: 4 * i, as: Float.self) == Float(number))
      }
    }
  }

  @Test func integersAreReadInFull() throws {
    let large: [Double] = [4_294_967_295, 2_147_483_648]
    #expect(try values(large, as: ElementType(.uint32)).doubles() == large)
    let huge: [Double] = [0x1p63, 0x1p53 + 2]
    #expect(try values(huge, as: ElementType(.uint64, bigEndian: true)).doubles() == huge)
  }
}
