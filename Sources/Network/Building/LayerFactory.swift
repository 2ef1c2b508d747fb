import JSON
import Keras
import Tensors

/// Makes the layers that run, each once, and reads their variables.
final class LayerFactory {
  private struct Owner: Hashable {
    var layer: String
    var inside: String?
    var className: String
  }

  private let model: Model
  private let path: String
  let age: KerasAge
  /// Whether the file is of the Keras that was there before and beside TensorFlow's own: up to 2.3,
  /// where TensorFlow's says `2.2.4-tf`. What says nothing is taken for TensorFlow's.
  let isStandalone: Bool
  private var variables: [Owner: [Variable]] = [:]
  /// Variables of layers by their last name, for a layer shared by nested models, whose variables
  /// Keras 3 writes once only.
  private var shared: [Owner: [Variable]] = [:]
  private var parameters: [Int: Parameter] = [:]
  private var made: [String: any Layer] = [:]
  private(set) var layers: [any Layer] = []
  /// Layers that Keras varies images with in training, and coppice does not: name and class.
  private(set) var unvaried: [(name: String, className: String)] = []

  init(_ model: Model, path: String) {
    self.model = model
    self.path = path
    age = model.age ?? .three
    if age == .two, let version = model.kerasVersion, !version.hasSuffix("-tf") {
      let numbers = version.split(separator: ".").prefix(2).map { Int($0) }
      isStandalone = numbers.count == 2 && numbers[0] == 2 && numbers[1].map { $0 < 4 } ?? false
    } else {
      isStandalone = age == .one
    }
    for variable in model.variables {
      let owner = Owner(
        layer: variable.layer, inside: variable.inside, className: variable.owner)
      variables[owner, default: []].append(variable)
    }
    for (owner, own) in variables {
      var last = owner
      last.layer = owner.layer.split(separator: "/").last.map(String.init) ?? owner.layer
      shared[last] = own
    }
  }

  /// Every parameter, in the order of the file.
  var allParameters: [Parameter] { parameters.values.sorted { $0.tensor < $1.tensor } }

  /// Where a layer stands: what its variables are filed under.
  struct Place {
    /// The models around.
    var models: [String] = []
    /// The outermost wrapper around the layer, whose name its variables bear.
    var wrapper: String?
    /// What tells layers in one wrapper apart: `forward`, `cell_1`.
    var inside: [String] = []

    /// `outer/inner`, as messages and variables call the layer.
    func name(of layer: LayerGraph.Layer) -> String {
      (models + [wrapper ?? layer.name]).joined(separator: "/")
    }
  }

  /// The layer that runs for `layer` in a place, made at the first call.
  func layer(_ layer: LayerGraph.Layer, in place: Place) throws(NetworkError) -> any Layer {
    try self.layer(layer, in: place) { definition throws(LayerFault) in
      guard let type = LayerList.type(for: layer) else {
        throw .unsupported(
          layer.isOperation
            ? "the operation '\(layer.className.printable(limit: 40))'"
            : "layer class '\(layer.className.printable(limit: 40))'")
      }
      return try type.init(definition)
    }
  }

  /// The same, as `make` makes it.
  func layer(
    _ layer: LayerGraph.Layer, in place: Place,
    make: (Definition) throws(LayerFault) -> any Layer
  ) throws(NetworkError) -> any Layer {
    let name = place.name(of: layer)
    let key = ([name] + place.inside + [layer.name, layer.className]).joined(separator: "\u{0}")
    if let existing = made[key] { return existing }
    do throws(LayerFault) {
      let new = try make(try definition(layer, in: place))
      made[key] = new
      layers.append(new)
      if new is Passing, Passing.unvaried.contains(layer.className) {
        unvaried.append((name, layer.className))
      }
      return new
    } catch {
      throw error.located(
        path: path, layer: name.printable(), className: layer.className.printable(limit: 40))
    }
  }

  /// A layer that no configuration names: what wrappers and layouts are made of.
  func helper<Made: Layer>(_ layer: Made) -> Made {
    layers.append(layer)
    return layer
  }

  func definition(_ layer: LayerGraph.Layer, in place: Place) throws(LayerFault) -> Definition {
    var held: [Definition] = []
    if case .wrapper(let parts) = layer.content {
      var inner = place
      inner.wrapper = place.wrapper ?? layer.name
      for part in parts {
        for one in part.layers { held.append(try definition(one, in: inner)) }
      }
    }
    let owner = Owner(
      layer: place.name(of: layer),
      inside: place.inside.isEmpty ? nil : place.inside.joined(separator: "/"),
      className: layer.className)
    var last = owner
    last.layer = place.wrapper ?? layer.name
    var found: [String: Parameter] = [:]
    for variable in variables[owner] ?? shared[last] ?? [] {
      let parameter = try parameter(variable)
      if !layer.isTrainable { parameter.isTrainable = false }
      if parameter.settings == nil { parameter.settings = LayerReading(layer, age: age) }
      found[variable.name] = parameter
    }
    return Definition(
      layer: layer, settings: LayerReading(layer, age: age), variables: found, held: held,
      isStandalone: isStandalone)
  }

  private func parameter(_ variable: Variable) throws(LayerFault) -> Parameter {
    if let existing = parameters[variable.tensor] { return existing }
    let tensor = model.tensors[variable.tensor]
    guard let type = tensor.type, type.isNumber, let source = tensor.source else {
      throw .weight("'\(variable.name)' is stored as \(tensor.typeName), which is no number type")
    }
    guard source.count == tensor.count * type.size else {
      throw .weight("'\(variable.name)' holds fewer bytes than its shape needs")
    }
    let new = Parameter(
      name: variable.name, role: variable.role, shape: tensor.shape, tensor: variable.tensor,
      isTrainable: variable.isTrainable)
    do {
      try new.load(TensorValues(source, type: type))
    } catch {
      throw .unreadable("\(error)")
    }
    parameters[variable.tensor] = new
    return new
  }
}
