import Files
import Tensors

/// Encoding 9: a plane of words, which are levels or the bits of narrower numbers, in an encoding of
/// their own; and what they stand for.
struct LevelsCoding: TensorCoding {
  let encoding = Encoding.levels
  let name = "levels"
  /// What it writes; nil of one that reads alone.
  private let target: Target?
  let parameters: [UInt8]

  private struct Target {
    let rounded: RoundedValues
    let form: PlaneForm
    let coding: any TensorCoding
  }

  /// For decoding.
  init() {
    target = nil
    parameters = []
  }

  /// For the words of rounded values, which lie as `form` in an encoding made to measure for them.
  init(_ rounded: RoundedValues, _ form: PlaneForm, in coding: any TensorCoding) {
    target = Target(rounded: rounded, form: form, coding: coding)
    parameters = LevelPlane.parameters(rounded.map, form, coding.encoding, coding.parameters)
  }

  /// With the encoding of the plane: `levels in static`.
  var fullName: String { target.map { "\(name) in \($0.coding.name)" } ?? name }

  // MARK: Writing

  func storedBytes(of geometry: Geometry, nonzeros: Int) -> Int? { nil }

  func maskBytes(of geometry: Geometry, nonzeros: Int) -> Int? {
    target.flatMap {
      $0.coding.maskBytes(
        of: geometry.with(elementSize: $0.form.element.size), nonzeros: nonzeros)
    }
  }

  func alignment(of geometry: Geometry) -> Int { 1 }

  func length(of block: BlockShape, run: Int) -> Int {
    guard let target else { return 0 }
    return target.coding.length(of: shape(block, target), run: run)
  }

  private func shape(_ block: BlockShape, _ target: Target) -> BlockShape {
    BlockShape(
      geometry: block.geometry.with(elementSize: target.form.element.size), block: block.block,
      nonzeros: block.nonzeros, nonzerosBefore: block.nonzerosBefore,
      nonzerosInAll: block.nonzerosInAll)
  }

  func encode(
    _ block: BlockShape, _ words: UnsafeRawBufferPointer, run: Int,
    into out: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    guard let target else { preconditionFailure("one that reads alone has nothing to write") }
    let plane = shape(block, target)
    return try PlaneBytes(target.rounded, target.form).withBytes(
      plane.geometry.bytes(of: block.block)
    ) { try target.coding.encode(plane, $0, run: run, into: out) }
  }

  // MARK: Reading

  func check(_ entry: Entry) throws(Malformed) {
    guard entry.plane != nil else { throw Malformed("has levels that stand for nothing") }
  }

  func pieces(of block: Int, in entry: Entry) -> [Range<Int>] {
    guard let plane = entry.plane else { return [entry.storedBlock(block)] }
    return plane.coding.pieces(of: block, in: plane.entry)
  }

  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) {
    if let plane = entry.plane {
      try plane.decode(pieces, block: block, of: entry, into: out)
    } else if target != nil, let plane = try LevelPlane.read(of: entry) {
      // An entry that was made to be written has its parameters alone.
      try plane.decode(pieces, block: block, of: entry, into: out)
    } else {
      throw Malformed("has levels that stand for nothing")
    }
  }
}

extension TensorCoding {
  /// In words, with how levels lie.
  var fullName: String { (self as? LevelsCoding)?.fullName ?? name }
}
