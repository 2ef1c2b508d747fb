import Files
import Parallel

extension PackedFile {
  /// A run of the original file: bytes of the skeleton, or all of a tensor.
  private struct Piece {
    let source: any ByteSource
    /// Known without reading, where it is a tensor.
    let checksum: UInt32?
    /// Bytes that decode together.
    let block: Int
  }

  /// Writes the original file, every byte of it, and checks the whole against the checksum that
  /// packing took. Throws `CSRMError.noOriginal` where it was packed without `bytesExact`. The
  /// caller puts the output in place when this has returned.
  public func restoreOriginal(to output: any ByteSink) throws {
    let (list, pieces) = try original()
    var checksum: UInt32 = 0
    for piece in pieces {
      // A few blocks at a time: they decode side by side, and memory stays small.
      let step = max(1, (16 << 20) / piece.block) * piece.block
      for range in Parallel.pieces(of: piece.source.count, size: step) {
        try piece.source.withBytes(range) { bytes in
          checksum = Checksum.of(bytes, continuing: checksum)
          try output.write(bytes)
          Passage.add(bytes.count)
        }
      }
    }
    try check(checksum, list)
  }

  /// Checks that skeleton and tensors make the original, without decoding the tensors again.
  func checkOriginal() throws {
    let (list, pieces) = try original()
    var checksum: UInt32 = 0
    for piece in pieces {
      var own = piece.checksum ?? 0
      if piece.checksum == nil {
        for range in Parallel.pieces(of: piece.source.count, size: piece.block) {
          try piece.source.withBytes(range) { own = Checksum.of($0, continuing: own) }
        }
      }
      checksum = Checksum.combine(checksum, own, lengthOfB: piece.source.count)
    }
    try check(checksum, list)
  }

  private func check(_ checksum: UInt32, _ list: ExtentList) throws(CSRMError) {
    guard checksum == list.checksum || !packed.isChecked else {
      throw .checksum(
        file: name, part: "rebuilt file", declared: list.checksum, computed: checksum)
    }
  }

  private func original() throws -> (ExtentList, [Piece]) {
    guard let index = indices(of: .skeleton).first else { throw CSRMError.noOriginal(file: name) }
    let skeleton = try source(of: index)
    let block = max(1, entries[index].geometry.blockElements)
    let label = entries[index].label
    func malformed(_ what: String) -> CSRMError { .malformed(file: name, part: label, what: what) }
    guard skeleton.count >= ExtentList.prefix else { throw malformed("is too short") }
    let length = try skeleton.withBytes(0..<ExtentList.prefix) {
      Int($0.loadUnaligned(as: UInt32.self).littleEndian)
    }
    // Two bytes an extent, deflated at most as far as anything: the file bears the list out.
    guard length <= skeleton.count - ExtentList.prefix,
      length <= PackedFile.mostMetadata(stored: entries[index].storedBytes)
    else { throw malformed("has a list of \(length) bytes") }
    var position = ExtentList.prefix + length
    let bytes = try skeleton.withBytes(ExtentList.prefix..<position) { Array($0) }
    let list = try located(name, label) { () throws(Malformed) in try ExtentList(from: bytes) }

    let tensors = indices(of: .tensor)
    var isUsed = [Bool](repeating: false, count: tensors.count)
    var pieces: [Piece] = []
    var total = 0
    func skip(_ gap: Int) throws(CSRMError) {
      guard gap <= skeleton.count - position else { throw malformed("ends before its last extent") }
      guard gap > 0 else { return }
      pieces.append(
        Piece(source: ByteSlice(skeleton, position..<position + gap), checksum: nil, block: block))
      position += gap
      total += gap
    }
    for extent in list.extents {
      guard tensors.indices.contains(extent.tensor), !isUsed[extent.tensor] else {
        throw malformed("places tensor \(extent.tensor) of \(tensors.count), or places it twice")
      }
      isUsed[extent.tensor] = true
      try skip(extent.gap)
      let entry = entries[tensors[extent.tensor]]
      pieces.append(
        Piece(
          source: try source(of: tensors[extent.tensor]), checksum: entry.checksum,
          block: max(1, min(entry.decodedBytes, entry.geometry.blockElements * entry.element.size)))
      )
      total += entry.decodedBytes
    }
    try skip(skeleton.count - position)
    guard total == list.fileLength else {
      throw malformed("rebuilds \(total) bytes of \(list.fileLength)")
    }
    return (list, pieces)
  }
}
