import CKernels
import Glibc
import JSON
import Keras

/// An activation function as configurations name it: a word, or an object with a class and settings.
///
/// Formulas: `keras/src/activations/activations.py`; those of Keras 1 and 2 differ in
/// `hard_sigmoid` alone (engine.md's conventions).
struct Activation: Equatable {
  enum Kind: Equatable {
    case linear
    /// A function of one number with its parameter, by its code in CKernels.
    case function(ck_activation, Float)
    /// Keras's relu with all of its options.
    case relu(slope: Float, maximum: Float, threshold: Float)
    /// x where x > `above`, else `other`.
    case threshold(above: Float, other: Float)
    /// Functions of a whole row.
    case softmax, logSoftmax, sparsemax
    /// The first half of a row by the sigmoid of the second.
    case glu
  }
  let kind: Kind

  static let linear = Activation(.linear)

  init(_ kind: Kind) { self.kind = kind }

  /// Throws where no Keras knows the function, or coppice does not compute it.
  init(_ value: JSON.Value, age: KerasAge) throws(LayerFault) {
    if value.isNull {
      kind = .linear
    } else if let name = value.stringValue {
      self = try Activation(named: name, age: age)
    } else {
      self = try Activation(object: value, age: age)
    }
  }

  /// The last dimension of what comes out, for rows of `width`.
  func width(from width: Int) throws(LayerFault) -> Int {
    guard kind == .glu else { return width }
    guard width % 2 == 0 else { throw .bad("glu halves its input, which is \(width) wide") }
    return width / 2
  }

  /// Whether every number is taken by itself, so that neither order nor shape of what it is applied
  /// to matters.
  var isElementwise: Bool {
    switch kind {
    case .linear, .function, .relu, .threshold: true
    case .softmax, .logSoftmax, .sparsemax, .glu: false
    }
  }

  /// `y = f(x)` for `rows` rows of `width` floats; `x` and `y` may be the same memory. Functions of
  /// a whole row (softmax) work along `width`. The rows of `y` are as wide as `width(from:)` says.
  func apply(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    switch kind {
    case .linear:
      if x != UnsafePointer(y) { y.update(from: x, count: rows * width) }
    case .function(let code, let parameter):
      ck_activate(code, parameter, x, y, rows * width)
    case .relu(let slope, let maximum, let threshold):
      Self.relu(x, y, count: rows * width, slope: slope, maximum: maximum, threshold: threshold)
    case .threshold(let above, let other):
      for i in 0..<rows * width { y[i] = x[i] > above ? x[i] : other }
    case .softmax: ck_softmax_rows(x, y, rows, width)
    case .logSoftmax: ck_log_softmax_rows(x, y, rows, width)
    case .sparsemax: Sparsemax.rows(x, y, rows: rows, width: width)
    case .glu: Self.glu(x, y, rows: rows, width: width)
    }
  }

  /// What is above `threshold` is kept as far as `maximum`, and the rest is what it is below the
  /// threshold by `slope`. Keras cuts at zero too where it has a maximum.
  private static func relu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, slope: Float,
    maximum: Float, threshold: Float
  ) {
    let least: Float = maximum < .infinity || threshold == 0 ? 0 : -.infinity
    for i in 0..<count {
      let value = x[i]
      let kept = value > threshold ? min(max(value, least), maximum) : 0
      // What is not a number is on neither side of the threshold, and stays what it is.
      y[i] = value > threshold ? kept : slope == 0 && !value.isNaN ? 0 : slope * (value - threshold)
    }
  }

  private static func glu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    let half = width / 2
    for row in 0..<rows {
      // In place, what is written here was read in this row or one before.
      let (left, right) = (x + row * width, x + row * width + half)
      let out = y + row * half
      for i in 0..<half {
        let value = left[i]
        out[i] = value / (1 + expf(-right[i]))
      }
    }
  }
}
