import Documents
import Files
import Tensors

/// The original file around its tensors (csrm(5), SKELETON): a list of the places where tensors
/// lay as they are, then every other byte, in the order of the file.
struct Skeleton {
  /// A tensor entry, by its number, and the source that it is made from.
  struct Tensor {
    let name: String
    let type: ElementType
    let source: any ByteSource
  }

  /// What the entry holds.
  let source: any ByteSource

  /// Throws `CSRMError.cannotRebuild` where the file cannot be made again from what is packed.
  init(
    _ container: Container, tensors: [Tensor], options: PackOptions, file: String
  ) throws {
    guard let original = container.original else {
      throw CSRMError.cannotRebuild(file: file, reason: "there is no original file to rebuild")
    }
    for part in container.parts where part.member.map({ $0.method != 0 }) ?? false {
      throw CSRMError.cannotRebuild(
        file: file, reason: "its member \(part.name.printable) is compressed")
    }
    let extents = try Skeleton.extents(tensors, in: original, file: file)
    var list = ExtentList(fileLength: original.count, checksum: 0, extents: [])
    var parts: [any ByteSource] = []
    var end = 0
    var isChanged = false
    for extent in extents {
      let tensor = tensors[extent.tensor]
      let gap = ByteSlice(original, end..<extent.offset)
      parts.append(gap)
      list.extents.append(.init(gap: gap.count, tensor: extent.tensor))
      list.add(try Skeleton.checksum(gap), gap.count)
      list.add(
        try Skeleton.checksum(tensor.source, tensor.type, canonicalZero: options.canonicalZero),
        tensor.source.count)
      end = extent.offset + tensor.source.count
      isChanged = isChanged || tensor.source is ReplacedBytes
    }
    let rest = ByteSlice(original, end..<original.count)
    parts.append(rest)
    list.add(try Skeleton.checksum(rest), rest.count)
    isChanged = isChanged || options.canonicalZero
    if isChanged, container.archive != nil {
      throw CSRMError.cannotRebuild(
        file: file, reason: "values were changed, and the archive has checksums of the old ones")
    }
    // The rebuilt file is these pieces in this order, and each is seen to come back when it is
    // written; so this compares the rebuilt file with the original before anything is promised.
    if !isChanged, try Skeleton.checksum(original) != list.checksum {
      throw CSRMError.selfCheck(part: file)
    }
    source = ConcatenatedBytes([MemoryBytes(list.bytes)] + parts.filter { $0.count > 0 })
  }

  private struct Found {
    let offset: Int
    let tensor: Int
  }

  /// Where tensors lie in the file as they are, in order. A place that two of them share counts
  /// for the first one.
  private static func extents(
    _ tensors: [Tensor], in original: MappedFile, file: String
  ) throws(CSRMError) -> [Found] {
    var found: [Found] = []
    for (number, tensor) in tensors.enumerated() where tensor.source.count > 0 {
      let replaced = tensor.source as? ReplacedBytes
      guard let offset = replaced?.replacedOffset ?? tensor.source.fileOffset else {
        guard replaced == nil else {
          throw .cannotRebuild(
            file: file,
            reason:
              "the values of \(tensor.name.printable()) were changed, and they are not stored as they are"
          )
        }
        continue
      }
      guard offset >= 0, offset <= original.count, tensor.source.count <= original.count - offset
      else { continue }
      found.append(Found(offset: offset, tensor: number))
    }
    found.sort { ($0.offset, $0.tensor) < ($1.offset, $1.tensor) }
    var apart: [Found] = []
    var end = 0
    for extent in found {
      guard extent.offset >= end else {
        guard !(tensors[extent.tensor].source is ReplacedBytes) else {
          throw .cannotRebuild(
            file: file,
            reason: "\(tensors[extent.tensor].name.printable()) shares its bytes with another")
        }
        continue
      }
      apart.append(extent)
      end = extent.offset + tensors[extent.tensor].source.count
    }
    return apart
  }

  /// The checksum of all bytes as they will come back.
  private static func checksum(
    _ source: any ByteSource, _ type: ElementType = ElementType(.uint8), canonicalZero: Bool = false
  ) throws -> UInt32 {
    let count = source.count / type.size
    let geometry = Geometry(elementSize: type.size, count: count, rows: count, columns: 1)
    return try TensorScan(
      source, geometry, type: type, canonicalZero: canonicalZero, checksums: true
    ).checksum
  }
}

/// The head of a skeleton: how many bytes the file has, what they are summed to, and which tensors
/// lie where.
struct ExtentList: Equatable {
  struct Extent: Equatable {
    /// Bytes since the end of the extent before.
    var gap: Int
    /// The number of a tensor entry; all of its bytes lie there.
    var tensor: Int
  }

  var fileLength: Int
  /// Of the rebuilt file.
  var checksum: UInt32
  var extents: [Extent]

  /// Bytes of the length in front.
  static let prefix = 4

  init(fileLength: Int, checksum: UInt32, extents: [Extent]) {
    self.fileLength = fileLength
    self.checksum = checksum
    self.extents = extents
  }

  mutating func add(_ checksum: UInt32, _ count: Int) {
    self.checksum = Checksum.combine(self.checksum, checksum, lengthOfB: count)
  }

  /// With the length in front.
  var bytes: [UInt8] {
    var list = FieldWriter()
    list.varint(fileLength)
    list.fixed(checksum)
    list.varint(extents.count)
    for extent in extents {
      list.varint(extent.gap)
      list.varint(extent.tensor)
    }
    var out = FieldWriter()
    out.fixed(UInt32(list.bytes.count))
    out.append(list.bytes)
    return out.bytes
  }

  /// Reads the list without the length in front.
  init(from bytes: [UInt8]) throws(Malformed) {
    var reader = FieldReader(bytes)
    fileLength = try reader.size()
    checksum = try reader.fixed(UInt32.self)
    extents = []
    for _ in 0..<(try reader.count(each: 2)) {
      extents.append(Extent(gap: try reader.size(), tensor: try reader.size()))
    }
    guard reader.isAtEnd else {
      throw Malformed("has \(reader.remaining) bytes behind its extents")
    }
  }
}
