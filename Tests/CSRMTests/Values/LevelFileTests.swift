import Documents
import Files
import Tensors
import Testing

@testable import CSRM

/// Rounded tensors in packed files.
struct LevelFileTests {
  private func container(_ rounded: RoundedValues, _ shape: [Int]) -> Container {
    Models.container([("x", Models.dataset(rounded.type, shape, rounded))])
  }

  private func entry(_ file: PackedFile) throws -> Entry {
    try #require(file.entries.first { $0.kind == .tensor })
  }

  static let types: [ElementType] = [
    .float16, .bfloat16, .float32, .float64, ElementType(.float16, bigEndian: true),
    ElementType(.float32, bigEndian: true), ElementType(.float64, bigEndian: true),
  ]

  /// Every way × every float type × shapes × densities: what comes back is what was rounded, in the
  /// type it was rounded in, whole and by rows; and measuring says what packing writes.
  @Test(arguments: types)
  func everyWayAndTypeComesBack(type: ElementType) throws {
    var random = Sequence64(UInt64(type.size))
    for shape in [[1], [9], [65], [1, 9], [9, 1], [17, 3], [3, 3, 2, 9], [40, 30]] {
      let count = shape.reduce(1, *)
      for sparsity in [1, 2, 10, 1 << 40] as [UInt64] {
        let floats = Rounding.random(count, oneIn: sparsity, &random)
        for way in Rounding.everyWay {
          guard let rounded = try way.rounded(Rounding.input(floats, shape, type)) else { continue }
          let bytes = try rounded.bytes()
          var options = PackOptions()
          options.blockRows = count % 2 == 0 ? 2 : nil
          let model = container(rounded, shape)
          let packed = try Models.packed(model, options)
          #expect(try Packer.measure(model, options: options).totalBytes == packed.count)
          let file = try Models.open(packed)
          #expect(file.verify().isWhole, "\(way.name) \(type) \(shape)")
          #expect(try Models.values(file.container()) == bytes, "\(way.name) \(type) \(shape)")
          let entry = try entry(file)
          #expect(entry.rounding == way.precision && entry.type == type && entry.shape == shape)
          let rows = entry.rows / 3..<max(entry.rows / 3, entry.rows / 2)
          #expect(
            try file.tensorBytes("x", rows: rows).source.bytes()
              == Array(
                bytes[
                  rows.lowerBound * entry.columns * type.size..<rows.upperBound * entry.columns
                    * type.size]))
        }
      }
    }
  }

  /// The narrower the values, the smaller the file; and none is far above what its levels take.
  @Test func levelsTakeTheBitsTheyNeed() throws {
    var random = Sequence64(8)
    let floats = Rounding.random(100 * 100, oneIn: 10, &random)
    func bits(_ way: any ValueRounding) throws -> Double {
      let rounded = try #require(try way.rounded(Rounding.input(floats, [100, 100])))
      return 8 * Double(try Packer.storedBytes(of: rounded.values, shape: [100, 100])) / 10_000
    }
    let exact = 8 * Double(
      try Packer.storedBytes(
        of: Rounding.input(floats).values, shape: [100, 100])) / 10_000
    #expect(exact > 2.8)
    let half = try bits(HalfValues())
    #expect(half < 1 + 1.7 && half > 1)
    #expect(try bits(Int8Values()) < half)
    #expect(try bits(Codebook(size: 16)) < 1.5)
    #expect(try bits(Codebook(size: 2)) < 1.2)
    #expect(try bits(RateDistortion(lambda: 0.1)) < 1.3)
    // All levels of one tensor used, no zeros, no mask: four bits each, and a table of 64 bytes.
    let dense = (0..<4096).map { (i: Int) -> Float in Float((i * 7919) % 16) - 20 }
    let rounded = try #require(try Codebook(size: 16).rounded(Rounding.input(dense, [64, 64])))
    #expect(rounded.loss.isNone)
    let bytes = try Packer.storedBytes(of: rounded.values, shape: [64, 64])
    #expect(bytes >= 64 && bytes <= 2048 + 64 + 16)
  }

  /// What was rounded once is packed again as it was, also with more zeros; other values are not.
  @Test func levelsAreFoundAgain() throws {
    for way in Rounding.everyWay {
      let rounded = try #require(
        try way.rounded(Rounding.input(Rounding.weights, [12, 5])))
      let file = try Models.open(Models.packed(container(rounded, [12, 5])))
      let entry = try entry(file)
      guard entry.encoding == .levels else { continue }
      let again = try #require(try file.levelled("x", rounded.values))
      #expect(again.precision == way.precision && again.loss.isNone)
      #expect(try Rounding.words(again) == Rounding.words(rounded))
      var pruned = try Rounding.floats(rounded)
      for i in stride(from: 0, to: 60, by: 7) { pruned[i] = 0 }
      let fewer = try #require(try file.levelled("x", Rounding.input(pruned).values))
      #expect(try Rounding.floats(fewer) == pruned)
      pruned[11] = 0.123_456_7
      #expect(try file.levelled("x", Rounding.input(pruned).values) == nil)
      pruned[11] = .nan
      #expect(try file.levelled("x", Rounding.input(pruned).values) == nil)
    }
  }

  /// A tensor of two values, as levels of a codebook.
  private func crafted(_ change: (inout Crafted.Part) -> Void) -> [UInt8] {
    Crafted.part {
      $0.encoding = 9
      $0.precision = 4
      // Map 4, raw, int8, no parameters; one level on either side: -1 and 2.
      $0.parameters = [4, 0, 5, 0, 1, 1, 0, 0, 0x80, 0xBF, 0, 0, 0, 0x40]
      $0.blocks = [[0xFF, 0x01]]
      $0.checksum = Checksum.of([0, 0, 0x80, 0xBF, 0, 0, 0, 0x40])
      change(&$0)
    }
  }

  @Test func aFileMadeByHandIsRead() throws {
    let file = try Models.open(crafted { _ in })
    #expect(file.verify().isWhole)
    #expect(try file.tensorBytes("x").source.bytes() == [0, 0, 0x80, 0xBF, 0, 0, 0, 0x40])
    let entry = try entry(file)
    #expect(entry.precisionName == "codebook:2" && entry.encodingName == "levels in raw")
    #expect(entry.split == StoredSplit(mask: 0, values: 2, side: 14))
  }

  @Test func parametersThatAreWrongAreRefused() {
    func refuses(_ parameters: [UInt8], _ words: String, sourceLocation: SourceLocation = #_sourceLocation) {
      do {
        _ = try Models.open(crafted { $0.parameters = parameters })
        Issue.record("\(parameters) was taken", sourceLocation: sourceLocation)
      } catch {
        #expect("\(error)".contains(words), "\(error)", sourceLocation: sourceLocation)
      }
    }
    let table: [UInt8] = [1, 1, 0, 0, 0x80, 0xBF, 0, 0, 0, 0x40]
    refuses([], "middle of a field")
    for encoding in [1, 6, 8, 9] as [UInt8] {
      refuses([4, encoding, 5, 0] + table, "levels in encoding \(encoding)")
    }
    refuses([4, 0, 3, 0] + table, "elements of type 3")
    refuses([4, 0, 0x86, 0] + table, "elements of type 134")
    refuses([4, 0, 5, 1, 0] + table, "parameters that its encoding does not")
    refuses([4, 0, 5, 0] + table + [0], "bytes behind its table")
    refuses([4, 0, 5, 0] + table.dropLast(), "where")
    refuses([4, 0, 5, 0, 0x81, 0x80, 0x02, 1, 0], "where")
    // An entry of zero, of -0, of infinity, of NaN.
    for entry in [[0, 0, 0, 0], [0, 0, 0, 0x80], [0, 0, 0x80, 0x7F], [0, 0, 0xC0, 0x7F]] as [[UInt8]] {
      refuses([4, 0, 5, 0, 1, 1, 0, 0, 0x80, 0xBF] + entry, "in its table")
    }
    // Scales: too few, one negative.
    refuses([3, 0, 5, 0, 0], "fewer scales")
    refuses([3, 0, 5, 0, 0, 0x80], "negative or no number")
    // A grid whose step is no number.
    refuses([5, 0, 5, 0, 0, 1, 0, 0, 0x80, 0x7F, 0, 0x3C], "in its table")
    // Fields: of no levels, with bytes behind, and of a plane of two bytes for one.
    refuses([4, 10, 5, 2, 0, 0] + table, "fields for 0 and 0")
    refuses([4, 10, 5, 3, 1, 1, 0] + table, "fields for 1 and 1")
    refuses([4, 10, 5, 4, 0x81, 1, 0, 1] + table, "fields for")
  }

  @Test func levelsThatStandForNothingAreRefused() throws {
    func refuses(_ words: String, _ change: (inout Crafted.Part) -> Void) throws {
      let file = try Models.open(crafted(change))
      let error = #expect(throws: CSRMError.self) { try file.tensorBytes("x").source.bytes() }
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
    try refuses("level 2") { $0.blocks = [[0xFF, 0x02]] }
    try refuses("level -2") { $0.blocks = [[0xFE, 0x01]] }
    // As floats: 1.5, NaN, -0, 512.
    for bits in [[0xC0, 0x3F], [0xC0, 0x7F], [0, 0x80], [0, 0x44]] as [[UInt8]] {
      try refuses("whole number") {
        $0.parameters[2] = 2
        $0.blocks = [[0x80, 0x3F] + bits]
      }
    }
    // A level in a column whose scale is zero, and one past 127.
    try refuses("scale 0.0") {
      $0.precision = 3
      $0.parameters = [3, 0, 5, 0, 0, 0]
    }
    try refuses("level -128") {
      $0.precision = 3
      $0.parameters = [3, 0, 5, 0, 0, 0x3C]
      $0.blocks = [[1, 0x80]]
    }
    // Fields of two bits for three levels, dense: 3 stands for none; then bits behind the last.
    let three: [UInt8] = [4, 10, 5, 2, 1, 2, 1, 2, 0, 0, 0x80, 0xBF, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40]
    try refuses("a field 3") {
      $0.parameters = three
      $0.blocks = [[0b1101]]
    }
    try refuses("behind its last field") {
      $0.parameters = three
      $0.blocks = [[0b1_0101]]
    }
    // A half that is infinite, and one that is -0.
    for bits in [[0, 0x7C], [0, 0x80]] as [[UInt8]] {
      try refuses("a half") {
        $0.precision = 1
        $0.parameters = [1, 0, 1, 0]
        $0.blocks = [[0, 0x3C] + bits]
      }
    }
  }

  /// A map, or an encoding of the plane, that a later version may have.
  @Test(arguments: [[0, 0, 5, 0], [6, 0, 5, 0], [4, 99, 5, 0]] as [[UInt8]])
  func laterLevelsAreRefusedByNameAlone(parameters: [UInt8]) throws {
    let file = try Models.open(crafted { $0.parameters = parameters })
    #expect(throws: CSRMError.unknownEncoding(file: "test.csrm", tensor: "x", id: 9)) {
      try file.tensorBytes("x")
    }
    #expect(file.verify().unchecked == ["tensor x"] && file.verify().damage == [])
  }

  @Test func otherPrecisionsAreRefusedByNameAlone() throws {
    let file = try Models.open(crafted { $0.precision = 6 })
    #expect(throws: CSRMError.unknownPrecision(file: "test.csrm", tensor: "x", precision: 6)) {
      try file.tensorBytes("x")
    }
  }

  @Test func levelsOfIntegersAreRefused() {
    #expect(throws: CSRMError.self) {
      try Models.open(
        crafted {
          $0.code = ElementType.Kind.int32.rawValue
        })
    }
  }
}
