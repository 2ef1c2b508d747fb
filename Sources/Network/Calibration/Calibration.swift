import Keras
import Tensors

/// A model and samples to run it on, without labels: what its kernels are given, how they can be
/// fitted anew, and the statistics of its normalisations.
public final class Calibration: @unchecked Sendable {
  let model: Model
  let path: String
  let shapes: [[Int]]?
  /// How many samples there are.
  public let count: Int
  private let samples: [UnsafeMutablePointer<Float>]
  /// The model as it is in the file.
  let dense: Network

  /// `samples` are one array an input, `[count][shape…]`; `shapes` is as for `Network`. Throws
  /// `NetworkError` where the model cannot be run on such samples.
  public init(
    _ model: Model, path: String, shapes: [[Int]]? = nil, samples: [[Float]], count: Int
  ) throws {
    self.model = model
    self.path = path
    self.shapes = shapes
    self.count = count
    let network = try Network(model, path: path, shapes: shapes, fusing: false)
    dense = network
    let sizes = network.plan.inputs.map { network.plan.values[$0].floats }
    guard sizes.count == samples.count,
      zip(sizes, samples).allSatisfy({ $1.count >= $0 * count })
    else {
      throw NetworkError.badInput(
        path: path, what: "the calibration samples do not fit the model's inputs")
    }
    self.samples = samples.map { values in
      let copy = Floats.allocate(values.count)
      values.withUnsafeBufferPointer { source in
        if let base = source.baseAddress { copy.update(from: base, count: values.count) }
      }
      return copy
    }
  }

  deinit { for input in samples { input.deallocate() } }

  func withSamples<Result>(_ body: ([UnsafePointer<Float>]) throws -> Result) rethrows -> Result {
    try body(samples.map { UnsafePointer($0) })
  }
}
