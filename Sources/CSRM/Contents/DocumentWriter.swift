import Documents
import Files

/// A document as fields (csrm(5), DOCUMENTS): everything but the tensors, which it names by their
/// number.
struct DocumentWriter {
  /// The number of the tensor that holds a dataset's values, by object; the others' values are
  /// written into the document.
  let tensors: [Document.ObjectID: Int]
  private var out = FieldWriter()

  init(tensors: [Document.ObjectID: Int]) { self.tensors = tensors }

  static func bytes(
    of document: Document, tensors: [Document.ObjectID: Int], _ features: Features = []
  ) throws -> [UInt8] {
    var writer = DocumentWriter(tensors: tensors)
    try writer.document(document)
    if features.contains(.nameMarks) { NameMarks.write(document, to: &writer.out) }
    return writer.out.bytes
  }

  private mutating func document(_ document: Document) throws {
    out.varint(document.superblockVersion)
    out.string(document.userBlock)
    out.varint(document.objects.count)
    for (id, object) in document.objects.enumerated() {
      switch object {
      case .group(let group):
        out.byte(ObjectCode.group.rawValue)
        out.byte(group.linkOrder.rawValue)
        out.varint(group.links.count)
        for link in group.links { self.link(link) }
        try attributes(group.attributes, group.attributeOrder)
      case .dataset(let dataset):
        out.byte(ObjectCode.dataset.rawValue)
        try self.dataset(dataset, id)
      case .committedType(let committed):
        out.byte(ObjectCode.committedType.rawValue)
        try out.datatype(committed.type)
        try attributes(committed.attributes, committed.attributeOrder)
      }
    }
  }

  private mutating func link(_ link: Link) {
    out.string(link.name.bytes)
    switch link.target {
    case .hard(let object):
      out.byte(LinkCode.hard.rawValue)
      out.varint(object)
    case .soft(let path):
      out.byte(LinkCode.soft.rawValue)
      out.string(path.bytes)
    }
  }

  private mutating func attributes(
    _ attributes: [Attribute], _ order: CreationOrder
  ) throws(Malformed) {
    out.byte(order.rawValue)
    out.varint(attributes.count)
    for attribute in attributes {
      out.string(attribute.name.bytes)
      try type(attribute.type, attribute.committedType)
      space(attribute.space)
      out.string(attribute.value)
    }
  }

  private mutating func type(
    _ type: Datatype, _ committed: Document.ObjectID?
  ) throws(Malformed) {
    out.varint(committed.map { $0 + 1 } ?? 0)
    try out.datatype(type)
  }

  private mutating func space(_ space: Dataspace) {
    switch space {
    case .null: out.byte(SpaceCode.null.rawValue)
    case .scalar: out.byte(SpaceCode.scalar.rawValue)
    case .simple(let dimensions, let maximum):
      out.byte(SpaceCode.simple.rawValue)
      out.varint(dimensions.count)
      for (dimension, most) in zip(dimensions, maximum) {
        out.varint(dimension)
        out.varint(most.map { UInt64($0) + 1 } ?? 0)
      }
    }
  }

  private mutating func dataset(_ dataset: Dataset, _ id: Document.ObjectID) throws {
    try type(dataset.type, dataset.committedType)
    space(dataset.space)
    switch dataset.layout {
    case .contiguous: out.byte(LayoutCode.contiguous.rawValue)
    case .compact: out.byte(LayoutCode.compact.rawValue)
    case .chunked(let chunk):
      out.byte(LayoutCode.chunked.rawValue)
      out.varint(chunk.count)
      for dimension in chunk { out.varint(dimension) }
    }
    out.varint(dataset.filters.count)
    for filter in dataset.filters {
      out.varint(filter.id)
      out.byte(filter.isOptional ? 1 : 0)
      out.varint(filter.parameters.count)
      for parameter in filter.parameters { out.varint(UInt64(parameter)) }
    }
    switch dataset.fill {
    case .standard: out.byte(FillCode.standard.rawValue)
    case .undefined: out.byte(FillCode.undefined.rawValue)
    case .value(let element):
      out.byte(FillCode.value.rawValue)
      out.string(element)
    }
    out.byte(dataset.fillTime.rawValue)
    out.byte(dataset.allocationTime.rawValue)
    try attributes(dataset.attributes, dataset.attributeOrder)
    switch dataset.value {
    case .plain(let source):
      if let tensor = tensors[id] {
        out.byte(ValueCode.tensor.rawValue)
        out.varint(tensor)
      } else {
        out.byte(ValueCode.plain.rawValue)
        out.string(try source.bytes())
      }
    case .portable(let bytes):
      out.byte(ValueCode.portable.rawValue)
      out.string(bytes)
    case .unwritten: out.byte(ValueCode.unwritten.rawValue)
    case .unreadable(let reason):
      out.byte(ValueCode.unreadable.rawValue)
      out.string(reason)
    }
  }
}

enum ObjectCode: UInt8 {
  case group = 1
  case dataset, committedType
}
enum LinkCode: UInt8 {
  case hard = 1
  case soft
}
enum SpaceCode: UInt8 {
  case null = 0
  case scalar, simple
}
enum LayoutCode: UInt8 {
  case contiguous = 0
  case compact, chunked
}
enum FillCode: UInt8 {
  case standard = 0
  case undefined, value
}
enum ValueCode: UInt8 {
  case tensor = 1
  case plain, portable, unwritten, unreadable
}
