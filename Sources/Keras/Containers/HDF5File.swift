import Documents
import Files
import HDF5

/// HDF5 files as containers of one part.
enum HDF5File {
  static func read(_ source: any ByteSource, path: String, limits: Limits) throws -> Container {
    let document = try HDF5.read(image: source, name: path, limits: limits)
    return Container(
      kind: kind(of: document),
      parts: [Container.Part(name: Name(""), content: .document(document))],
      original: source as? MappedFile)
  }

  /// Which of Keras's layouts the document has (keras-files.md, section 1).
  static func kind(of document: Document) -> ContainerKind {
    guard let root = document.group(0) else { return .hdf5 }
    if root.attributes.named("model_config") != nil { return .kerasH5 }
    // Layers may be called `model_weights`, `layers` or `vars`: the attribute decides first.
    if NameList("layer_names", in: root.attributes).isPresent { return .kerasWeightsH5 }
    if document.group(at: "model_weights") != nil { return .kerasH5 }
    let isTree = ["layers", TreeReader.oldList, "vars"].contains { document.group(at: $0) != nil }
    if isTree, VariableGroups(below: 0, in: document).hasVars { return .keras3WeightsH5 }
    return .hdf5
  }
}
