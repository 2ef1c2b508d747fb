import Files
import Foundation
import Tensors
import Testing

@testable import CSRM

/// Levels of each kind, against the same worked out in NumPy.
struct LevelTests {
  @Test func int8IsWhatNumPyMakes() throws {
    let rounded = try #require(
      try Int8Values().rounded(Rounding.input(Rounding.weights, [12, 5])))
    #expect(
      try Rounding.words(rounded) == [
        0, -34, 68, 0, -3, 44, 0, 59, 78, 0, 22, -124, 0, 48, -102, 0, 98, -76, 0, 43, -22, 0, -124,
        -12, 0, -44, 8, 0, -127, 12, 0, -37, 65, 0, -4, 127, 0, 17, 76, 0, 21, -127, 0, 46, -35, 0,
        95, -79, 0, 127, -23, 0, -127, -14, 0, -45, 16, 0, -44, 11,
      ])
    var fields = FieldWriter()
    rounded.map.write(to: &fields)
    #expect(fields.bytes == [0x3D, 0x22, 0x0D, 0x1E, 0xAC, 0x1D, 0x8A, 0x20, 0x59, 0x24])
  }

  /// However small or large a column: no value is further off than half a scale, and the scale is
  /// the least half that reaches the largest value.
  @Test func int8ErrorsStayWithinHalfAScale() throws {
    var random = Sequence64(5)
    let columns = 24
    let parts = Rounding.random(columns * 50, oneIn: 1, &random)
    let floats = parts.indices.map { (i: Int) -> Float in
      parts[i] * Float(sign: .plus, exponent: (i % columns) * 2 - 30, significand: 1)
    }
    let rounded = try #require(try Int8Values().rounded(Rounding.input(floats, [50, columns])))
    let after = try Rounding.floats(rounded)
    for column in 0..<columns {
      let own = stride(from: column, to: floats.count, by: columns)
      let most = own.map { Double(floats[$0].magnitude) }.max() ?? 0
      let scale = Double(Int8Values.scale(largest: most))
      #expect(scale >= most / 127)
      #expect(Double(Int8Values.scale(largest: most).nextDown) < most / 127)
      for i in own {
        #expect(Double((floats[i] - after[i]).magnitude) <= scale / 2)
      }
    }
  }

  @Test func int8BeyondItsEnd() throws {
    var input = Rounding.input([1e7, 1, -1, 0.5], [2, 2])
    #expect(throws: CSRMError.self) { try Int8Values().rounded(input) }
    input.saturates = true
    let cut = try #require(try Int8Values().rounded(input))
    #expect(try Rounding.floats(cut)[0] == 127 * 65504)
    #expect(cut.loss.saturated == 1)
    // Of halves the product of 127 and its scale may pass the largest.
    let half = try #require(
      try Int8Values().rounded(Rounding.input([65504, 3], [1, 2], .float16)))
    #expect(try Rounding.floats(half)[0] == 65504)
  }

  @Test(arguments: [
    (2, [-0.4984375, 0.525]), (3, [-0.6015625, 0.2933238636363636, 1.8515625]),
    (4, [-1.4296875, -0.3949652777777778, 0.3776041666666667, 1.8515625]),
    (
      8,
      [
        -1.734375, -1.125, -0.5796875, -0.140625, 0.2713068181818182, 0.6276041666666666, 1.546875,
        2.15625,
      ]
    ),
  ] as [(Int, [Double])])
  func codebooksAreWhatPythonFinds(size: Int, means: [Double]) throws {
    let rounded = try #require(
      try Codebook(size: size).rounded(Rounding.input(Rounding.weights, [12, 5])))
    let entries = means.map { Float($0) }
    let after = try Rounding.floats(rounded)
    for (before, after) in zip(Rounding.weights, after) {
      let nearest = entries.min { ($0 - before).magnitude < ($1 - before).magnitude }
      #expect(after == (before == 0 ? 0 : nearest))
    }
    #expect(rounded.name == "codebook:\(size)")
    #expect(rounded.loss.zeroed == 0 && rounded.loss.nonzeros == 40)
  }

  /// A codebook of as many entries as there are values loses nothing, and 256 levels all lie on one
  /// side where they have to.
  @Test func codebooksThatHoldAllValuesAreExact() throws {
    let floats = (0..<512).map { (i: Int) -> Float in Float(i / 2 + 1) / 1024 }
    let rounded = try #require(try Codebook(size: 256).rounded(Rounding.input(floats, [32, 16])))
    #expect(rounded.loss.isNone)
    #expect(rounded.map.span == LevelSpan(below: 0, above: 256))
    #expect(try Rounding.floats(rounded) == floats)
  }

  /// Where values of both signs meet in one cluster its mean may be zero; then they are zero.
  @Test func aMeanOfZeroIsZero() throws {
    let rounded = try #require(
      try Codebook(size: 3).rounded(Rounding.input([-9, -1, 1, 9, 0], nil)))
    #expect(try Rounding.floats(rounded) == [-9, 0, 0, 9, 0])
    #expect(rounded.loss.zeroed == 2 && rounded.loss.largest == 1 && rounded.loss.mean == 0.5)
  }

  @Test(arguments: [
    (
      0.0,
      [
        0, 0, 1, 0, 0, 1, 0, 1, 2, 0, 1, -2, 0, 1, -4, 0, 1, -1, 0, 2, -1, 0, -2, 0, 0, -1, 0, 0,
        -3, 0, 0, 0, 1, 0, 0, 3, 0, 0, 2, 0, 1, -2, 0, 1, -1, 0, 1, -1, 0, 5, -1, 0, -2, 0, 0, -1,
        0, 0, -1, 0,
      ],
      [
        -4: -3.8828125, -3: -2.517578125, -2: -1.603515625, -1: -0.99609375, 1: 0.91455078125,
        2: 1.5654296875, 3: 3.462890625, 5: 4.82421875,
      ]
    ),
    (
      0.1,
      [
        0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, -2, 0, 1, -4, 0, 1, -1, 0, 2, 0, 0, -2, 0, 0, -1, 0, 0, -2,
        0, 0, 0, 1, 0, 0, 3, 0, 0, 1, 0, 0, -2, 0, 1, -1, 0, 1, -1, 0, 5, -1, 0, -2, 0, 0, -1, 0, 0,
        -1, 0,
      ],
      [
        -4: -3.8828125, -2: -1.82421875, -1: -1.037109375, 1: 1.0693359375, 2: 1.6435546875,
        3: 3.462890625, 5: 4.82421875,
      ]
    ),
    (
      0.3,
      [
        0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, -1, 0, 1, -4, 0, 1, -1, 0, 1, 0, 0, -1, 0, 0, -1, 0, 0, -2,
        0, 0, 0, 1, 0, 0, 3, 0, 0, 1, 0, 0, -1, 0, 1, -1, 0, 1, -1, 0, 5, 0, 0, -1, 0, 0, -1, 0, 0,
        -1, 0,
      ],
      [
        -4: -3.8828125, -2: -2.517578125, -1: -1.28515625, 1: 1.1650390625, 3: 3.462890625,
        5: 4.82421875,
      ]
    ),
  ] as [(Double, [Int], [Int: Double])])
  func gridLevelsAreWhatPythonChooses(lambda: Double, levels: [Int], ratios: [Int: Double]) throws {
    var input = Rounding.input(Rounding.weights, [12, 5])
    input.importance = (0..<60).map { 1 + Float($0 % 5) / 4 }
    let rounded = try #require(try RateDistortion(lambda: lambda).rounded(input))
    let step = 0x1.c98282p-2
    let expected = levels.map { Float(step * (ratios[$0] ?? 0)) }
    #expect(try Rounding.floats(rounded) == expected)
    #expect(rounded.loss.zeroed == zip(Rounding.weights, levels).count { $0 != 0 && $1 == 0 })
  }

  @Test func magnitudesThatAreAllAlikeHaveOneLevel() throws {
    let rounded = try #require(
      try RateDistortion(lambda: 0.01).rounded(Rounding.input([0.3, -0.3, 0.3, 0, -0.3, 0.3])))
    #expect(try Rounding.words(rounded) == [1, -1, 1, 0, -1, 1])
    #expect(rounded.loss.largest < 0.3 * 0x1p-11)
  }

  @Test func logarithmsAreThoseOfTheLibrary() {
    for value in [0x1p-1022, 1e-9, 0.1, 0.7, 1, 1.25, 2, 3, 1e6, 1.7e308] {
      let expected = log2(value)
      #expect((Entropy.binaryLogarithm(value) - expected).magnitude <= 4e-16 * max(1, expected.magnitude))
    }
    for exponent in -1022...1023 {
      #expect(Entropy.binaryLogarithm(Double(sign: .plus, exponent: exponent, significand: 1)) == Double(exponent))
    }
  }

  @Test func waysAreReadAsTheyAreTyped() {
    #expect(ValueRoundings.parse("f16")?.name == "f16")
    #expect(ValueRoundings.parse("codebook:16")?.name == "codebook:16")
    #expect(ValueRoundings.parse("rd")?.name == ValueRoundings.parse("rd:0.05")?.name)
    for wrong in [
      "", "exact", "f16:1", "int8:", "codebook", "codebook:1", "codebook:257", "codebook:a", "rd:-1",
      "rd:nan", "rd:", "f32",
    ] {
      #expect(ValueRoundings.parse(wrong) == nil, "\(wrong)")
    }
  }
}
