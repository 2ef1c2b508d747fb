import CKernels

/// A tensor's elements sorted by magnitude, equal ones by index. 8 bytes an element while it lives
/// (16 while it is made) where floats hold the values, twice that for wider types.
public struct MagnitudeOrder: Sendable {
  /// Upper half: the magnitude's float bits. Lower half: the index.
  private var narrow: [UInt64] = []
  /// Indices and, by index, magnitudes.
  private var wide: (order: [Int], magnitudes: [Double]) = ([], [])

  /// Sorts the elements of `values`, which are numbers. Throws what their source throws.
  public init(_ values: TensorValues) throws {
    let blocks = TensorBlock.all(of: [values.count])
    if values.type.fitsFloat, values.count <= 1 << 32 {
      narrow = [UInt64](repeating: 0, count: values.count)
      for block in blocks {
        try values.withFloats(block.range) { floats in
          narrow.withUnsafeMutableBufferPointer {
            ck_magnitude_entries(
              floats, block.range.count, UInt32(block.range.lowerBound),
              $0.baseAddress.map { $0 + block.range.lowerBound })
          }
        }
      }
      var spare = [UInt64](repeating: 0, count: narrow.count)
      ck_sort_entries(&narrow, narrow.count, &spare)
    } else {
      var magnitudes = try values.doubles()
      for i in magnitudes.indices { magnitudes[i] = magnitudes[i].magnitude }
      // By bits, so that NaN has a place: after infinity.
      wide.order = magnitudes.indices.sorted {
        (magnitudes[$0].bitPattern, $0) < (magnitudes[$1].bitPattern, $1)
      }
      wide.magnitudes = magnitudes
    }
  }

  /// Calls `body` with the index and the magnitude of every element, the largest first, of equal
  /// ones the last first.
  public func forEachDescending(_ body: (_ index: Int, _ magnitude: Double) -> Void) {
    for entry in narrow.reversed() {
      body(
        Int(truncatingIfNeeded: entry & 0xffff_ffff),
        Double(Float(bitPattern: UInt32(truncatingIfNeeded: entry >> 32))))
    }
    for index in wide.order.reversed() { body(index, wide.magnitudes[index]) }
  }
}
