import Tensors

/// What stands in front of the values of a NumPy array: a magic word, a version, and a Python
/// dictionary of `descr`, `fortran_order` and `shape`.
struct NPYHeader {
  enum Content {
    case numbers(ElementType)
    case strings(StringCoding)
    /// `what` is a noun phrase.
    case unsupported(what: String)
  }

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Bytes that no header is longer than (NumPy itself writes some hundreds).
  static let longest = 1 << 17

  let content: Content
  let elementSize: Int
  let isFortranOrder: Bool
  let shape: [Int]
  /// Where the values begin, in bytes.
  let dataStart: Int
  /// The type as NumPy names it.
  let typeText: String

  /// What is wrong with a header: the rest of a sentence that begins with the file.
  struct Failure: Error {
    let what: String
    func error(_ file: String) -> DataError { .damaged(file: file, what: what) }
  }

  /// Reads the header at the start of `bytes`. `name` stands for the array in messages.
  init(_ bytes: [UInt8], name: String) throws(Failure) {
    guard bytes.starts(with: Self.magic) else {
      throw Failure(what: "\(name) is no NumPy array")
    }
    guard bytes.count >= 12 else { throw Failure(what: "\(name) is cut off inside its header") }
    guard (1...3).contains(bytes[6]) else {
      throw Failure(what: "\(name) has a header of version \(bytes[6]).\(bytes[7])")
    }
    let isWide = bytes[6] > 1
    let length = (0..<(isWide ? 4 : 2)).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let start = isWide ? 12 : 10
    guard length <= bytes.count - start else {
      throw Failure(
        what: length > Self.longest - start
          ? "\(name) has a header of \(length) bytes" : "\(name) is cut off inside its header")
    }
    dataStart = start + length
    var literal = PythonLiteral(bytes[start..<dataStart])
    guard case .dictionary(let fields)? = literal.value(),
      case .boolean(let order)? = fields["fortran_order"],
      case .sequence(let lengths)? = fields["shape"], let description = fields["descr"]
    else { throw Failure(what: "\(name) has a corrupt header") }
    var shape: [Int] = []
    for length in lengths {
      guard case .integer(let length) = length, length >= 0 else {
        throw Failure(what: "\(name) has a corrupt shape")
      }
      shape.append(length)
    }
    self.shape = shape
    isFortranOrder = order
    guard case .text(let code) = description else {
      content = .unsupported(what: "records of several fields")
      elementSize = 1
      typeText = "records"
      return
    }
    typeText = "'\(code.prefix(12))'"
    guard let (content, size) = Self.content(code) else {
      throw Failure(what: "\(name) has a corrupt type")
    }
    self.content = content
    elementSize = size
  }

  /// The meaning of `<f4`, `|u1`, `>U12`, and the bytes an element.
  private static func content(_ code: String) -> (Content, Int)? {
    var rest = code[...]
    var isBigEndian = false
    if let first = rest.first, "<>|=".contains(first) {
      isBigEndian = first == ">"
      rest = rest.dropFirst()
    }
    guard let letter = rest.popFirst() else { return nil }
    if letter == "O" { return (.unsupported(what: "Python objects (a pickle)"), 1) }
    if letter == "M" || letter == "m" { return (.unsupported(what: "dates"), 8) }
    guard let size = Int(rest), size >= 0, size < 1 << 30 else { return nil }
    let kinds: [String: ElementType.Kind] = [
      "f2": .float16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16, "i4": .int32,
      "i8": .int64, "u1": .uint8, "u2": .uint16, "u4": .uint32, "u8": .uint64, "b1": .bool,
      // How NumPy stores the bfloat16 of ml_dtypes.
      "V2": .bfloat16,
    ]
    if let kind = kinds["\(letter)\(size)"] {
      return (.numbers(ElementType(kind, bigEndian: isBigEndian)), size)
    }
    switch letter {
    case "U": return (.strings(.wide(size, bigEndian: isBigEndian)), 4 * size)
    case "S", "a": return (.strings(.bytes(size)), size)
    case "c": return (.unsupported(what: "complex numbers"), size)
    case "f": return (.unsupported(what: "floats of \(size) bytes"), size)
    case "V": return (.unsupported(what: "records of several fields"), size)
    default: return nil
    }
  }
}
