import Files
import Tensors

@testable import CSRM

/// A tensor that an adaptive coder encodes and decodes block by block, without a file around it.
struct AdaptiveTrial {
  let coding: any AdaptiveCoding
  let type: ElementType
  let shape: [Int]
  let geometry: Geometry

  enum Coder: CaseIterable {
    case small
    case mixed
  }

  init(_ coder: Coder, _ type: ElementType, _ shape: [Int], blockElements: Int? = nil) {
    self.type = type
    self.shape = shape
    coding =
      switch coder {
      case .small: SmallCoding(type)
      case .mixed: MixedCoding(type, shape: shape)
      }
    let count = shape.reduce(1, *)
    geometry = Geometry(
      elementSize: type.size, shape: shape, count: count, blockElements: blockElements ?? count)
  }

  func encoded(_ bytes: [UInt8]) throws -> [[UInt8]] {
    try (0..<geometry.blockCount).map { block in
      let words = Array(bytes[geometry.bytes(of: block)])
      let shape = BlockShape(
        geometry: geometry, block: block, nonzeros: 0, nonzerosBefore: 0, nonzerosInAll: 0)
      var out = [UInt8](repeating: 0xAA, count: coding.length(of: shape, run: 0) + 64)
      let length = try words.withUnsafeBytes { words in
        try out.withUnsafeMutableBytes { try coding.encode(shape, words, run: 0, into: $0) }
      }
      // Room behind what it may take is left alone.
      guard out.suffix(64).allSatisfy({ $0 == 0xAA }) else {
        throw Models.Difference(what: "bytes behind the room")
      }
      return Array(out[..<length])
    }
  }

  func entry(_ blocks: [[UInt8]], nonzeros: Int = 0, parameters: [UInt8] = []) -> Entry {
    var ends: [Int] = []
    for block in blocks { ends.append((ends.last ?? 0) + block.count) }
    return Entry(
      kindCode: Entry.Kind.tensor.rawValue, name: "x", element: ElementCode(type), shape: shape,
      encoding: coding.encoding, precision: 0, parameters: parameters, nonzeros: nonzeros,
      section: 0..<(ends.last ?? 0), alignment: 1, geometry: geometry, blockEnds: ends,
      blockChecksums: blocks.map { _ in 0 }, checksum: 0)
  }

  /// Every block in memory of just its own size, so that a sanitizer sees a step beside it.
  func decoded(_ blocks: [[UInt8]]) throws(Malformed) -> [UInt8] {
    let entry = entry(blocks)
    try coding.check(entry)
    var bytes: [UInt8] = []
    for (block, stored) in blocks.enumerated() {
      let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: stored.count, alignment: 1)
      piece.copyBytes(from: stored)
      let out = UnsafeMutableRawBufferPointer.allocate(
        byteCount: geometry.bytes(of: block).count, alignment: 1)
      defer {
        piece.deallocate()
        out.deallocate()
      }
      try coding.decode([UnsafeRawBufferPointer(piece)], block: block, of: entry, into: out)
      bytes += Array(out)
    }
    return bytes
  }
}
