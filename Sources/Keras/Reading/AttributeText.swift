import Documents

extension Attribute {
  /// The elements as bytes of text; nil where this is no text attribute.
  ///
  /// An empty list is stored by h5py as float64 of shape (0,), and a null dataspace holds nothing:
  /// both are an empty list (keras-files.md, section 2).
  var texts: [[UInt8]]? {
    guard let count = space.count else { return nil }
    if count == 0 { return [] }
    switch type {
    case .string(let length, let padding, _):
      guard length > 0, value.count / length == count, value.count % length == 0 else { return nil }
      return stride(from: 0, to: value.count, by: length).map {
        Attribute.unpadded(value[$0..<$0 + length], padding)
      }
    case .variableString:
      var texts: [[UInt8]] = []
      var rest = value[...]
      for _ in 0..<count {
        guard let length = rest.popVarint(), length <= rest.count + 1 else { return nil }
        texts.append(Array(rest.prefix(max(0, length - 1))))
        rest = rest.dropFirst(max(0, length - 1))
      }
      return texts
    default: return nil
    }
  }

  /// The one text of a scalar attribute, or of one with a single element.
  var text: [UInt8]? {
    guard let texts, texts.count == 1 else { return nil }
    return texts[0]
  }

  private static func unpadded(
    _ bytes: ArraySlice<UInt8>, _ padding: Datatype.StringPadding
  ) -> [UInt8] {
    if padding == .nullTerminated { return Array(bytes.prefix { $0 != 0 }) }
    let filler: UInt8 = padding == .nullPadded ? 0 : 0x20
    return bytes.lastIndex { $0 != filler }.map { Array(bytes[...$0]) } ?? []
  }
}

extension ArraySlice<UInt8> {
  /// Takes a number of seven bits a byte, low ones first, off the front (see `Datatype`).
  fileprivate mutating func popVarint() -> Int? {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = popFirst(), shift < 63 {
      number |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return Int(exactly: number) }
      shift += 7
    }
    return nil
  }
}

extension [Attribute] {
  func named(_ name: String) -> Attribute? { first { $0.name == Name(name) } }
}

/// A list of names that Keras keeps in an attribute (`layer_names`, `weight_names`), which it splits
/// into `NAME0`, `NAME1`, … where it would be over 64,512 bytes.
struct NameList {
  var names: [Name] = []
  /// What is wrong with it, ready to be said after the attribute's name.
  var fault: String?
  /// Whether there is any such attribute.
  var isPresent = false

  init(_ name: String, in attributes: [Attribute]) {
    if let whole = attributes.named(name) {
      isPresent = true
      append(whole)
      return
    }
    var next = 0
    while let part = attributes.named("\(name)\(next)") {
      isPresent = true
      append(part)
      next += 1
    }
    if let stray = attributes.first(where: { Self.number(of: $0.name, after: name) ?? -1 > next }) {
      isPresent = true
      fault = "has a gap: \(name)\(next) is missing before \(stray.name.printable)"
    }
  }

  private mutating func append(_ attribute: Attribute) {
    guard let texts = attribute.texts else {
      fault = "is not a list of strings"
      return
    }
    guard attribute.space.dimensions.count < 2 else {
      fault = "has more than one dimension"
      return
    }
    names += texts.map { Name(bytes: $0) }
  }

  private static func number(of name: Name, after prefix: String) -> Int? {
    let text = name.description
    guard text.hasPrefix(prefix) else { return nil }
    return Int(text.dropFirst(prefix.count))
  }
}
