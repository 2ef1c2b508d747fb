import Documents
import JSON

/// A model's architecture, whatever age of Keras wrote it: its layers, and which tensors each call
/// of a layer takes.
public struct LayerGraph: Sendable {
  /// `Sequential`, `Functional`, `Model` or the name of a subclass.
  public var className: String
  public var name: String?
  public var layers: [Layer]
  /// Empty where the model does not say (a Sequential without an input shape).
  public var inputs: Argument
  public var outputs: Argument
  /// Whether the layers form one chain.
  public var isSequential: Bool
  /// `trainable` of the model itself.
  public var isTrainable: Bool

  /// One layer of a model's list, with everything that the file says of it.
  public struct Layer: Sendable {
    /// As the configuration spells it; where it has none (Keras 1), made from the class.
    public var name: String
    /// Whether the configuration says the name.
    public var isNamed: Bool
    public var className: String
    /// Where Keras 3 says the class is: tells operations and layers of one name apart.
    public var module: String?
    public var registeredName: String?
    /// The layer's own configuration; empty where it is no object.
    public var config: JSON.Object
    public var calls: [Call]
    public var content: Content
    /// Whether its calls are written as Keras 3 writes them in a functional model, so that it may be an
    /// operation.
    public var isRecorded = true

    /// The name by its bytes: Swift's own equality of text takes two spellings of `é` for one.
    public var key: Name { Name(name) }
    /// False where the layer itself is frozen.
    public var isTrainable: Bool { config["trainable"]?.boolValue ?? true }

    /// Whether this is a function that Keras 3 recorded (`x + y`, `x[:, 1:]`) and no layer. In a
    /// `.keras` the module says so; legacy files drop it, but only layers have `trainable` or a
    /// `dtype`, which a configuration written by hand or by another program may leave out where no
    /// operation can be: in a Sequential, and in graphs as Keras 1 and 2 write them.
    public var isOperation: Bool {
      if let module {
        return ["keras.src.ops", "keras.ops", "keras.src.activations"].contains {
          module.hasPrefix($0)
        }
      }
      // Keras 1 wrote neither for the one layer.
      return isRecorded && config["trainable"] == nil && config["dtype"] == nil
        && className != "Merge" && !LayerCatalogue.hasVariables(className)
    }

    /// Whether the file says that the class is not Keras's own, whatever it is called: somebody's
    /// `Dense` need not compute what Keras's does.
    public var isForeign: Bool {
      if registeredName?.contains(">") == true { return true }
      // Keras 3 leaves the module of such a class out, but says its name a second time.
      guard let package = module?.split(separator: ".").first else { return registeredName != nil }
      return !["keras", "tf_keras", "tensorflow"].contains(package)
    }
  }

  /// What a layer is made of.
  public indirect enum Content: Sendable {
    case plain
    /// A model used as a layer.
    case model(LayerGraph)
    /// Layers held under an attribute, in the order in which Keras keeps them: `forward_layer` and
    /// `backward_layer`, `layer`, `cell`, `cells`.
    case wrapper([Held])
  }

  public struct Held: Sendable {
    /// The attribute, which is also the name of the group in a Keras 3 file.
    public var attribute: String
    /// Whether the attribute is a list, whose members a Keras 3 file names by their class.
    public var isList: Bool
    public var layers: [Layer]
  }

  /// One use of a layer.
  public struct Call: Sendable {
    public var arguments: [Argument]
    public var keywords: [(name: String, value: Argument)]

    public init(_ arguments: [Argument], keywords: [(name: String, value: Argument)] = []) {
      self.arguments = arguments
      self.keywords = keywords
    }

    /// Every tensor that the call takes, positional ones first.
    public var tensors: [TensorReference] {
      arguments.flatMap(\.tensors) + keywords.flatMap(\.value.tensors)
    }

    /// The tensors whose shapes decide the shapes of variables, in the order of positional arguments:
    /// no masks, and the value of an attention before its key.
    var shaping: [TensorReference] {
      let values = keywords.filter { !$0.name.contains("mask") }
      let named = ["inputs", "query", "value", "key"]
      let ordered =
        named.flatMap { name in values.filter { $0.name == name } }
        + values.filter { !named.contains($0.name) }
      // The fourth positional argument of MultiHeadAttention is a mask too, past all that shapes.
      return arguments.flatMap(\.tensors) + ordered.flatMap(\.value.tensors)
    }
  }

  public indirect enum Argument: Sendable {
    case tensor(TensorReference)
    case list([Argument])
    case dictionary([(key: String, value: Argument)])
    case constant(JSON.Value)

    public var tensors: [TensorReference] {
      switch self {
      case .tensor(let reference): [reference]
      case .list(let arguments): arguments.flatMap(\.tensors)
      case .dictionary(let members): members.flatMap(\.value.tensors)
      case .constant: []
      }
    }
  }

  /// An output of a call of a layer.
  public struct TensorReference: Sendable, Hashable {
    public var layer: Name
    /// Which of the layer's calls, from 0. (Keras 1 and 2 count a nested model's own making as its
    /// first; that is taken off here.)
    public var call: Int
    /// Which of the call's outputs.
    public var output: Int

    public init(layer: Name, call: Int, output: Int) {
      self.layer = layer
      self.call = call
      self.output = output
    }
  }

  /// The layer of that name.
  public func layer(named name: Name) -> Layer? { layers.first { $0.key == name } }
}

/// Which Keras wrote a configuration, as far as its layout depends on it.
public enum KerasAge: Int, Sendable, Comparable {
  case one = 1
  case two, three
  public static func < (a: KerasAge, b: KerasAge) -> Bool { a.rawValue < b.rawValue }

  /// From a version such as `2.15.0-tf`; nil where it does not begin with a number.
  public init?(version: String) {
    guard let major = Int(version.prefix { $0.isASCII && $0.isNumber }) else { return nil }
    self = major <= 1 ? .one : major == 2 ? .two : .three
  }
}
