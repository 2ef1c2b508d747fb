import Documents
import Files
import Zip

/// gzip around a data file.
enum Gzip {
  static func recognises(_ source: any ByteSource) throws -> Bool {
    try source.prefix(3) == [0x1F, 0x8B, 8]
  }

  /// The bytes inside, unpacked into memory or, past its bound, into a temporary file. Deflate makes
  /// at most 1,032 bytes of one, so neither is larger than the file allows.
  static func unpacked(_ source: any ByteSource, file: String) throws -> any ByteSource {
    let spool = Spool(for: file)
    let limit = Limits.data.decodedBytes
    do {
      try Inflation.inflate(source, .gzip, limit: limit) { try spool.write($0) }
    } catch Inflation.Failure.tooLong {
      throw DataError.unsafe(file: file, what: "unpacks to more than \(limit) bytes")
    } catch let failure as Inflation.Failure {
      throw DataError.damaged(file: file, what: failure.words)
    }
    return try spool.finish()
  }
}
