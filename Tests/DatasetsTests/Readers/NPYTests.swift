import Files
import Testing

@testable import Datasets

struct NPYTests {
  let folder = try? TemporaryFolder()

  func values(_ bytes: [UInt8]) throws -> (shape: [Int], values: [Float]) {
    let path = try #require(folder).write(bytes, as: "x.npy")
    let all = try Datasets.open(path).all
    return (all.inputs[0].itemShape, try all.values())
  }

  @Test(arguments: [UInt8(1), 2, 3])
  func versions(version: UInt8) throws {
    let found = try values(npy("<f4", [2, 3], floats([1, 2, 3, 4, 5, 6]), version: version))
    #expect(found.shape == [3])
    #expect(found.values == [1, 2, 3, 4, 5, 6])
  }

  @Test(
    arguments: [
      ("<f2", little(UInt16(0x3C00)) + little(UInt16(0xC000)), [1, -2]),
      (">f2", big(UInt16(0x3C00)) + big(UInt16(0xC000)), [1, -2]),
      (">f4", big(Float(0.5).bitPattern) + big(Float(-7).bitPattern), [0.5, -7]),
      ("<f8", little((0.1).bitPattern) + little(Double(3).bitPattern), [0.1, 3]),
      (">f8", big((0.1).bitPattern) + big(Double(3).bitPattern), [0.1, 3]),
      ("|i1", [0xFF, 5], [-1, 5]), ("|u1", [0xFF, 5], [255, 5]), ("|b1", [0, 1], [0, 1]),
      ("<i2", little(Int16(-300)) + little(Int16(7)), [-300, 7]),
      (">u2", big(UInt16(40000)) + big(UInt16(7)), [40000, 7]),
      ("<i4", little(Int32(-70000)) + little(Int32(7)), [-70000, 7]),
      (">i8", big(Int64(-5)) + big(Int64(1 << 40)), [-5, Float(1 << 40)]),
      ("<u8", little(UInt64.max) + little(UInt64(7)), [18_446_744_073_709_551_616, 7]),
      ("=u4", little(UInt32(9)) + little(UInt32.max), [9, 4_294_967_296]),
      ("|V2", little(UInt16(0x3F80)) + little(UInt16(0xC000)), [1, -2]),
    ] as [(String, [UInt8], [Float])])
  func types(descr: String, bytes: [UInt8], expected: [Float]) throws {
    let found = try values(npy(descr, [2], bytes))
    #expect(found.shape == [])
    #expect(found.values == expected)
  }

  /// Every shape gives the same values as in row-major order.
  @Test(arguments: [[5], [2, 3], [4, 1, 3], [2, 3, 4], [1, 1, 6], [3, 2, 1, 4]])
  func fortranOrder(shape: [Int]) throws {
    let count = shape.reduce(1, *)
    // Element (i0, i1, …) has its row-major number as its value.
    var stored: [UInt8] = []
    var index = [Int](repeating: 0, count: shape.count)
    for _ in 0..<count {
      stored.append(UInt8(zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }))
      var axis = 0
      while axis < shape.count {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
        axis += 1
      }
    }
    let found = try values(npy("|u1", shape, stored, fortran: true))
    #expect(found.values == (0..<count).map { Float($0) })
  }

  /// More rows than one block of the transposition has.
  @Test func fortranOrderInBlocks() throws {
    let (rows, width) = (3000, 4000)
    var stored = [UInt8](repeating: 0, count: rows * width)
    for column in 0..<width {
      for row in 0..<rows { stored[column * rows + row] = UInt8((row * 7 + column) & 255) }
    }
    let path = try #require(folder).write(
      npy("|u1", [rows, width], stored, fortran: true), as: "x.npy")
    let all = try Datasets.open(path).all
    for row in [0, 2096, 2097, 2098, rows - 1] {
      #expect(try all.values([row]) == (0..<width).map { Float((row * 7 + $0) & 255) })
    }
  }

  @Test(
    arguments: [
      ("|O", "Python objects"), ("<c8", "complex"), ("<M8[ns]", "dates"), ("<f16", "16 bytes"),
      ("<U3", "strings"),
    ])
  func typesThatAreRefused(descr: String, word: String) throws {
    let error = #expect(throws: DataError.self) {
      try values(npy(descr, [2], [UInt8](repeating: 0, count: 64)))
    }
    #expect(error?.fault == .unsupported)
    #expect(error?.description.contains(word) == true)
  }

  @Test func everyTruncationIsNoticed() throws {
    let bytes = npy("<f4", [2, 3], floats([1, 2, 3, 4, 5, 6]))
    for length in 0..<bytes.count {
      let error = #expect(throws: DataError.self) { try values(Array(bytes[..<length])) }
      #expect(error?.fault == .damaged)
    }
  }

  @Test(
    arguments: [
      [1 << 40, 3], [Int.max, Int.max], [1 << 62, 8], [0, 3], [3, 0], [],
    ])
  func shapesThatCannotBe(shape: [Int]) throws {
    let error = #expect(throws: DataError.self) {
      try values(npy("<f4", shape, [UInt8](repeating: 0, count: 24)))
    }
    #expect(error?.fault == .damaged)
  }

  @Test(
    arguments: [
      "", "{", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
      "{'descr': 'q', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': ((((((((((((((((((((1", "[[[[[[[",
    ])
  func corruptHeaders(text: String) throws {
    let header = Array(text.utf8)
    let bytes =
      NPYHeader.magic + [1, 0] + little(UInt16(header.count)) + header
      + [UInt8](repeating: 0, count: 64)
    let error = #expect(throws: DataError.self) { try values(bytes) }
    #expect(error?.fault == .damaged)
  }

  /// As Python 2 wrote them, and records.
  @Test func unusualHeaders() throws {
    let old = Array("{\"shape\": (2L, 1L), 'fortran_order': False, 'descr': '|u1'}".utf8)
    let bytes = NPYHeader.magic + [1, 0] + little(UInt16(old.count)) + old + [3, 4]
    #expect(try values(bytes).values == [3, 4])
    let records = Array(
      "{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (1,)}".utf8)
    let error = #expect(throws: DataError.self) {
      try values(
        NPYHeader.magic + [1, 0] + little(UInt16(records.count)) + records
          + [UInt8](repeating: 0, count: 8))
    }
    #expect(error?.fault == .unsupported)
  }

  @Test func labelsInAnotherFile() throws {
    let folder = try #require(folder)
    let x = try folder.write(npy("|u1", [3, 2], [1, 2, 3, 4, 5, 6]), as: "x.npy")
    let y = try folder.write(npy("<i8", [3], [2, 0, 1].flatMap { little(Int64($0)) }), as: "y.npy")
    let set = try Datasets.open(x, options { $0.y = [ArrayName(array: y)] }).fitted([2], [3])
    #expect(try set.evaluation.classes() == [2, 0, 1])
    let odd = try folder.write(MappedFile(path: y).bytes(), as: "n=3.npy")
    let other = try Datasets.open(x, options { $0.y = [ArrayName(odd)] }).fitted([2], [3])
    #expect(try other.evaluation.classes() == [2, 0, 1])
    #expect(throws: DataError.self) { try Datasets.open(x).requireTargets() }
    let error = #expect(throws: DataError.self) {
      try Datasets.open(x, options { $0.y = [ArrayName(array: folder.file("none.npy"))] })
    }
    #expect(error?.fault == .missing)
  }
}
