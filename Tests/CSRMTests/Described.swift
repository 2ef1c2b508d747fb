import Documents
import Files
import Tensors

/// A container as text, a line for each thing that must come back: two containers are the same when
/// their lines are.
enum Described {
  static func lines(_ container: Container) throws -> [String] {
    var lines = [
      "kind \(container.kind)", "archive \(container.archive.map { "\($0)" } ?? "none")",
    ]
    for part in container.parts {
      lines.append("part \(part.name.bytes) \(part.member.map { "\($0)" } ?? "no member")")
      switch part.content {
      case .bytes(let source): lines.append("bytes \(try source.bytes())")
      case .document(let document): lines += try self.lines(document)
      }
    }
    return lines
  }

  static func lines(_ document: Document) throws -> [String] {
    var lines = ["document \(document.superblockVersion) \(document.userBlock)"]
    for (id, object) in document.objects.enumerated() {
      switch object {
      case .group(let group):
        lines.append("\(id) group \(group.linkOrder) \(group.attributeOrder)")
        lines += group.links.map { "  link \($0.name.bytes) \($0.mark) \($0.target)" }
        lines += group.attributes.map(line)
      case .committedType(let committed):
        lines.append("\(id) type \(committed.type) \(committed.attributeOrder)")
        lines += committed.attributes.map(line)
      case .dataset(let dataset):
        lines.append(
          "\(id) dataset \(dataset.type) \(dataset.committedType ?? -1) \(dataset.space) "
            + "\(dataset.layout) \(dataset.filters) \(dataset.fill) \(dataset.fillTime) "
            + "\(dataset.allocationTime) \(dataset.attributeOrder)")
        lines += dataset.attributes.map(line)
        switch dataset.value {
        case .plain(let source): lines.append("  plain \(try source.bytes())")
        case .portable(let bytes): lines.append("  portable \(bytes)")
        case .unwritten: lines.append("  unwritten")
        case .unreadable(let reason): lines.append("  unreadable \(reason)")
        }
      }
    }
    return lines
  }

  private static func line(_ attribute: Attribute) -> String {
    "  attribute \(attribute.name.bytes) \(attribute.mark) \(attribute.type) "
      + "\(attribute.committedType ?? -1) \(attribute.space) \(attribute.value)"
  }
}
