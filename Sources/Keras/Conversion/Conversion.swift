import Documents
import Files
import JSON

/// Turns a container into one of another kind, where it holds what that needs.
struct Conversion {
  let container: Container
  let path: String
  var architecture: Architecture?

  func converted(to kind: ContainerKind) throws -> Container {
    if kind == container.kind { return container }
    switch (container.kind, kind) {
    case (_, .csrm):
      throw refusal(kind, "packing is another matter than converting", "Pack it with: coppice pack")
    case (.hdf5, _):
      throw refusal(
        kind, "the file is a plain HDF5 file without a Keras model", "Write it as .h5 or .csrm.")
    case (.kerasArchive, .keras3WeightsH5), (.kerasArchive, .hdf5):
      // The archive's own weights are such a file.
      return try single(weightsDocument(), as: .keras3WeightsH5)
    case (_, .hdf5): return container
    case (.kerasH5, .kerasWeightsH5): return try moved(fromGroup: "model_weights", as: kind)
    case (.kerasWeightsH5, .kerasH5): return try moved(fromGroup: nil, as: kind)
    default: return try relaid(as: kind)
    }
  }

  private func refusal(_ kind: ContainerKind, _ why: String, _ advice: String) -> KerasError {
    .cannotConvert(path: path, why: "cannot be made \(kind.rawValue): \(why)", advice: advice)
  }

  private func single(_ document: Document, as kind: ContainerKind) -> Container {
    Container(kind: kind, parts: [Container.Part(name: Name(""), content: .document(document))])
  }

  private func weightsDocument() throws(KerasError) -> Document {
    guard let document = container.parts.lazy.compactMap(\.document).first else {
      throw .noModel(path: path, what: "holds no tensors")
    }
    return document
  }

  private func noArchitecture(_ kind: ContainerKind) -> KerasError {
    refusal(
      kind, "the file has no architecture, which says where each weight belongs",
      "Name a file that has it with --config-from.")
  }

  // MARK: Between layouts

  private func relaid(as kind: ContainerKind) throws -> Container {
    let reading = try ModelReader(container, path: path, architecture: architecture).read()
    try reading.model.checkSound(path: path)
    guard let config = reading.model.config, let plan = reading.plan else {
      throw noArchitecture(kind)
    }
    try checkAge(plan.age, kind)
    let weights = try StoredWeights(reading, blueprint: plan.blueprint, path: path)
    var builder = DocumentBuilder(from: reading.listing.document)
    let version = reading.model.kerasVersion ?? "3.0.0"
    switch kind {
    case .kerasH5:
      let root = builder.group(at: ["model_weights"])
      let backend = reading.model.backend ?? "tensorflow"
      LegacyLayout.write(weights, version: version, backend: backend, into: &builder, root: root)
      LegacyLayout.writeOptimizer(weights, into: &builder)
      builder.set(modelAttributes(reading.model, config, version, backend), on: 0)
    case .kerasWeightsH5:
      LegacyLayout.write(
        weights, version: version, backend: reading.model.backend ?? "tensorflow", into: &builder,
        root: 0)
    case .keras3WeightsH5, .kerasArchive: TreeLayout.write(weights, into: &builder)
    case .hdf5, .csrm: break
    }
    keepStrays(reading.listing, in: &builder)
    let document = builder.finished()
    guard kind == .kerasArchive else { return single(document, as: kind) }
    return archive(document, reading.model, config, version)
  }

  private func modelAttributes(
    _ model: Model, _ config: JSON.Value, _ version: String, _ backend: String
  ) -> [Attribute] {
    let training =
      container.kind == .kerasArchive
      ? ConfigurationForm.trainingConfig(model.trainingConfig) : model.trainingConfig
    let legacy = config["module"] != nil ? ConfigurationForm.legacy(config) : config
    return [
      .text("model_config", legacy.text(nonFinite: .python)), .text("keras_version", version),
      .text("backend", backend),
    ] + (training.map { [.text("training_config", $0.text(nonFinite: .python))] } ?? [])
  }

  private func archive(
    _ document: Document, _ model: Model, _ config: JSON.Value, _ version: String
  ) -> Container {
    let whole =
      config["module"] != nil
      ? config : ConfigurationForm.archive(config, training: model.trainingConfig)
    // A fixed date, so that the same model gives the same bytes.
    let metadata: JSON.Value = [
      "keras_version": .string(version), "date_saved": "1980-01-01@00:00:00",
    ]
    func text(_ name: String, _ value: JSON.Value) -> Container.Part {
      Container.Part(
        name: Name(name), content: .bytes(MemoryBytes(value.bytes(nonFinite: .python))),
        member: .fresh)
    }
    return Container(
      kind: .kerasArchive,
      parts: [
        text(KerasArchive.metadata, metadata), text(KerasArchive.configuration, whole),
        Container.Part(
          name: Name(KerasArchive.weights), content: .document(document), member: .fresh),
      ],
      archive: Archive())
  }

  private func checkAge(_ age: KerasAge, _ kind: ContainerKind) throws(KerasError) {
    switch (kind, age) {
    case (.kerasArchive, .one), (.kerasArchive, .two):
      throw refusal(
        kind,
        "the model was saved by Keras \(age.rawValue), and Keras 3 does not read its configuration",
        "Write it as .h5, or save it anew with Keras 3.")
    case (.keras3WeightsH5, .one):
      throw refusal(
        kind, "the variables of Keras 1 are cut otherwise than those of Keras 3", "Write it as .h5."
      )
    default: break
    }
  }

  /// Between the two legacy layouts the tree of layers moves as it is: from the root into
  /// `model_weights`, or out of it.
  private func moved(fromGroup group: Name?, as kind: ContainerKind) throws -> Container {
    let reading = try ModelReader(container, path: path, architecture: architecture).read()
    try reading.model.checkSound(path: path)
    let document = reading.listing.document
    guard let start = group.map({ document.group(at: $0) }) ?? 0, let tree = document.group(start)
    else {
      throw noArchitecture(kind)
    }
    var builder = DocumentBuilder(from: document)
    let place = group == nil ? builder.group(at: ["model_weights"]) : 0
    let layers = Set(
      NameList("layer_names", in: tree.attributes).names.map {
        DocumentBuilder.components($0).first
      })
    let isNames = { (attribute: Attribute) in
      ["layer_names", "backend", "keras_version"].contains {
        attribute.name.description.hasPrefix($0)
      }
    }
    builder.set(tree.attributes.filter(isNames), on: place)
    for link in tree.links
    where group != nil || layers.contains(link.name) || link.name == LegacyReader.modelWeights {
      if case .hard(let target) = link.target { builder.copy(target, as: link.name, in: place) }
    }
    if kind == .kerasH5 {
      guard let config = reading.model.config else { throw noArchitecture(kind) }
      let version = reading.model.kerasVersion ?? "2.0.0"
      builder.set(
        modelAttributes(reading.model, config, version, reading.model.backend ?? "tensorflow"),
        on: 0)
    }
    keepStrays(reading.listing, in: &builder)
    return single(builder.finished(), as: kind)
  }

  /// What is no part of the layout is kept under its own name beside it.
  private func keepStrays(_ listing: TensorListing, in builder: inout DocumentBuilder) {
    let layout: Set<Name> = [
      "model_weights", OptimizerState.legacyGroup, OptimizerState.treeGroup, "layers", "vars",
      TreeReader.oldList, LegacyReader.modelWeights,
    ]
    guard let root = listing.document.group(0) else { return }
    let listed = Set(root.attributes.named("layer_names")?.texts?.map { Name(bytes: $0) } ?? [])
    let isFlat = container.kind == .kerasWeightsH5
    for link in root.links
    where !layout.contains(link.name) && !(isFlat && listed.contains(link.name)) {
      if case .hard(let target) = link.target { builder.copy(target, as: link.name) }
    }
    let known = ["model_config", "training_config", "keras_version", "backend", "layer_names"]
    builder.set(
      root.attributes.filter { attribute in
        !known.contains { attribute.name.description.hasPrefix($0) }
      }, on: 0)
  }
}
