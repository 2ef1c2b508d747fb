import Files

/// What can be wrong with a packed file, or keep a model from being packed. Each case carries the
/// file, the place and what was found, and says what to do.
public enum CSRMError: Reportable, Equatable {
  /// The file does not begin as a packed file does.
  case notPacked(file: String)
  /// The first bytes were changed as a transfer in text mode changes them.
  case textMode(file: String)
  /// The footer is not where the file ends.
  case cutShort(file: String, bytes: Int)
  /// A part's bytes are not those that were written.
  case checksum(file: String, part: String, declared: UInt32, computed: UInt32)
  /// A part has bytes that no writer of this format makes.
  case malformed(file: String, part: String, what: String)
  /// The header's major version is not ours.
  case otherVersion(file: String, major: Int)
  /// The header asks for a feature that this version does not have.
  case requiredFeature(file: String, bit: Int)
  /// Something is larger than this reader takes.
  case tooLarge(file: String, part: String, found: String, limit: String)
  /// A block of this tensor has more bytes than may be held.
  case memoryTooSmall(file: String, tensor: String, bytes: Int, limit: Int)
  /// The tensor is stored in a way that a later version added; others of the file can be read.
  case unknownEncoding(file: String, tensor: String, id: Int)
  /// The values were rounded or levelled in a way that this version does not know.
  case unknownPrecision(file: String, tensor: String, precision: Int)
  /// What was packed is a kind of file that a later version added; its tensors can be read.
  case unknownContainer(file: String, kind: String)
  /// The file is a collection of tensors, whose names are no paths of one tree.
  case noContainer(file: String)
  /// No tensor has this name.
  case noSuchTensor(file: String, name: String)
  /// Rows are asked for that a tensor of `count` rows does not have.
  case rowsOutside(file: String, tensor: String, rows: Range<Int>, count: Int)
  /// The file was packed without the bytes that are needed to rebuild the original.
  case noOriginal(file: String)

  /// A dataset's values could not be read from the file it came from.
  case unreadable(file: String, dataset: String, reason: String)
  /// A source does not have the bytes that shape and type make.
  case wrongSize(file: String, dataset: String, bytes: Int, expected: Int)
  /// The container holds something that the format has no place for.
  case cannotPack(file: String, reason: String)
  /// The container cannot be rebuilt to the byte.
  case cannotRebuild(file: String, reason: String)
  /// `--block-rows` makes blocks larger than a reader takes.
  case blockTooLarge(tensor: String, bytes: Int, limit: Int)
  /// A tensor has values that cannot be rounded as asked.
  case cannotRound(file: String, tensor: String, reason: String)
  /// What was encoded does not decode to what went in: a fault of this program.
  case selfCheck(part: String)
  /// zlib ran out of memory, or was given nonsense.
  case zlib(code: Int)

  public var fault: Fault {
    switch self {
    case .notPacked, .textMode, .cutShort, .checksum, .malformed, .tooLarge, .wrongSize,
      .noContainer, .cannotRound:
      .damaged
    case .otherVersion, .requiredFeature, .unknownEncoding, .unknownPrecision, .unknownContainer,
      .unreadable, .cannotPack, .cannotRebuild, .noOriginal:
      .unsupported
    case .noSuchTensor, .rowsOutside, .blockTooLarge, .memoryTooSmall: .usage
    case .selfCheck, .zlib: .software
    }
  }

  public var description: String {
    switch self {
    case .notPacked(let file):
      "\(file): is not a .csrm file: it does not begin with 89 43 53 52 4D 0D 0A 1A."
    case .textMode(let file):
      "\(file): its line endings were changed on the way. Transfer it again, in binary mode."
    case .cutShort(let file, let bytes):
      "\(file): is cut short: after \(bytes) bytes there is no footer. Copy it again."
    case .checksum(let file, let part, let declared, let computed):
      "\(file): is damaged (\(part): checksum \(hexadecimal(computed)), written as "
        + "\(hexadecimal(declared))). Copy or pack it again."
    case .malformed(let file, let part, let what):
      "\(file): is damaged (\(part): \(what)). Copy or pack it again."
    case .otherVersion(let file, let major):
      "\(file): is a .csrm file of version \(major); this coppice reads version 1. "
        + "Use one that reads version \(major)."
    case .requiredFeature(let file, let bit):
      "\(file): needs feature \(bit) of the .csrm format, which this coppice does not have. "
        + "Use a newer one."
    case .tooLarge(let file, let part, let found, let limit):
      "\(file): \(part): \(found) is more than the limit of \(limit)."
    case .memoryTooSmall(let file, let tensor, let bytes, let limit):
      "\(file): tensor \(tensor) decodes in blocks of \(bytes) bytes, and --memory allows \(limit). "
        + "Give -M \(2 * bytes) or more."
    case .unknownEncoding(let file, let tensor, let id):
      "\(file): tensor \(tensor) has encoding \(id), which this coppice cannot decode. "
        + "The other tensors can be read; use a newer one for this."
    case .unknownPrecision(let file, let tensor, let precision):
      "\(file): tensor \(tensor) has values of precision \(precision), which this coppice cannot "
        + "decode. The other tensors can be read; use a newer one for this."
    case .unknownContainer(let file, let kind):
      "\(file): holds a container of kind \(kind), which this coppice does not know. "
        + "Single tensors can be read; use a newer one for the whole."
    case .noContainer(let file):
      "\(file): holds tensors without a container, and their names are no paths that a file could have. Take them out one by one with unpack --tensor."
    case .noSuchTensor(let file, let name):
      "\(file): has no tensor \(name) that could be taken out alone. `coppice inspect` lists them, with their encodings."
    case .rowsOutside(let file, let tensor, let rows, let count):
      "\(file): tensor \(tensor) has \(count) rows; "
        + "\(rows.lowerBound):\(rows.upperBound) is not among them."
    case .noOriginal(let file):
      "\(file): was packed without --bytes-exact, so the original's very bytes cannot be rebuilt. "
        + "Unpack it without that option."
    case .unreadable(let file, let dataset, let reason):
      "\(file): the values of \(dataset) cannot be read: \(reason). Nothing was packed."
    case .wrongSize(let file, let dataset, let bytes, let expected):
      "\(file): \(dataset) has \(bytes) bytes of values where its shape and type make \(expected)."
    case .cannotPack(let file, let reason): "\(file): cannot be packed: \(reason)."
    case .cannotRebuild(let file, let reason):
      "\(file): cannot be rebuilt to the byte: \(reason). Leave --bytes-exact out."
    case .blockTooLarge(let tensor, let bytes, let limit):
      "--block-rows: a block of \(tensor) would take \(bytes) bytes; at most \(limit) are allowed."
    case .cannotRound(let file, let tensor, let reason): "\(file): tensor \(tensor) \(reason)."
    case .selfCheck(let part):
      "\(part): what was packed does not unpack to the same bytes. This is a fault of coppice; "
        + "please report it. Nothing was written."
    case .zlib(let code): "zlib failed with code \(code)."
    }
  }
}

/// Eight hexadecimal digits.
func hexadecimal(_ word: UInt32) -> String {
  let digits = String(word, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}

/// Something in the bytes of one part that cannot be, before it is known which file it is in.
struct Malformed: Error, Equatable {
  let what: String
  init(_ what: String) { self.what = what }
}

/// Runs `body` over a part of a file; what it finds malformed is told with file and part.
func located<Result>(
  _ file: String, _ part: String, _ body: () throws(Malformed) -> Result
) throws(CSRMError) -> Result {
  do throws(Malformed) {
    return try body()
  } catch {
    throw .malformed(file: file, part: part, what: error.what)
  }
}
