import Documents
import Files
import Zip

/// Arrays by name as `numpy.savez` and `savez_compressed` store them: a zip archive of `.npy` files.
enum NPZ: DataReader {
  static func recognises(_ source: any ByteSource) throws -> Bool {
    try ZipArchive.recognises(source)
  }

  static func read(
    _ source: any ByteSource, file: String, options: DataOptions
  ) throws -> DataContents {
    let zip = try ZipArchive(
      reading: source, path: file, limits: .data, largestRatio: ZipArchive.deflateRatio)
    var arrays: [StoredArray] = []
    var seen: Set<Name> = []
    for member in zip.members {
      let name = member.name.description
      guard name.hasSuffix(".npy") else { continue }
      let shown = "array '\(member.name.printable)'"
      guard seen.insert(member.name).inserted else {
        throw DataError.damaged(file: file, what: "holds two arrays '\(member.name.printable)'")
      }
      let header: NPYHeader
      do {
        header = try NPYHeader(start(of: member.content), name: shown)
      } catch let failure as NPYHeader.Failure {
        throw failure.error(file)
      }
      let size = try header.checkedSize(present: member.content.count, file: file, name: shown)
      let values = LazyBytes(count: size) {
        try Self.values(of: member, in: zip, header.dataStart..<header.dataStart + size, file)
      }
      arrays.append(header.array(values, file: file, name: String(name.dropLast(4))))
    }
    guard !arrays.isEmpty else {
      if zip.members.contains(where: { $0.name == "config.json" }) {
        throw DataError.mismatch(
          file: file, what: "is a Keras model, not data",
          advice: "Give it as the model, and data with --data.")
      }
      throw DataError.unknownFormat(
        file: file, what: "is a zip archive with no NumPy arrays (.npy) in it",
        advice: "Save the arrays with numpy.savez.")
    }
    return DataContents(format: .npz, arrays: .named(arrays))
  }

  /// The first bytes of a member, no more of it unpacked than that.
  private static func start(of content: any ByteSource) throws -> [UInt8] {
    guard let deflated = content as? InflatedBytes else {
      return try content.prefix(NPYHeader.longest)
    }
    struct Enough: Error {}
    var bytes: [UInt8] = []
    do {
      try deflated.inflate { piece in
        bytes += piece.prefix(NPYHeader.longest - bytes.count)
        if bytes.count == NPYHeader.longest { throw Enough() }
      }
    } catch is Enough {}
    return bytes
  }

  /// The values behind the header, checked against the archive's checksum: where they lie, or
  /// unpacked.
  private static func values(
    of member: ZipArchive.Member, in zip: ZipArchive, _ range: Range<Int>, _ file: String
  ) throws -> any ByteSource {
    guard let deflated = member.content as? InflatedBytes else {
      try zip.check(member)
      return ByteSlice(member.content, range)
    }
    let spool = Spool(for: file)
    var place = 0
    try deflated.inflate { piece in
      let wanted = range.clamped(to: place..<place + piece.count)
      let inPiece = wanted.lowerBound - place..<wanted.upperBound - place
      place += piece.count
      if !wanted.isEmpty { try spool.write(UnsafeRawBufferPointer(rebasing: piece[inPiece])) }
    }
    return try spool.finish()
  }
}
