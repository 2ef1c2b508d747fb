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

  /// A calibration on `count` samples, which `fill` writes: one pointer an input, with room for
  /// `[count][shape…]` floats. `shapes` is as for `Network`. Throws `NetworkError` where the model
  /// cannot be run on such samples, and what `fill` throws.
  public init(
    _ model: Model, path: String, shapes: [[Int]]? = nil, count: Int,
    fill: ([UnsafeMutablePointer<Float>]) throws -> Void
  ) throws {
    let network = try Network(model, path: path, shapes: shapes, fusing: false)
    self.model = model
    self.path = path
    self.shapes = shapes
    self.count = count
    dense = network
    samples = network.plan.inputs.map { Floats.allocate(network.plan.values[$0].floats * count) }
    try fill(samples)
  }

  deinit { for input in samples { input.deallocate() } }

  func withSamples<Result>(_ body: ([UnsafePointer<Float>]) throws -> Result) rethrows -> Result {
    try body(samples.map { UnsafePointer($0) })
  }
}
