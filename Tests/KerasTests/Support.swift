import Documents
import Files
import Foundation
import HDF5
import JSON
import Tensors

@testable import Keras

/// A fresh folder, gone when the value is.
final class TemporaryFolder {
  let path: String
  init() throws {
    path = NSTemporaryDirectory() + "/coppice-keras-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func write(_ bytes: [UInt8], as name: String) throws -> MappedFile {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return try MappedFile(path: file(name))
  }
}

/// Where the repository's fixtures are.
let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("fixtures").path

/// Values 0, 1, 2, … from `first` on in float32, of a shape.
func numbers(_ shape: Int..., first: Float = 0) -> Dataset {
  let count = shape.reduce(1, *)
  let bytes = (0..<count).flatMap {
    withUnsafeBytes(of: (first + Float($0)).bitPattern.littleEndian, Array.init)
  }
  return Dataset(
    type: .float(.init(ieee: 4)), space: shape.isEmpty ? .scalar : .simple(shape),
    value: .plain(MemoryBytes(bytes)))
}

extension Dataset {
  /// The values of a float32 dataset.
  var floats: [Float] {
    let bytes = (try? plainBytes()?.bytes()) ?? []
    return stride(from: 0, to: bytes.count, by: 4).map { i in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[i + $1]) << (8 * UInt32($1)) })
    }
  }
}

/// A document under construction, its groups by path.
struct DraftDocument {
  var builder = DocumentBuilder(from: Document())

  mutating func add(_ dataset: Dataset, at path: String) {
    builder.add(dataset, at: DocumentBuilder.components(Name(path)))
  }

  @discardableResult
  mutating func group(_ path: String, _ attributes: [Attribute] = []) -> Document.ObjectID {
    let group = builder.group(at: DocumentBuilder.components(Name(path)))
    builder.set(attributes, on: group)
    return group
  }

  /// The document, changed as `edit` says.
  func document(_ edit: (inout Document) -> Void = { _ in }) -> Document {
    var document = builder.finished()
    edit(&document)
    return document
  }
}

extension Document {
  /// Changes the group at `path`.
  mutating func edit(_ path: String, _ change: (inout Group) -> Void) {
    guard let object = group(at: Name(path)), case .group(var group) = objects[object] else {
      return
    }
    change(&group)
    objects[object] = .group(group)
  }

  var container: Container {
    Container(
      kind: HDF5File.kind(of: self),
      parts: [Container.Part(name: Name(""), content: .document(self))])
  }

  func dataset(at path: String) -> Dataset? {
    guard case .object(let object, _) = resolve(Name(path), from: 0) else { return nil }
    return dataset(object)
  }
}

func readModel(_ container: Container, config: JSON.Value? = nil, version: String? = nil) throws
  -> Model
{
  let architecture = config.map { Architecture(config: $0, kerasVersion: version) }
  return try ModelReader(container, path: "x.h5", architecture: architecture).model()
}

// MARK: Configurations

/// A layer as Keras 2 and 3 write it in a Sequential.
func layer(_ className: String, _ name: String, _ config: JSON.Object = JSON.Object()) -> JSON.Value
{
  var object = config
  object["name"] = .string(name)
  if object["trainable"] == nil { object["trainable"] = true }
  object["dtype"] = "float32"
  return .object(JSON.Object([("class_name", .string(className)), ("config", .object(object))]))
}

func layer(_ className: String, _ name: String, _ config: JSON.Value) -> JSON.Value {
  layer(className, name, config.objectValue ?? JSON.Object())
}

func dense(_ name: String, _ units: Int, _ more: JSON.Value = [:]) -> JSON.Value {
  var config = more.objectValue ?? JSON.Object()
  config["units"] = .integer(units)
  return layer("Dense", name, config)
}

func input(_ shape: Int?..., name: String = "x") -> JSON.Value {
  layer(
    "InputLayer", name,
    ["batch_shape": .array(([nil] + shape).map { $0.map { .integer($0) } ?? .null })])
}

func sequential(_ name: String, _ layers: JSON.Value...) -> JSON.Value {
  ["class_name": "Sequential", "config": ["name": .string(name), "layers": .array(layers)]]
}

/// A layer of a Functional of Keras 3, called on the outputs of others.
func node(_ layer: JSON.Value, on calls: [String]...) -> JSON.Value {
  var object = layer.objectValue ?? JSON.Object()
  object["name"] = layer["config"]?["name"] ?? .null
  object["inbound_nodes"] = .array(
    calls.map { names in
      let tensors = names.map { name -> JSON.Value in
        ["class_name": "__keras_tensor__", "config": ["keras_history": [.string(name), 0, 0]]]
      }
      return ["args": tensors.count == 1 ? .array(tensors) : [.array(tensors)], "kwargs": [:]]
    })
  return .object(object)
}

func functional(_ name: String, inputs: [String], outputs: [String], _ layers: JSON.Value...)
  -> JSON.Value
{
  func boundary(_ names: [String]) -> JSON.Value {
    names.count == 1 ? [.string(names[0]), 0, 0] : .array(names.map { [.string($0), 0, 0] })
  }
  return [
    "class_name": "Functional",
    "config": [
      "name": .string(name), "layers": .array(layers), "input_layers": boundary(inputs),
      "output_layers": boundary(outputs),
    ],
  ]
}

/// A whole model of the legacy layout: `weights` by layer, each with its name.
func legacyFile(
  _ config: JSON.Value?, _ weights: [(layer: String, weights: [(name: String, dataset: Dataset)])],
  version: String = "3.9.0"
) -> DraftDocument {
  var draft = DraftDocument()
  if let config {
    draft.group("", [.text("model_config", config.text()), .text("keras_version", version)])
  }
  draft.group("model_weights", Attribute.names("layer_names", weights.map { Name($0.layer) }))
  for (layer, all) in weights {
    draft.group(
      "model_weights/\(layer)", Attribute.names("weight_names", all.map { Name($0.name) }))
    for (name, dataset) in all { draft.add(dataset, at: "model_weights/\(layer)/\(name)") }
  }
  return draft
}

/// Two Dense layers, 8 to 6 to 3, and their weights.
let twoDense = sequential("m", input(8), dense("d1", 6), dense("d2", 3))

func twoDenseFile(_ config: JSON.Value? = twoDense) -> DraftDocument {
  legacyFile(
    config,
    [
      ("d1", [("d1/kernel:0", numbers(8, 6)), ("d1/bias:0", numbers(6, first: 100))]),
      ("d2", [("d2/kernel:0", numbers(6, 3, first: 200)), ("d2/bias:0", numbers(3, first: 300))]),
    ])
}
