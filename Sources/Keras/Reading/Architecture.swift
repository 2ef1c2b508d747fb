import Documents
import Files
import HDF5
import JSON

/// A model's configuration, with the version of the Keras that wrote it.
struct Architecture {
  var config: JSON.Value
  var kerasVersion: String?
}

extension Architecture {
  /// From another model file, or from the JSON text that `model.to_json()` gives.
  init(from path: String, limits: Limits) throws {
    let file = try MappedFile(path: path)
    let container: Container
    switch try FileType(of: file) {
    case .hdf5: container = try HDF5File.read(file, path: path, limits: limits)
    case .zip: container = try KerasArchive.read(file, path: path, limits: limits)
    case .packed: container = try ModelFile.open(path).container
    case .other:
      let text = try file.withBytes { $0.first { $0 > 0x20 } }
      guard text == UInt8(ascii: "{") || text == UInt8(ascii: "[") || text == 0xEF,
        file.count <= KerasArchive.largestText
      else {
        _ = try ModelFile.open(path)
        throw KerasError.noModel(path: path, what: "has no architecture in it")
      }
      do {
        config = try JSON.parse(try file.bytes(), options: .configuration)
      } catch let error as JSONError {
        throw KerasError.problem(
          path: path, ModelProblem(.badConfiguration, error.description), more: 0)
      }
      kerasVersion = config["keras_version"]?.stringValue
      return
    }
    var texts = ConfigurationTexts(container)
    guard let found = texts.config else {
      let problem =
        texts.problems.first
        ?? ModelProblem(.badConfiguration, "has no architecture (model_config) in it")
      throw KerasError.problem(path: path, problem, more: 0)
    }
    config = found
    kerasVersion = texts.kerasVersion
    texts.problems = []
  }
}

extension JSON.ReadingOptions {
  /// What Python takes, nested no deeper than fifty models inside one another: they are walked
  /// by calls, which a thread's stack has to hold.
  static let configuration = JSON.ReadingOptions(
    acceptsNonFinite: true, acceptsByteOrderMark: true, maximumDepth: 160)
}

/// The texts about the model that a container holds: configuration, versions.
struct ConfigurationTexts {
  var config: JSON.Value?
  var trainingConfig: JSON.Value?
  var kerasVersion: String?
  var backend: String?
  var problems: [ModelProblem] = []
  var notes: [String] = []

  init(_ container: Container) {
    if container.kind == .kerasArchive { readArchive(container) } else { readDocument(container) }
  }

  private mutating func readArchive(_ container: Container) {
    for part in container.parts {
      guard case .bytes(let source) = part.content else { continue }
      switch part.name.description {
      case KerasArchive.configuration:
        config = parse(part.name.description) { try source.bytes() }
        trainingConfig = config?["compile_config"]
      case KerasArchive.metadata:
        guard let bytes = try? source.bytes(),
          let value = try? JSON.parse(bytes, options: .configuration)
        else {
          notes.append("metadata.json is not JSON: it is kept as it is")
          continue
        }
        kerasVersion = value["keras_version"]?.stringValue
      default: break
      }
    }
  }

  private mutating func readDocument(_ container: Container) {
    guard let document = container.parts.first?.document, let root = document.group(0) else {
      return
    }
    let weights = document.group(at: "model_weights").flatMap(document.group)
    func text(_ name: String) -> String? {
      for attributes in [root.attributes, weights?.attributes ?? []] {
        if let bytes = attributes.named(name)?.text {
          return String(decoding: bytes, as: UTF8.self)
        }
      }
      return nil
    }
    kerasVersion = text("keras_version")
    backend = text("backend")
    if let attribute = root.attributes.named("model_config") {
      if let bytes = attribute.text {
        config = parse("model_config") { bytes }
        if !attribute.space.dimensions.isEmpty {
          notes.append("model_config is a list of one text, which Keras itself refuses")
        }
      } else {
        let what = attribute.space.count == 0 ? "is empty" : "is not a string"
        problems.append(ModelProblem(.badConfiguration, "model_config \(what)"))
      }
    }
    if let bytes = root.attributes.named("training_config")?.text {
      trainingConfig = try? JSON.parse(bytes, options: .configuration)
      if trainingConfig == nil { notes.append("training_config is not JSON: it is kept as it is") }
    }
  }

  private mutating func parse(_ name: String, _ bytes: () throws -> [UInt8]) -> JSON.Value? {
    do {
      return try JSON.parse(try bytes(), options: .configuration)
    } catch {
      let words = (error as? JSONError)?.description ?? "\(error)"
      problems.append(ModelProblem(.badConfiguration, at: name, words))
      return nil
    }
  }
}
