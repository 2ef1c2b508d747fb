import Documents
import Files
import Tensors

/// One entry on its way into a packed file: a name, a type, a shape, and the bytes.
struct PackItem {
  let kind: Entry.Kind
  let name: String
  let type: ElementType
  let shape: [Int]
  let source: any ByteSource
  /// Set for the plane of a tensor whose values were rounded: how it is cut, and what levels it has,
  /// where it lies as levels.
  private(set) var plane: (geometry: Geometry, span: LevelSpan?)?

  init(kind: Entry.Kind, name: String, type: ElementType, shape: [Int], source: any ByteSource) {
    self.kind = kind
    self.name = name
    self.type = type
    self.shape = shape
    self.source = source
  }

  /// The plane of a tensor.
  init(
    planeOf item: PackItem, type: ElementType, source: any ByteSource, geometry: Geometry,
    span: LevelSpan?
  ) {
    self.init(kind: item.kind, name: item.name, type: type, shape: item.shape, source: source)
    plane = (geometry, span)
  }

  /// Bytes that are no tensor.
  init(kind: Entry.Kind, name: String, bytes: any ByteSource) {
    self.init(
      kind: kind, name: name, type: ElementType(.uint8), shape: [bytes.count], source: bytes)
  }
}

extension PackItem {
  /// How the elements are cut.
  func geometry(_ options: PackOptions) throws(CSRMError) -> Geometry {
    if let plane { return plane.geometry }
    // The plan has seen to it that there are at most 2^40.
    let count = Geometry.count(of: shape) ?? 0
    let (rows, columns) = Geometry.rowsAndColumns(of: shape, count: count)
    let geometry = Geometry(
      elementSize: type.size, count: count, rows: rows, columns: columns,
      blockRows: kind == .tensor && shape.count > 1 ? options.blockRows.map { max(1, $0) } : nil)
    // What a reader of so much memory would refuse is not made.
    let most = min(Geometry.greatestBlock, max(ReadingMemory.piece, options.memory / 2))
    if options.blockRows != nil, geometry.blockElements > most / max(1, type.size) {
      let (bytes, overflow) = geometry.blockElements.multipliedReportingOverflow(by: type.size)
      throw .blockTooLarge(
        tensor: name.printable(), bytes: overflow ? Int.max : bytes, limit: most)
    }
    return geometry
  }

  /// The encodings that are tried, in the order in which they are preferred at equal size.
  func candidates(_ options: PackOptions) -> [any TensorCoding] {
    Encoding.codings.filter { coding in
      switch coding.encoding {
      case .raw: return true
      // What has to be held whole is never stored in an encoding that expands without bound; and a
      // plane that is all one level is a tensor that is all one value.
      case .constant: return kind != .container && kind != .document && plane == nil
      case .bitmask: return isNumeric && options.layout == .automatic
      case .csr: return isNumeric && shape.count > 1 && plane == nil
      // Deflate takes its time, and floats leave it little to find.
      case .deflate: return !type.isFloat && (kind != .tensor || options.layout == .automatic)
      default: return false
      }
    }
  }

  /// The tensor's values as they were rounded; nil where they were not.
  var rounded: RoundedValues? {
    (source as? ReplacedBytes)?.new as? RoundedValues ?? source as? RoundedValues
  }

  /// Whether the entropy coders of floats are tried.
  func codesFloats(_ options: PackOptions) -> Bool {
    (kind == .tensor || kind == .pool) && type.isFloat && options.level != .fast
      && options.layout == .automatic
  }

  private var isNumeric: Bool { (kind == .tensor || kind == .pool) && type.kind != .opaque }
}
