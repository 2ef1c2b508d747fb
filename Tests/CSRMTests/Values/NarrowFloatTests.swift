import Files
import Tensors
import Testing

@testable import CSRM

/// Halves and bfloats, against NumPy and ml_dtypes.
struct NarrowFloatTests {
  /// The bits of a float, of its half and of its bfloat: ties, subnormals, the ends.
  static let floats: [(UInt32, UInt16, UInt16)] = [
    (0x3F80_0000, 0x3C00, 0x3F80), (0xBF80_0000, 0xBC00, 0xBF80), (0x3EAA_AAAB, 0x3555, 0x3EAB),
    (0x3DCC_CCCD, 0x2E66, 0x3DCD), (0x477F_E000, 0x7BFF, 0x4780), (0x477F_EFE6, 0x7BFF, 0x4780),
    (0x3880_0000, 0x0400, 0x3880), (0x3380_0000, 0x0001, 0x3380), (0x3300_0000, 0x0000, 0x3300),
    (0x3300_0001, 0x0001, 0x3300), (0x33C0_0000, 0x0002, 0x33C0), (0x3420_0000, 0x0002, 0x3420),
    (0x387F_DA40, 0x03FF, 0x3880), (0x3380_346C, 0x0001, 0x3380), (0x3300_6B66, 0x0001, 0x3300),
    (0x3300_D959, 0x0001, 0x3301), (0x0001_16C2, 0x0000, 0x0001), (0x0000_0001, 0x0000, 0x0000),
    (0x3F80_1000, 0x3C00, 0x3F80), (0x3F80_3000, 0x3C02, 0x3F80), (0x3F80_1001, 0x3C01, 0x3F80),
    (0x3F80_8000, 0x3C04, 0x3F80), (0x3F81_8000, 0x3C0C, 0x3F82), (0x3F80_8001, 0x3C04, 0x3F81),
    (0x3EAA_AAAA, 0x3555, 0x3EAB), (0x4500_1000, 0x6800, 0x4500), (0x4500_3000, 0x6802, 0x4500),
    (0xBC00_8000, 0xA004, 0xBC00), (0x0001_0075, 0x0000, 0x0001), (0x0000_803B, 0x0000, 0x0001),
    (0x0082_AB1E, 0x0000, 0x0083),
  ]

  /// The same of doubles, where rounding twice would give something else.
  static let doubles: [(UInt64, UInt16, UInt16)] = [
    (0x3FD5_5555_5555_5555, 0x3555, 0x3EAB), (0x3FF0_1000_0000_1000, 0x3C04, 0x3F81),
    (0x3FF0_2FFF_FFFF_F000, 0x3C0C, 0x3F81), (0x3FF0_1000_0000_0000, 0x3C04, 0x3F80),
    (0x3FF0_0200_0000_1000, 0x3C01, 0x3F80), (0x3FF0_05FF_FFFF_F000, 0x3C01, 0x3F80),
    (0x3790_0000_0000_0000, 0x0000, 0x0000), (0x3790_0000_0000_0040, 0x0000, 0x0001),
    (0xBE60_0000_0002_0000, 0x8001, 0xB300), (0x3E60_0000_0000_0000, 0x0000, 0x3300),
    (0x40EF_FDFF_FFFF_FAA2, 0x7BFF, 0x4780),
  ]

  @Test func floatsRoundAsNumPyHasIt() throws {
    let floats = Self.floats.map { Float(bitPattern: $0.0) }
    let halves = try #require(try HalfValues().rounded(Rounding.input(floats)))
    #expect(
      try Rounding.words(halves).map { UInt16(truncatingIfNeeded: $0) } == Self.floats.map(\.1))
    let bfloats = try #require(try Bfloat16Values().rounded(Rounding.input(floats)))
    #expect(
      try Rounding.words(bfloats).map { UInt16(truncatingIfNeeded: $0) } == Self.floats.map(\.2))
    #expect(
      try Rounding.floats(bfloats) == Self.floats.map { Float(bitPattern: UInt32($0.2) << 16) })
    #expect(halves.loss.zeroed == Self.floats.count { $0.1 == 0 })
    #expect(bfloats.loss.zeroed == 1)
  }

  @Test func doublesAreRoundedOnce() throws {
    let doubles = Self.doubles.map { Double(bitPattern: $0.0) }
    let halves = try #require(try HalfValues().rounded(Rounding.input(doubles: doubles)))
    #expect(
      try Rounding.words(halves).map { UInt16(truncatingIfNeeded: $0) } == Self.doubles.map(\.1))
    let bfloats = try #require(try Bfloat16Values().rounded(Rounding.input(doubles: doubles)))
    #expect(
      try Rounding.words(bfloats).map { UInt16(truncatingIfNeeded: $0) } == Self.doubles.map(\.2))
  }

  @Test func zerosOfEitherSignAreZero() throws {
    for way in Rounding.everyWay {
      let rounded = try #require(
        try way.rounded(Rounding.input([0, -0.0, 1, -1e-38, 0.5, -0.25], [2, 3])))
      let floats = try Rounding.floats(rounded)
      #expect(floats[0].bitPattern == 0 && floats[1].bitPattern == 0, "\(way.name)")
      #expect(floats.allSatisfy { $0 != 0 || $0.sign == .plus }, "\(way.name)")
    }
  }

  @Test func whatIsTooLargeIsRefusedOrCut() throws {
    for (way, most, past) in [
      (HalfValues() as any ValueRounding, Float(65504), Float(65520)),
      (Bfloat16Values(), Float(bitPattern: 0x7F7F_0000), Float(bitPattern: 0x7F7F_8000)),
    ] {
      let below = Float(bitPattern: past.bitPattern - 1)
      #expect(try way.rounded(Rounding.input([below, 1])).map(Rounding.floats) == [most, 1])
      var input = Rounding.input([-past, 1])
      let error = #expect(throws: CSRMError.self) { try way.rounded(input) }
      #expect(error?.fault == .damaged)
      #expect(error?.description.contains("--saturate") == true)
      input.saturates = true
      let cut = try #require(try way.rounded(input))
      #expect(try Rounding.floats(cut) == [-most, 1])
      #expect(cut.loss.saturated == 1)
    }
  }

  @Test func whatIsNoNumberIsRefused() throws {
    for way in Rounding.everyWay {
      for bad in [Float.nan, .infinity, -.infinity] {
        var input = Rounding.input([1, bad, 2, 3, 0.5, 0.1], [2, 3])
        input.saturates = true
        #expect(throws: CSRMError.self) { try way.rounded(input) }
      }
    }
  }

  @Test func narrowTypesAreLeftAlone() throws {
    for type in [ElementType.float16, .bfloat16] {
      #expect(try HalfValues().rounded(Rounding.input([1, 2], nil, type)) == nil)
      #expect(try Bfloat16Values().rounded(Rounding.input([1, 2], nil, type)) == nil)
    }
  }
}
