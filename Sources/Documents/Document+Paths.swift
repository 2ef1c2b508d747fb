extension Document {
  /// The first path of every dataset, met in a depth-first walk from the root in the order of the
  /// links, by object index; nil for objects that are no datasets or that no hard link reaches.
  ///
  /// Paths have no leading slash, and their components are escaped as `Name.description` does, so
  /// they are valid UTF-8. They name tensors in reports and in packed files.
  public func datasetPaths() -> [String?] {
    var paths = [String?](repeating: nil, count: objects.count)
    var seen = [Bool](repeating: false, count: objects.count)
    // The groups on the way down, each with the link to look at next. A stack of its own rather
    // than calls: files with thousands of nested groups exist.
    var stack: [(object: ObjectID, next: Int)] = []
    var components: [String] = []
    guard case .group = objects.first else { return paths }
    seen[0] = true
    stack.append((0, 0))
    while let (object, next) = stack.last {
      guard case .group(let group) = objects[object], next < group.links.count else {
        stack.removeLast()
        if !components.isEmpty { components.removeLast() }
        continue
      }
      stack[stack.count - 1].next = next + 1
      let link = group.links[next]
      guard case .hard(let target) = link.target, objects.indices.contains(target), !seen[target]
      else { continue }
      seen[target] = true
      switch objects[target] {
      case .group:
        stack.append((target, 0))
        components.append(link.name.description)
      case .dataset:
        paths[target] = (components + [link.name.description]).joined(separator: "/")
      case .committedType: break
      }
    }
    return paths
  }
}
