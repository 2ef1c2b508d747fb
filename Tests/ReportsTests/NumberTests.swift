import Foundation
import Testing

@testable import Reports

@Test(
  arguments: [
    (0.0, 2, "0.00"), (-0.0, 2, "0.00"), (-0.001, 2, "0.00"), (1, 0, "1"), (0.5, 0, "1"),
    (1.005, 2, "1.01"), (1.115, 2, "1.12"), (2.675, 1, "2.7"), (999.995, 2, "1000.00"),
    (9.5, 0, "10"), (0.049, 1, "0.0"), (0.05, 1, "0.1"), (-1.25, 1, "-1.3"), (1e-7, 3, "0.000"),
    (123_456_789, 1, "123456789.0"), (1e21, 1, "1000000000000000000000.0"),
    (.infinity, 2, "inf"), (-.infinity, 2, "-inf"), (.nan, 2, "nan"),
    (.leastNonzeroMagnitude, 2, "0.00"), (9_007_199_254_740_992, 0, "9007199254740992"),
  ] as [(Double, Int, String)])
func fixedDecimals(value: Double, places: Int, expected: String) {
  #expect(fixed(value, places: places) == expected)
}

@Test func fixedDecimalsAgreeWithTheCLibraryAwayFromTies() {
  for step in -400...400 {
    // Thirds of hundredths are never in the middle between two results.
    let value = Double(step) / 300 + 0.0001
    for places in 0...4 {
      let expected = String(format: "%.\(places)f", value)
      let positive = expected.hasPrefix("-") && Double(expected) == 0
      #expect(fixed(value, places: places) == (positive ? String(expected.dropFirst()) : expected))
    }
  }
}

@Test(
  arguments: [
    (0.0, "0"), (-0.0, "0"), (1, "1"), (-1.5, "-1.5"), (0.012345, "0.01235"), (123456, "123500"),
    (9999.6, "10000"), (1e7, "1e7"), (12_345_678, "1.235e7"), (0.0001, "0.0001"),
    (0.00001, "1e-5"), (0.0000123456, "1.235e-5"), (-2.5e-300, "-2.5e-300"),
    (.leastNonzeroMagnitude, "5e-324"),
    (.infinity, "inf"), (.nan, "nan"), (1.7976931348623157e308, "1.798e308"),
  ] as [(Double, String)])
func significantDigits(value: Double, expected: String) {
  #expect(significant(value) == expected)
}

@Test(arguments: [
  (0, "0"), (999, "999"), (1000, "1,000"), (-1000, "-1,000"), (1_234_567, "1,234,567"),
  (Int.min, "-9,223,372,036,854,775,808"),
])
func groupedThousands(count: Int, expected: String) {
  #expect(grouped(count) == expected)
}

@Test func groupedFixedDecimals() {
  #expect(fixed(1234567.5, places: 1, grouped: true) == "1,234,567.5")
  #expect(fixed(999.95, places: 1, grouped: true) == "1,000.0")
}

@Test(
  arguments: [
    (nil, "–"), (0, "0.00 %"), (1, "100.00 %"), (0.5, "50.00 %"), (0.9, "90.00 %"),
    (1e-9, "<0.01 %"), (0.00005, "0.01 %"), (0.99995, ">99.99 %"), (0.9999, "99.99 %"),
    (0.99994, "99.99 %"), (12.5, "1250.00 %"),
  ] as [(Double?, String)])
func percentNeverRoundsToNoneOrAll(share: Double?, expected: String) {
  #expect(percent(share) == expected)
}

@Test func percentWithoutDecimals() {
  #expect(percent(0.2, places: 0) == "20 %")
  #expect(percent(0.001, places: 0) == "<1 %")
  #expect(percent(0.999, places: 0) == ">99 %")
}

@Test(arguments: [
  (0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (9_994, "9.99 kB"), (9_995, "10.0 kB"),
  (99_949, "99.9 kB"), (99_950, "100 kB"), (999_499, "999 kB"), (999_500, "1.00 MB"),
  (3_591_584, "3.59 MB"), (1_000_000_000, "1.00 GB"), (Int.max, "9.22 EB"),
])
func byteSizes(bytes: Int, expected: String) {
  #expect(byteSize(bytes) == expected)
}

@Test(
  arguments: [
    (0, "0.000 s"), (0.0421, "0.042 s"), (0.9994, "0.999 s"), (0.9996, "1.0 s"), (59.94, "59.9 s"),
    (59.96, "1 min 00 s"), (185, "3 min 05 s"), (3599.7, "1 h 00 min"), (7620, "2 h 07 min"),
    (1e12, "2.778e8 h"),
  ] as [(Double, String)])
func durations(seconds: Double, expected: String) {
  #expect(duration(seconds) == expected)
}

@Test func smallWords() {
  #expect(factor(27.34) == "27.3×")
  #expect(factor(1) == "1.00×")
  #expect(factor(nil) == "–")
  #expect(shapeText([3, 3, 16]) == "3×3×16")
  #expect(shapeText([]) == "scalar")
  #expect(counted(1, "tensor") == "1 tensor")
  #expect(counted(0, "tensor") == "0 tensors")
}
