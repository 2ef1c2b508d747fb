import Documents
import Files
import Tensors

/// Reads what `DocumentWriter` writes, and checks that what comes out hangs together: every index
/// points to something of the right kind, and every value has the bytes that its shape and type
/// make.
struct DocumentReader {
  /// A tensor that documents may refer to.
  struct Tensor {
    let bytes: Int
    let elementSize: Int
    /// Where its values are, or why they cannot be had.
    let value: Dataset.Value
  }

  private var reader: FieldReader
  private let tensors: [Tensor]
  private let features: Features
  /// Objects that something takes a committed type from.
  private var expectedTypes: [Document.ObjectID] = []

  /// Objects, links, attributes, members and the like that a document of so many stored bytes may
  /// have.
  static func mostThings(stored: Int) -> Int { (1 << 17) + stored }

  /// The document of `bytes`, which took `stored` bytes in a file with `features`.
  static func document(
    from bytes: [UInt8], stored: Int, tensors: [Tensor], _ features: Features = []
  ) throws(Malformed) -> Document {
    var fields = FieldReader(bytes)
    fields.thingsLeft = mostThings(stored: stored)
    var reader = DocumentReader(reader: fields, tensors: tensors, features)
    return try reader.document()
  }

  private init(reader: FieldReader, tensors: [Tensor], _ features: Features) {
    self.reader = reader
    self.tensors = tensors
    self.features = features
  }

  private mutating func document() throws(Malformed) -> Document {
    let superblock = try reader.size()
    guard superblock <= 3 else { throw Malformed("has superblock version \(superblock)") }
    let userBlock = try reader.string()
    var objects: [Object] = []
    for _ in 0..<(try reader.things(each: 4)) { objects.append(try object()) }
    if features.contains(.nameMarks) { try NameMarks.read(&reader, into: &objects) }
    guard reader.isAtEnd else {
      throw Malformed("has \(reader.remaining) bytes behind its last object")
    }
    guard case .group = objects.first else { throw Malformed("has no root group") }
    for object in objects {
      guard case .group(let group) = object else { continue }
      for link in group.links {
        if case .hard(let target) = link.target, target >= objects.count {
          throw Malformed("has a link to object \(target) of \(objects.count)")
        }
      }
    }
    for expected in expectedTypes {
      guard objects.indices.contains(expected), case .committedType = objects[expected] else {
        throw Malformed("takes a datatype from object \(expected), which is none")
      }
    }
    return Document(objects: objects, userBlock: userBlock, superblockVersion: superblock)
  }

  private mutating func object() throws(Malformed) -> Object {
    switch try reader.choice(ObjectCode.self, "object kind") {
    case .group:
      var group = Group()
      group.linkOrder = try reader.choice(CreationOrder.self, "creation order")
      var names: Set<Name> = []
      for _ in 0..<(try reader.things(each: 3)) {
        let link = try link()
        guard names.insert(link.name).inserted else {
          throw Malformed("has two links named \(link.name.printable) in a group")
        }
        group.links.append(link)
      }
      (group.attributeOrder, group.attributes) = try attributes()
      return .group(group)
    case .dataset: return .dataset(try dataset())
    case .committedType:
      let type = try reader.datatype()
      let (order, attributes) = try attributes()
      return .committedType(
        CommittedType(type: type, attributes: attributes, attributeOrder: order))
    }
  }

  private mutating func link() throws(Malformed) -> Link {
    let name = try self.name()
    guard !name.bytes.contains(UInt8(ascii: "/")) else {
      throw Malformed("has a link with a slash in its name")
    }
    switch try reader.choice(LinkCode.self, "link kind") {
    case .hard: return Link(name: name, target: .hard(try reader.size()))
    case .soft: return Link(name: name, target: .soft(Name(bytes: try reader.string())))
    }
  }

  private mutating func name() throws(Malformed) -> Name {
    let bytes = try reader.string()
    guard !bytes.isEmpty, !bytes.contains(0) else {
      throw Malformed("has an empty name or one with NUL")
    }
    return Name(bytes: bytes)
  }

  private mutating func attributes() throws(Malformed) -> (CreationOrder, [Attribute]) {
    let order = try reader.choice(CreationOrder.self, "creation order")
    var attributes: [Attribute] = []
    var names: Set<Name> = []
    for _ in 0..<(try reader.things(each: 5)) {
      let name = try name()
      guard names.insert(name).inserted else {
        throw Malformed("has two attributes named \(name.printable) on an object")
      }
      let (type, committed) = try type()
      let space = try space()
      let value = try reader.string()
      try check(value.count, type, space, "attribute")
      attributes.append(
        Attribute(name: name, type: type, committedType: committed, space: space, value: value))
    }
    return (order, attributes)
  }

  /// Plain values must have the bytes of shape × type. (Portable ones are read by whoever writes
  /// them into a file.)
  private func check(
    _ bytes: Int, _ type: Datatype, _ space: Dataspace, _ what: String
  ) throws(Malformed) {
    guard type.isPlain else { return }
    guard let count = space.count,
      case (let size, let overflow) = count.multipliedReportingOverflow(by: type.size),
      !overflow, size == bytes
    else {
      throw Malformed("has \(bytes) bytes for \(what) values that shape and type make others")
    }
  }

  private mutating func type() throws(Malformed) -> (Datatype, Document.ObjectID?) {
    let committed = try reader.size()
    if committed > 0 { expectedTypes.append(committed - 1) }
    return (try reader.datatype(), committed > 0 ? committed - 1 : nil)
  }

  private mutating func space() throws(Malformed) -> Dataspace {
    switch try reader.choice(SpaceCode.self, "dataspace class") {
    case .null: return .null
    case .scalar: return .scalar
    case .simple:
      let rank = try reader.things(each: 2)
      guard rank <= Entry.greatestRank else { throw Malformed("has a dataspace of rank \(rank)") }
      var dimensions: [Int] = []
      var maximum: [Int?] = []
      for _ in 0..<rank {
        dimensions.append(try reader.size())
        let most = try reader.varint()
        guard most <= UInt64(Int.max) else { throw Malformed("has a size over 63 bits") }
        maximum.append(most == 0 ? nil : Int(most - 1))
      }
      return .simple(dimensions: dimensions, maximum: maximum)
    }
  }

  private mutating func dataset() throws(Malformed) -> Dataset {
    let (type, committed) = try type()
    let space = try space()
    let layout: Dataset.Layout
    switch try reader.choice(LayoutCode.self, "layout") {
    case .contiguous: layout = .contiguous
    case .compact: layout = .compact
    case .chunked:
      var chunk: [Int] = []
      for _ in 0..<(try reader.things()) { chunk.append(try reader.size()) }
      layout = .chunked(chunk)
    }
    var filters: [Dataset.Filter] = []
    for _ in 0..<(try reader.things(each: 3)) {
      let id = try reader.size()
      let isOptional = try reader.flag()
      var parameters: [UInt32] = []
      for _ in 0..<(try reader.things()) {
        guard let parameter = UInt32(exactly: try reader.varint()) else {
          throw Malformed("has a filter parameter over 32 bits")
        }
        parameters.append(parameter)
      }
      filters.append(.init(id: id, isOptional: isOptional, parameters: parameters))
    }
    let fill: Dataset.FillValue
    switch try reader.choice(FillCode.self, "fill value") {
    case .standard: fill = .standard
    case .undefined: fill = .undefined
    case .value: fill = .value(try reader.string())
    }
    let fillTime = try reader.choice(Dataset.FillTime.self, "fill time")
    let allocationTime = try reader.choice(Dataset.AllocationTime.self, "allocation time")
    let (order, attributes) = try attributes()
    var dataset = Dataset(
      type: type, space: space, layout: layout, filters: filters, fill: fill, fillTime: fillTime,
      allocationTime: allocationTime, value: try value(type, space))
    dataset.committedType = committed
    dataset.attributeOrder = order
    dataset.attributes = attributes
    return dataset
  }

  private mutating func value(_ type: Datatype, _ space: Dataspace) throws(Malformed)
    -> Dataset.Value
  {
    switch try reader.choice(ValueCode.self, "value kind") {
    case .tensor:
      let number = try reader.size()
      guard tensors.indices.contains(number) else {
        throw Malformed("has a dataset whose values are in tensor \(number) of \(tensors.count)")
      }
      let tensor = tensors[number]
      guard type.isPlain, tensor.elementSize == type.size else {
        throw Malformed("has a dataset whose type is not that of its tensor \(number)")
      }
      try check(tensor.bytes, type, space, "dataset")
      return tensor.value
    case .plain:
      let bytes = try reader.string()
      guard type.isPlain else { throw Malformed("has plain values of a type that is not plain") }
      try check(bytes.count, type, space, "dataset")
      return .plain(MemoryBytes(bytes))
    case .portable: return .portable(try reader.string())
    case .unwritten: return .unwritten
    case .unreadable: return .unreadable(reason: try reader.text().printable(limit: 1000))
    }
  }
}
