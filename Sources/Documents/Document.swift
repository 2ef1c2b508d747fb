import Files
import Tensors

/// An HDF5 file as a plain value: what it holds, in order, with nothing interpreted.
///
/// Objects have identity: two links to one object (a hard-link alias, even a cycle) stay two links
/// to one object. A document equals another when the same tree of groups, links, attributes, types,
/// spaces, storage settings and values can be walked from both roots.
public struct Document: Sendable {
  /// An index in `objects`.
  public typealias ObjectID = Int

  /// Every object that the root reaches by hard links. `objects[0]` is the root group.
  public var objects: [Object]
  /// The bytes in front of the HDF5 superblock: 0, 512, 1,024, … of them.
  public var userBlock: [UInt8]
  /// 0 to 3, as the file's superblock says; 2 and 3 come with the newer object headers.
  public var superblockVersion: Int

  public init(objects: [Object] = [.group(Group())], userBlock: [UInt8] = [], superblockVersion: Int = 0) {
    self.objects = objects
    self.userBlock = userBlock
    self.superblockVersion = superblockVersion
  }
}

/// What a link can point to.
public enum Object: Sendable {
  case group(Group)
  case dataset(Dataset)
  /// A datatype stored under a name of its own (H5Tcommit).
  case committedType(CommittedType)
}

extension Object {
  public var attributes: [Attribute] {
    switch self {
    case .group(let group): group.attributes
    case .dataset(let dataset): dataset.attributes
    case .committedType(let type): type.attributes
    }
  }
}

/// Whether a group or object header remembers the order in which its members were made.
public enum CreationOrder: UInt8, Sendable { case untracked = 0, tracked, indexed }

public struct Group: Sendable {
  /// In creation order where that is tracked, else in order of name (bytes).
  public var links: [Link] = []
  /// In creation order where that is tracked, else in order of name (bytes).
  public var attributes: [Attribute] = []
  public var linkOrder: CreationOrder = .untracked
  public var attributeOrder: CreationOrder = .untracked
  public init() {}
}

public struct Link: Sendable {
  public enum Target: Sendable, Equatable {
    case hard(Document.ObjectID)
    /// A path inside the same file, which need not exist.
    case soft(Name)
  }
  public var name: Name
  public var target: Target
  /// What the file says of the name's bytes.
  public var mark: NameMark

  /// A link whose name has the mark that is usual for it, unless another is given.
  public init(name: Name, target: Target, mark: NameMark? = nil) {
    self.name = name
    self.target = target
    self.mark = mark ?? .usual(for: name)
  }
}

public struct Attribute: Sendable {
  public var name: Name
  /// What the file says of the name's bytes.
  public var mark: NameMark
  public var type: Datatype
  /// The committed datatype that `type` was taken from.
  public var committedType: Document.ObjectID?
  public var space: Dataspace
  /// The elements in portable form (see `Datatype`).
  public var value: [UInt8]

  /// An attribute whose name has the mark that is usual for it, unless another is given.
  public init(
    name: Name, type: Datatype, committedType: Document.ObjectID? = nil, space: Dataspace, value: [UInt8],
    mark: NameMark? = nil
  ) {
    self.name = name
    self.mark = mark ?? .usual(for: name)
    self.type = type
    self.committedType = committedType
    self.space = space
    self.value = value
  }
}

public struct CommittedType: Sendable {
  public var type: Datatype
  public var attributes: [Attribute]
  public var attributeOrder: CreationOrder
  public init(type: Datatype, attributes: [Attribute] = [], attributeOrder: CreationOrder = .untracked) {
    self.type = type
    self.attributes = attributes
    self.attributeOrder = attributeOrder
  }
}

/// The extent of an attribute or dataset.
public enum Dataspace: Sendable, Hashable {
  /// No elements at all and no shape (H5S_NULL).
  case null
  /// One element, shape ().
  case scalar
  /// Row-major; a maximum of nil is unlimited.
  case simple(dimensions: [Int], maximum: [Int?])

  public static func simple(_ dimensions: [Int]) -> Dataspace {
    .simple(dimensions: dimensions, maximum: dimensions)
  }

  /// The shape; empty for a scalar and for a null space.
  public var dimensions: [Int] {
    if case .simple(let dimensions, _) = self { dimensions } else { [] }
  }

  /// The number of elements, or nil where that does not fit in 63 bits.
  public var count: Int? {
    switch self {
    case .null: return 0
    case .scalar: return 1
    case .simple(let dimensions, _):
      var product = 1
      for dimension in dimensions {
        let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
        if overflow || dimension < 0 { return nil }
        product = next
      }
      return product
    }
  }
}
