import Files
import Tensors

/// The words of rounded values as elements of a plane.
final class PlaneBytes: ByteSource {
  private let rounded: RoundedValues
  private let form: PlaneForm
  private var size: Int { form.element.size }

  init(_ rounded: RoundedValues, _ form: PlaneForm) {
    self.rounded = rounded
    self.form = form
  }

  var count: Int { rounded.count / rounded.type.size * size }

  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    let elements = range.lowerBound / size..<(range.upperBound + size - 1) / size
    return try withScratch(elements.count * size) { out in
      try RoundedValues.forEachPiece(of: elements) { piece in
        try rounded.withWords(piece) { words in
          let start = (piece.lowerBound - elements.lowerBound) * size
          form.store(
            words,
            into: UnsafeMutableRawBufferPointer(rebasing: out[start..<start + piece.count * size]))
        }
      }
      let start = range.lowerBound - elements.lowerBound * size
      return try body(
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(out)[start..<start + range.count]))
    }
  }
}
