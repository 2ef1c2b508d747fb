import Documents
import Files
import Tensors

/// Collects the tensors of one document, each object once.
struct TensorListing {
  let document: Document
  let index: DatasetIndex
  let part: Int
  /// Put in front of every path: the member of the archive.
  let prefix: String
  /// Whether roles come from an architecture.
  let hasConfiguration: Bool

  private(set) var tensors: [ModelTensor] = []
  private(set) var problems: [ModelProblem] = []
  private(set) var notes: [String] = []
  /// Which dataset each variable of the configuration is.
  private(set) var assigned: [VariablePlace: Document.ObjectID] = [:]
  /// What the file calls layers of the root model, where it is not their name.
  var storedNames: [Name: Name] = [:]
  private var listed: [Document.ObjectID: Int] = [:]
  private var names: Set<Name> = []
  private var aliases: [Int] = []
  /// Tensors stored as an opaque type of two bytes.
  private var opaqueCount = 0

  init(_ document: Document, part: Int, prefix: String, hasConfiguration: Bool) {
    self.document = document
    self.part = part
    self.prefix = prefix
    self.hasConfiguration = hasConfiguration
    index = DatasetIndex(document)
  }

  /// A variable by its layer (in `Blueprint.leaves`) and its slot there.
  struct VariablePlace: Hashable {
    var leaf: Int
    var slot: Int
  }

  mutating func assign(_ object: Document.ObjectID, leaf: Int, slot: Int) {
    assigned[VariablePlace(leaf: leaf, slot: slot)] = object
  }

  /// What a tensor is in the model.
  struct Meaning {
    var name: String
    var layer: String?
    var layerClass: String?
    var ownerClass: String?
    /// The layer as the graph names it.
    var graphLayer: String?
    var role: Role
    /// What the configuration promises.
    var expected: PartialShape = .unknown
    /// Whether it is a weight, which may be pruned.
    var isWeight = true
    /// Whether a layer has to have it: then a type that coppice does not handle is a problem.
    var isNeeded = true
    /// Whether the role is only guessed from names and shapes.
    var isGuess = false
    /// Whether the same values lie under the layer's next kernel, which is the one that counts.
    var isAlias = false
  }

  mutating func problem(_ kind: ModelProblem.Kind = .mismatch, at place: String?, _ what: String) {
    problems.append(ModelProblem(kind, at: place, what))
  }

  mutating func note(_ text: String) { notes.append(text) }

  func isListed(_ object: Document.ObjectID) -> Bool { listed[object] != nil }

  /// Where in `tensors` a dataset is.
  func place(of object: Document.ObjectID) -> Int? { listed[object] }

  /// Adds a dataset. One that is there already only gets another name in `aliases`.
  @discardableResult
  mutating func add(_ object: Document.ObjectID, _ meaning: Meaning) -> Int? {
    guard let dataset = document.dataset(object) else { return nil }
    if let place = listed[object] {
      note("\(meaning.name.printable()) and \(tensors[place].name.printable()) are one dataset")
      tensors[place].aliases.append(meaning.name)
      return place
    }
    let entry = index[object]
    let path = prefix + (entry?.path ?? meaning.name)
    let name = names.insert(Name(meaning.name)).inserted ? meaning.name : path
    let count = dataset.space.count ?? 0
    let source = dataset.space.count == nil ? nil : dataset.plainBytes()
    let type = dataset.type.elementType
    var tensor = ModelTensor(
      name: name, path: path, aliases: (entry?.aliases ?? []).map { prefix + $0 }, part: part,
      object: object, layer: meaning.layer, layerClass: meaning.layerClass,
      ownerClass: meaning.ownerClass ?? meaning.layerClass, role: meaning.role,
      shape: dataset.space.dimensions, type: type, typeName: dataset.type.words, source: source,
      count: count)
    tensor.graphLayer = meaning.graphLayer
    tensor.isWeight = meaning.isWeight
    tensor.canBePruned = (type?.isFloat ?? false) && source != nil && count > 0
    if meaning.isWeight { check(dataset, tensor, meaning) }
    tensor.whyNot = whyNot(dataset, tensor, meaning)
    tensor.isPrunable = tensor.whyNot == nil
    listed[object] = tensors.count
    if meaning.isAlias { aliases.append(tensors.count) }
    tensors.append(tensor)
    return tensors.count - 1
  }

  /// Whether the dataset is what the model needs there.
  private mutating func check(_ dataset: Dataset, _ tensor: ModelTensor, _ meaning: Meaning) {
    let place = tensor.name.printable()
    if case .unreadable(let reason) = dataset.value {
      return problem(.unsupported, at: place, "the values cannot be decoded: \(reason.printable())")
    }
    if let type = tensor.type {
      if !type.isFloat, meaning.role.isKernel { note("\(place) is stored as \(type): left alone") }
      if case .opaque = dataset.type { opaqueCount += 1 }
    } else if case .float(let float) = dataset.type, float.precision <= 64 {
      note("\(place) is stored as a \(tensor.typeName), which coppice carries but does not prune")
    } else if meaning.isNeeded {
      return problem(.unsupported, at: place, "the type is not supported: \(tensor.typeName)")
    }
    if dataset.space == .null {
      guard meaning.isNeeded else { return }
      problem(at: place, "the tensor has no shape: its dataspace is empty (null)")
    } else if !meaning.expected.admits(tensor.shape) {
      problem(
        at: place,
        "the shape is \(shapeText(tensor.shape)) where the configuration makes it \(meaning.expected)"
      )
    }
  }

  /// Why pruning leaves the tensor alone by default; nil where it does not.
  private func whyNot(_ dataset: Dataset, _ tensor: ModelTensor, _ meaning: Meaning) -> String? {
    if meaning.role == .optimizer { return "optimizer state" }
    if !meaning.isWeight { return "not a weight of the model" }
    if case .unreadable = dataset.value { return "cannot be decoded" }
    guard let type = tensor.type else { return "not a number type: \(tensor.typeName)" }
    guard type.isFloat else { return type.kind == .bool ? "boolean" : "integer" }
    guard tensor.count > 0, tensor.source != nil else { return "no elements" }
    // Without a configuration roles are guesses: every float tensor of two dimensions or more counts.
    if !hasConfiguration {
      return tensor.shape.count >= 2 ? nil : "fewer than two dimensions"
    }
    if let why = meaning.role.whyNotPruned { return why }
    if meaning.role.isKernel {
      return tensor.shape.count >= 2 || !meaning.isGuess ? nil : "fewer than two dimensions"
    }
    if let known = meaning.layerClass, LayerCatalogue[known] != nil { return "not a kernel" }
    if let unknown = meaning.layerClass {
      return "layer class \(unknown.printable(limit: 40)) is not known (--include takes it)"
    }
    return tensor.shape.count >= 2 ? nil : "fewer than two dimensions"
  }

  /// Marks the tensor at `copy` as a second copy of the one at `original`.
  mutating func markCopy(_ copy: Int, of original: Int) {
    tensors[copy].copyOf = original
    tensors[copy].isPrunable = false
    tensors[copy].whyNot = "a copy of \(tensors[original].name.printable()), which it follows"
  }

  /// Settles which kernels are only second copies of their layer's own.
  mutating func markAliases() {
    for alias in aliases {
      let own = tensors.indices.first { i in
        i != alias && tensors[i].layer == tensors[alias].layer && tensors[i].role == .kernel
          && tensors[i].shape == tensors[alias].shape
      }
      if let own { markCopies([tensors[alias].object], of: [tensors[own].object]) }
    }
  }

  /// Says what is true of several tensors once for all of them.
  mutating func summarise() {
    guard opaqueCount > 0 else { return }
    note(
      "\(opaqueCount == 1 ? "one tensor is" : "\(opaqueCount) tensors are") of an opaque type of two "
        + "bytes: taken as bfloat16, which Keras 3 stores so")
  }

  /// Adds what nothing has claimed, in natural order of the paths.
  mutating func addRest(_ meaning: (DatasetIndex.Entry) -> Meaning) {
    for entry in index.entries where listed[entry.object] == nil {
      add(entry.object, meaning(entry))
    }
  }
}

extension ByteSource {
  /// Whether both hold the same bytes.
  func isSame(as other: any ByteSource) throws -> Bool {
    guard count == other.count else { return false }
    for start in stride(from: 0, to: count, by: 1 << 20) {
      let range = start..<min(count, start + 1 << 20)
      let isEqual = try withBytes(range) { a in try other.withBytes(range) { a.elementsEqual($0) } }
      guard isEqual else { return false }
    }
    return true
  }
}
