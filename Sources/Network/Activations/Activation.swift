import CKernels
import JSON
import Keras

/// An activation function as configurations name it: a word, or an object with a class and settings.
struct Activation: Equatable {
  enum Kind: Equatable {
    case linear, relu, sigmoid, tanh
    case softmax
  }
  let kind: Kind

  static let linear = Activation(kind: .linear)

  private init(kind: Kind) { self.kind = kind }

  /// Throws where no Keras knows the function, or coppice does not compute it.
  init(_ value: JSON.Value, age: KerasAge) throws(LayerFault) {
    switch value.stringValue {
    case "linear": kind = .linear
    case "relu": kind = .relu
    case "softmax": kind = .softmax
    default: throw .unsupported("the activation \(value.shown)")
    }
  }

  /// `y = f(x)` for `rows` rows of `width` floats; `x` and `y` may be the same memory. Functions of
  /// a whole row (softmax) work along `width`.
  func apply(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    for i in 0..<rows * width { y[i] = kind == .relu ? max(0, x[i]) : x[i] }
  }
}
