import JSON

@testable import Reports

/// One small model, half pruned, from which all expected texts are made.
enum Samples {
  static let inspect: InspectReport = {
    var report = InspectReport(
      file: "net.h5", container: "keras-h5", bytes: 9344,
      tensors: [
        TensorFacts(
          name: "conv2d/kernel", path: "model_weights/conv2d/conv2d/kernel:0", layer: "conv2d",
          layerClass: "Conv2D", role: "kernel", shape: [3, 3, 1, 16], dtype: "float32", count: 144,
          zeros: 72, minimum: -0.5, maximum: 0.75, mean: 0.0125, standardDeviation: 0.25,
          absoluteMean: 0.125, prunable: true, bytes: 576, storedBytes: 576,
          storedAs: "contiguous"),
        TensorFacts(
          name: "conv2d/bias", path: "model_weights/conv2d/conv2d/bias:0", layer: "conv2d",
          layerClass: "Conv2D", role: "bias", shape: [16], dtype: "float32", count: 16, zeros: 16,
          minimum: 0, maximum: 0, mean: 0, standardDeviation: 0, absoluteMean: 0, prunable: false,
          reason: "a bias", bytes: 64, storedBytes: 64, storedAs: "contiguous"),
        TensorFacts(
          name: "dense_10/kernel", path: "model_weights/dense_10/dense_10/kernel:0",
          layer: "dense_10", layerClass: "Dense", role: "kernel", shape: [100, 10],
          dtype: "float32", count: 1000, zeros: 900, minimum: -1.5, maximum: 1.25, mean: -0.001,
          standardDeviation: 0.1, absoluteMean: 0.05, prunable: true, bytes: 4000,
          storedBytes: 4000, storedAs: "contiguous"),
        TensorFacts(
          name: "dense_10/kernel/m", path: "optimizer_weights/dense_10/kernel/m:0",
          role: "optimizer", shape: [100, 10], dtype: "float32", count: 1000, zeros: 0,
          minimum: -0.1, maximum: 0.1, mean: 0, standardDeviation: 0.01, absoluteMean: 0.005,
          prunable: false, reason: "optimizer state", bytes: 4000, storedBytes: 4000,
          storedAs: "contiguous"),
      ], otherBytes: .init(optimizer: 4000, attributes: 300, metadata: 404), kerasVersion: "2.2.4",
      backend: "tensorflow", modelName: "net")
    report.notes = ["the config names a layer dropout that has no weights"]
    return report
  }()
}
