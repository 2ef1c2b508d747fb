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
    return try RoundedValues.withBytes(range, ofElements: size, body) { piece, out in
      try rounded.withWords(piece) { form.store($0, into: out) }
    }
  }
}
