import Documents
import JSON

/// Makes a `Model` of a container: configuration, graph, tensors, and what is wrong with them.
struct ModelReader {
  let container: Container
  let path: String
  let architecture: Architecture?

  init(_ container: Container, path: String, architecture: Architecture? = nil) {
    self.container = container
    self.path = path
    self.architecture = architecture
  }

  /// A model with what it was made of.
  struct Reading {
    var model: Model
    var plan: (blueprint: Blueprint, age: KerasAge)?
    var listing: TensorListing
  }

  func model() throws -> Model { try read().model }

  func read() throws -> Reading {
    var model = Model()
    let texts = ConfigurationTexts(container)
    model.problems = texts.problems
    model.notes = texts.notes
    model.kerasVersion = texts.kerasVersion ?? architecture?.kerasVersion
    model.backend = texts.backend
    model.config = texts.config
    model.trainingConfig = texts.trainingConfig
    if let architecture, texts.config == nil {
      model.config = architecture.config
      model.problems = []
    }
    noteVersion(&model)
    let plan = try plan(&model)
    guard let part = container.parts.firstIndex(where: { $0.document != nil }),
      let document = container.parts[part].document
    else { throw KerasError.noModel(path: path, what: "holds no tensors") }
    let prefix = container.kind == .kerasArchive ? "\(container.parts[part].name)/" : ""
    var listing = TensorListing(
      document, part: part, prefix: prefix, hasConfiguration: plan != nil)
    if listing.index.depth > 100 {
      listing.note("groups are nested \(listing.index.depth) deep")
    }
    try list(plan?.blueprint, into: &listing)
    listing.summarise()
    model.tensors = listing.tensors
    model.problems += (plan?.blueprint.problems ?? []) + listing.problems
    model.notes += (plan?.blueprint.notes ?? []) + listing.notes
    if container.kind == .kerasArchive { model.notes += KerasArchive.notes(on: container) }
    model.shapes = plan?.blueprint.shapes ?? [:]
    model.age = plan?.age
    model.variables = plan.map { variables($0.blueprint, listing) } ?? []
    return Reading(model: model, plan: plan, listing: listing)
  }

  private func variables(_ blueprint: Blueprint, _ listing: TensorListing) -> [Variable] {
    var all: [Variable] = []
    for (i, leaf) in blueprint.leaves.enumerated() {
      for (j, slot) in (leaf.slots ?? []).enumerated() {
        guard let object = listing.assigned[.init(leaf: i, slot: j)],
          let tensor = listing.place(of: object)
        else { continue }
        all.append(
          Variable(
            layer: leaf.layer, inside: leaf.inside, owner: leaf.className, name: slot.name,
            role: slot.role, tensor: tensor, isTrainable: leaf.isTrainable && slot.isTrainable))
      }
    }
    return all
  }

  private func noteVersion(_ model: inout Model) {
    guard let version = model.kerasVersion else {
      if container.kind == .kerasH5 {
        model.notes.append(
          "the file does not say which version of Keras wrote it: Keras takes it for version 1")
      }
      return
    }
    guard let major = Int(version.prefix { $0.isASCII && $0.isNumber }) else {
      return model.notes.append(
        "keras_version is '\(version.printable(limit: 40))', which is no version")
    }
    if major > 3 {
      model.notes.append(
        "keras_version \(version.printable(limit: 40)) is newer than any that coppice knows")
    } else if version.contains(where: { !($0.isASCII && ($0.isNumber || $0 == ".")) }) {
      model.notes.append(
        "keras_version is '\(version.printable(limit: 40))': taken as Keras \(major)")
    }
  }

  /// The graph and its variables, where there is a configuration that makes sense.
  private func plan(_ model: inout Model) throws -> (blueprint: Blueprint, age: KerasAge)? {
    guard let config = model.config else { return nil }
    let age = model.kerasVersion.flatMap(KerasAge.init) ?? ConfigurationStyle.age(of: config)
    var reader = GraphReader(age: age)
    let graph = reader.graph(of: config)
    if reader.hasTwins, let problem = reader.problems.first {
      throw KerasError.problem(path: path, problem, more: reader.problems.count - 1)
    }
    model.problems += reader.problems
    model.notes += reader.notes
    model.graph = graph
    model.name = graph?.name ?? config["config"]?["name"]?.stringValue
    return graph.map { (Blueprint(of: $0, age: age), age) }
  }

  private func list(_ blueprint: Blueprint?, into listing: inout TensorListing) throws {
    switch container.kind {
    case .kerasH5:
      guard let weights = listing.document.group(at: "model_weights") else {
        throw KerasError.problem(
          path: path, ModelProblem(.mismatch, "has a model_config, but no group model_weights"),
          more: 0)
      }
      LegacyReader(blueprint: blueprint, root: weights, rootPath: "model_weights").list(
        into: &listing)
    case .kerasWeightsH5:
      LegacyReader(blueprint: blueprint, root: 0, rootPath: "").list(into: &listing)
    case .keras3WeightsH5, .kerasArchive:
      TreeReader(blueprint: blueprint).list(into: &listing)
    case .hdf5, .csrm:
      if listing.index.entries.isEmpty {
        throw KerasError.noModel(
          path: path, what: "no model in it: the file is empty (no dataset)")
      }
      listing.note("no Keras model in it: a plain HDF5 file, whose arrays are taken as they are")
      listing.addRest { entry in
        TensorListing.Meaning(name: entry.path, role: .other, isNeeded: false)
      }
      return
    }
    OptimizerState.list(into: &listing)
    MetricState.list(into: &listing)
    let stray = listing.index.entries.filter { !listing.isListed($0.object) }
    if let first = stray.first {
      let more = stray.count == 1 ? "" : " and \(stray.count - 1) more"
      listing.note(
        "\(first.path.printable())\(more): not listed among the model's weights, kept as it is")
    }
    listing.addRest { entry in
      TensorListing.Meaning(name: entry.path, role: .other, isWeight: false)
    }
  }
}

/// The state of the optimizer: a flat list in legacy files, a tree in those of Keras 3.
enum OptimizerState {
  static let legacyGroup: Name = "optimizer_weights"
  static let treeGroup: Name = "optimizer"

  static func list(into listing: inout TensorListing) {
    let document = listing.document
    if let group = document.group(at: legacyGroup) {
      let names = NameList("weight_names", in: document.group(group)?.attributes ?? [])
      if let fault = names.fault { listing.note("optimizer_weights: weight_names \(fault)") }
      for name in names.names {
        guard case .object(let object, _) = document.resolve(name, from: group),
          document.dataset(object) != nil
        else {
          listing.note(
            "optimizer_weights lists '\(name.printable)', which is missing: Keras starts with a fresh optimizer"
          )
          continue
        }
        listing.add(object, meaning("optimizer/\(name)"))
      }
    }
    for entry in listing.index.entries where !listing.isListed(entry.object) {
      let first = entry.path.prefix { $0 != "/" }
      guard first == "optimizer" || first == "optimizer_weights" else { continue }
      let rest = entry.path.dropFirst(first.count + 1)
      listing.add(
        entry.object, meaning("optimizer/\(rest.hasPrefix("vars/") ? rest.dropFirst(5) : rest)"))
    }
  }

  private static func meaning(_ name: String) -> TensorListing.Meaning {
    TensorListing.Meaning(name: name, layer: "optimizer", role: .optimizer, isWeight: false)
  }
}

/// What metrics have counted: Keras 2.12 to 2.15 keep it in their `.weights.h5`.
enum MetricState {
  static func list(into listing: inout TensorListing) {
    guard listing.document.group(at: "metrics") != nil,
      listing.document.group(at: "layers") != nil
        || listing.document.group(at: TreeReader.oldList) != nil
    else { return }
    for entry in listing.index.entries
    where entry.path.hasPrefix("metrics/") && !listing.isListed(entry.object) {
      listing.add(
        entry.object,
        TensorListing.Meaning(name: entry.path, layer: "metrics", role: .other, isWeight: false))
    }
  }
}

/// Which Keras wrote a configuration that does not say.
enum ConfigurationStyle {
  static func age(of config: JSON.Value) -> KerasAge {
    if config["module"] != nil || config["build_config"] != nil { return .three }
    // A look at the layers is enough; the walk keeps a list of its own, so depth does not matter.
    var waiting: [JSON.Value] = [config]
    var looked = 0
    while let value = waiting.popLast(), looked < 10_000 {
      looked += 1
      if let object = value.objectValue {
        let keys = Set(object.keys)
        if keys.contains("batch_shape") || keys.contains("registered_name") { return .three }
        if !keys.isDisjoint(with: ["nb_filter", "inner_activation", "border_mode", "W_regularizer"])
        {
          return .one
        }
        waiting += object.values.reversed()
      } else if let list = value.arrayValue {
        waiting += list.reversed()
      }
    }
    return .two
  }
}
