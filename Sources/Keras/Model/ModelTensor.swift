import Documents
import Files
import Tensors

/// One tensor of a model file, and what it is to the model.
public struct ModelTensor: Sendable {
  /// `layer/weight`, as people speak of it; unique in the model.
  public var name: String
  /// The HDF5 path without a leading slash, with the member's name in front in a `.keras`.
  public var path: String
  /// Other links to the same dataset.
  public var aliases: [String] = []
  /// Which part of the container, and which object of its document.
  public var part: Int
  public var object: Document.ObjectID
  /// The layer in the model's list of layers (nested ones as `outer/inner`), and its class.
  public var layer: String?
  public var layerClass: String?
  /// The class that owns the variable: `LSTM` inside a `Bidirectional`, `EinsumDense` inside a
  /// `MultiHeadAttention`. Equal to `layerClass` elsewhere.
  public var ownerClass: String?
  public var role: Role
  public var shape: [Int]
  /// The number type; nil where coppice does not compute with the type.
  public var type: ElementType?
  /// The type in words, always: `float32`, `string of 8 bytes`.
  public var typeName: String
  /// Whether pruning takes it unless told otherwise.
  public var isPrunable = false
  /// Why not, in a few words; set wherever `isPrunable` is false.
  public var whyNot: String?
  /// Whether pruning can take it when told to: a floating-point type whose values can be read.
  public var canBePruned = false
  /// The values, `count × type.size` bytes; nil where they cannot be had as plain bytes.
  public var source: (any ByteSource)?
  /// The tensor (an index in `Model.tensors`) of which this is a second copy: a layer shared by two
  /// nested models is written under each. What is done to the one has to be done to the other.
  public var copyOf: Int?

  /// The layer as the graph names it, which a file may do otherwise.
  var graphLayer: String?
  /// Whether it belongs to a layer of the model.
  var isWeight = true

  /// The number of elements; 0 for an empty space or one too large to count.
  public var count: Int
}

extension Datatype {
  /// The type in a few words.
  var words: String {
    if let type = elementType { return type.description }
    switch self {
    case .integer(let integer):
      return "\(integer.isSigned ? "int" : "uint") of \(integer.precision) bits"
    case .float(let float): return "float of \(float.precision) bits"
    case .string(let length, _, _): return "string of \(length) bytes"
    case .variableString: return "variable-length string"
    case .opaque(let size, _): return "opaque type of \(size) bytes"
    case .bitfield(let field): return "bit field of \(field.precision) bits"
    case .compound: return "compound type"
    case .enumeration: return "enumeration type"
    case .array: return "array type"
    case .sequence: return "variable-length type"
    case .objectReference: return "object reference type"
    }
  }
}
