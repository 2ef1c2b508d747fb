import CKernels
import Files
import Tensors

/// Encoding 4: gaps, exponents, signs and the first mantissa bits by probabilities that learn as
/// they go, the other bits as they are. For tensors so small that tables would be the cost.
struct SmallCoding: AdaptiveCoding {
  let encoding = Encoding.small
  let name = "small"
  let type: ElementType?

  /// To decode with, and to be fitted.
  init() { type = nil }

  /// To encode elements of `type`.
  init(_ type: ElementType) { self.type = type }

  func fitted(to census: FloatCensus, shape: [Int], _ geometry: Geometry) -> Fitting? {
    guard geometry.fitsBlocks, census.nonzeros > 0 else { return nil }
    return Fitting(coding: SmallCoding(census.type), expectedBytes: census.adaptiveBytes)
  }

  func check(_ entry: Entry) throws(Malformed) { try checkAdaptive(entry) }

  func encode(
    _ number: ck_number, _ block: BlockShape, _ words: UnsafeRawBufferPointer,
    into out: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    withUnsafePointer(to: number) { number in
      ck_small_encode(
        Logistic.tables, number, words.baseAddress, block.count, out.baseAddress, out.count)
    }
  }

  func decode(
    _ number: ck_number, _ stored: UnsafeBufferPointer<UInt8>, block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) -> Bool {
    withUnsafePointer(to: number) { number in
      ck_small_decode(
        Logistic.tables, number, stored.baseAddress, stored.count, out.baseAddress,
        entry.geometry.elements(of: block).count) != 0
    }
  }
}
