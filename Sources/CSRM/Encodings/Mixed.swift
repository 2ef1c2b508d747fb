import CKernels
import Files
import Tensors

/// Encoding 5: every element predicted by what lies around it in its row, its column and, in
/// kernels and pictures, above and beside it; the predictions are mixed by weights that learn.
/// The smallest wherever neighbours are alike, and the slowest.
struct MixedCoding: AdaptiveCoding {
  let encoding = Encoding.mixed
  let name = "mixed"
  let type: ElementType?
  private let shape: [Int]

  /// Elements of a block: what coding one holds beside it is bounded by this.
  static let greatestBlock = 1 << 22

  /// To decode with, and to be fitted.
  init() {
    type = nil
    shape = []
  }

  /// To encode elements of `type` in a tensor of `shape`.
  init(_ type: ElementType, shape: [Int]) {
    self.type = type
    self.shape = shape
  }

  /// Whether it can hold blocks so large.
  static func holds(_ geometry: Geometry) -> Bool {
    geometry.fitsBlocks && geometry.blockElements <= greatestBlock
  }

  /// About what mixing saves at least, in percent of what `small` takes.
  private static let saving = 1

  func fitted(to census: FloatCensus, shape: [Int], _ geometry: Geometry) -> Fitting? {
    guard MixedCoding.holds(geometry), census.nonzeros > 0 else { return nil }
    let bytes = census.adaptiveBytes
    return Fitting(
      coding: MixedCoding(census.type, shape: shape),
      expectedBytes: bytes - bytes * MixedCoding.saving / 100)
  }

  func check(_ entry: Entry) throws(Malformed) {
    try checkAdaptive(entry)
    guard MixedCoding.holds(entry.geometry) else {
      throw Malformed("has mixed blocks of \(entry.geometry.blockElements) elements")
    }
  }

  func encode(
    _ number: ck_number, _ block: BlockShape, _ words: UnsafeRawBufferPointer,
    into out: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    var grid = ck_mixed_shape(shape: shape, block.geometry, block: block.block)
    var number = number
    return withScratch(ck_mixed_room(&grid)) { memory in
      ck_mixed_encode(
        Logistic.tables, &number, &grid, words.baseAddress, memory.baseAddress, out.baseAddress,
        out.count)
    }
  }

  func decode(
    _ number: ck_number, _ stored: UnsafeBufferPointer<UInt8>, block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) -> Bool {
    var grid = ck_mixed_shape(shape: entry.shape, entry.geometry, block: block)
    var number = number
    return withScratch(ck_mixed_room(&grid)) { memory in
      ck_mixed_decode(
        Logistic.tables, &number, &grid, stored.baseAddress, stored.count, memory.baseAddress,
        out.baseAddress) != 0
    }
  }
}

extension ck_mixed_shape {
  /// How the elements of a block lie (csrm(5), 5: mixed): as a matrix, as a kernel of which at least
  /// a tap fits into a block, or one below the other.
  init(shape: [Int], _ geometry: Geometry, block: Int) {
    self.init()
    let elements = geometry.elements(of: block)
    let axes = shape.filter { $0 != 1 }
    guard axes.count >= 2, let last = axes.last, geometry.blockElements % last == 0 else {
      rows = elements.count
      columns = 1
      return
    }
    columns = last
    rows = elements.count / last
    first_row = elements.lowerBound / last
    guard axes.count >= 3, axes[axes.count - 2] <= geometry.blockElements / last else { return }
    inputs = axes[axes.count - 2]
    taps_wide = axes[axes.count - 3]
  }
}
