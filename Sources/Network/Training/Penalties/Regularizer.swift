import Documents
import JSON
import Keras

/// A penalty of the loss on weights or activations: `l1·Σ|x| + l2·Σx²`.
struct Regularizer: Equatable {
  var l1 = 0.0
  var l2 = 0.0

  init(l1: Double = 0, l2: Double = 0) {
    self.l1 = l1
    self.l2 = l2
  }

  /// From the configuration of any Keras: `"l2"`, `{"class_name": "L2", "config": {"l2": …}}`, or Keras
  /// 1's `{"name": "WeightRegularizer", "l1": …, "l2": …}`; nil for null, and for one of no strength.
  /// Throws for every other penalty (`OrthogonalRegularizer`, a user's own).
  init?(_ value: JSON.Value?) throws(LayerFault) {
    guard let value, !value.isNull else { return nil }
    guard
      let name = value.stringValue ?? value["class_name"]?.stringValue ?? value["name"]?.stringValue
    else { throw .unsupported("the regularizer \(value.shown)") }
    let config = value["config"]?.objectValue ?? value.objectValue ?? JSON.Object()
    func strength(_ key: String, _ standard: Double) throws(LayerFault) -> Double {
      guard let value = config[key], !value.isNull else { return standard }
      // Keras 3 wrote tensors of one value in lists.
      guard let number = value.doubleValue ?? value.arrayValue?.first?.doubleValue,
        number.isFinite
      else { throw .bad("\(key) of a regularizer is \(value.shown), not a number") }
      return number
    }
    switch name.lowercased() {
    case "l1": self.init(l1: try strength("l1", 0.01))
    case "l2": self.init(l2: try strength("l2", 0.01))
    case "l1l2", "l1_l2", "l1l2regularizer", "weightregularizer", "activityregularizer",
      "activityregularization":
      let standard = value.stringValue == nil ? 0 : 0.01
      self.init(l1: try strength("l1", standard), l2: try strength("l2", standard))
    default: throw .unsupported("the regularizer '\(name.printable(limit: 40))'")
    }
    if l1 == 0, l2 == 0 { return nil }
  }

  /// The penalty on the values in `range`.
  func penalty(on values: UnsafePointer<Float>, in range: Range<Int>) -> Double {
    var (absolute, squares) = (0.0, 0.0)
    for i in range {
      let x = Double(values[i])
      absolute += abs(x)
      squares += x * x
    }
    return l1 * absolute + l2 * squares
  }

  /// Adds to `gradient` the penalty's derivative by the values in `range`, times `scale`: 1 for
  /// weights, 1 ÷ rows of the batch for activations. That of |x| is 0 at 0.
  func addGradient(
    of values: UnsafePointer<Float>, scale: Double = 1, in range: Range<Int>,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    let (first, second) = (Float(l1 * scale), Float(2 * l2 * scale))
    for i in range {
      let x = values[i]
      gradient[i] += second * x + (x > 0 ? first : x < 0 ? -first : 0)
    }
  }
}
