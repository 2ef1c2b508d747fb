import Testing

@testable import coppice

struct SizeBenchTests {
  /// Three elements of two bytes, 0x0102, 0 and 0x0300: the mask 0b101, low bytes, high bytes.
  @Test func planesOfATensor() {
    let words: [UInt8] = [2, 1, 0, 0, 0, 3]
    let planes = words.withUnsafeBytes { ZeroPlanes.split($0, size: 2) }
    #expect(planes == [0b101, 2, 0, 1, 3])
    let back = (planes + [9]).withUnsafeBytes { ZeroPlanes.join($0, size: 2, count: 3) }
    #expect(back?.bytes == words && back?.taken == planes.count)
  }

  @Test(arguments: [1, 2, 4, 8], [0, 1, 7, 8, 9, 1000])
  func planesGoBothWays(size: Int, count: Int) {
    var state: UInt64 = 1
    let words = (0..<size * count).map { index -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return index / size % 3 == 0 ? UInt8(truncatingIfNeeded: state >> 56) : 0
    }
    let planes = words.withUnsafeBytes { ZeroPlanes.split($0, size: size) }
    let back = planes.withUnsafeBytes { ZeroPlanes.join($0, size: size, count: count) }
    #expect(back?.bytes == words && back?.taken == planes.count)
    if !planes.isEmpty {
      let cut = planes.dropLast()
      #expect(Array(cut).withUnsafeBytes { ZeroPlanes.join($0, size: size, count: count) } == nil)
    }
  }

  @Test func theMiddleOfSeveralCounts() {
    #expect(SizeBench.median([3, 1, 2]) == 2)
    #expect(SizeBench.median([4, 1, 2, 100]) == 3)
    #expect(SizeBench.median([]) == 0)
  }

  /// In the order of the table, whatever the order typed; an unknown name is refused.
  @Test func waysByName() {
    #expect(ContenderList(argument: "xz,fast")?.contenders.map(\.name) == ["fast", "xz"])
    #expect(ContenderList(argument: "fast,brotli") == nil)
    #expect(ContenderList(argument: "") == nil)
    #expect(Set(Contenders.names).count == Contenders.names.count)
  }
}
