import Documents
import Tensors

/// A packed file that has no container is a collection of tensors (csrm(5), CONTAINERS). It reads as
/// an HDF5 file with a dataset for each, at the path that is the tensor's name.
extension PackedFile {
  /// Groups within groups that a name may ask for.
  private static let mostDepth = 1024

  /// Throws `CSRMError.noContainer` where the names are no paths of one tree.
  func collection() throws(CSRMError) -> Container {
    var objects: [Object] = [.group(Group())]
    var members: [[String: Int]] = [[:]]
    for index in indices(of: .tensor) {
      var path = entries[index].name.split(separator: "/", omittingEmptySubsequences: false)
        .map(String.init)
      guard path.count <= Self.mostDepth, path.allSatisfy({ !$0.isEmpty && $0 != "." }) else {
        throw .noContainer(file: name)
      }
      let last = path.removeLast()
      var group = 0
      for step in path {
        if let next = members[group][step] {
          // A dataset has no members.
          guard case .group = objects[next] else { throw .noContainer(file: name) }
          group = next
        } else {
          members[group][step] = objects.count
          group = objects.count
          objects.append(.group(Group()))
          members.append([:])
        }
      }
      // A name stands for one thing.
      guard members[group][last] == nil else { throw .noContainer(file: name) }
      members[group][last] = objects.count
      objects.append(.dataset(dataset(of: index)))
      members.append([:])
    }
    for (index, object) in objects.enumerated() {
      guard case .group(var group) = object else { continue }
      group.links = members[index].map { Link(name: Name(shown: $0.key), target: .hard($0.value)) }
        .sorted { $0.name < $1.name }
      objects[index] = .group(group)
    }
    return Container(
      kind: .hdf5, parts: [.init(name: "", content: .document(Document(objects: objects)))])
  }

  private func dataset(of index: Int) -> Dataset {
    let entry = entries[index]
    return Dataset(
      type: Datatype(entry.type), space: entry.shape.isEmpty ? .scalar : .simple(entry.shape),
      value: value(of: index))
  }
}
