import Documents

extension OpenedModel {
  /// Takes the optimizer's state out of the container; the training configuration stays, so Keras
  /// loads the model with a fresh optimizer. Returns what should be said of it.
  public mutating func stripOptimizer() -> [String] {
    let state = model.tensors.filter { $0.role == .optimizer }
    guard !state.isEmpty else { return ["No optimizer state to leave out."] }
    let bytes = state.reduce(0) { $0 + ($1.source?.count ?? 0) }
    for part in container.parts.indices {
      guard case .document(var document) = container.parts[part].content else { continue }
      // A plain HDF5 file has no optimizer: a group of that name is somebody's data.
      guard container.kind != .hdf5 else { continue }
      document.unlink([OptimizerState.legacyGroup, OptimizerState.treeGroup])
      container.parts[part].content = .document(document)
    }
    // The objects that are left are numbered anew, so the model has to be read anew.
    guard let reread = try? ModelReader(container, path: path, architecture: architecture).model()
    else { return [] }
    let notes = model.notes
    model = reread
    model.notes = notes
    return ["Left out the optimizer's state: \(state.count) tensors, \(bytes) bytes."]
  }
}

extension Document {
  /// Removes links of the root group, and the objects that nothing else holds.
  mutating func unlink(_ names: [Name]) {
    guard case .group(var root) = objects.first else { return }
    root.links.removeAll { names.contains($0.name) }
    objects[0] = .group(root)
    self = compacted()
  }
}
