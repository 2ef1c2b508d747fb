import JSON

@testable import Reports

extension Samples {
  static let prune: PruneReport = {
    var report = PruneReport(
      command: JSON.Object([("sparsity", .double(0.9)), ("output", .string("small.csrm"))]),
      version: "0.1.0", seed: 0, threads: 2,
      input: FileFacts(file: "net.h5", container: "keras-h5", bytes: 9344, sha256: "aa"),
      output: FileFacts(file: "small.csrm", container: "csrm", bytes: 1168, sha256: "bb"),
      plan: [.init(step: 1, target: 0.9)],
      sparsity: .init(target: 0.9, before: 972, pruned: 1030, of: 1144),
      sizes: SizeTable(
        input: 9344, inputGzip9: 8000, withoutOptimizer: 5344, prunedGzip9: 2000, output: 1168),
      tensors: [
        .init(
          name: "conv2d/kernel", shape: [3, 3, 1, 16], count: 144, zerosBefore: 72, kept: 14,
          encoding: "bitmask", bytes: 90),
        .init(
          name: "dense_10/kernel", shape: [100, 10], count: 1000, zerosBefore: 900, kept: 100,
          encoding: "csr", bytes: 600),
      ], seconds: 0.0421)
    report.steps = [.init(step: 1, target: 0.9, achieved: 1030.0 / 1144, seconds: 0.0035)]
    report.leftAlone = [.init(name: "conv2d/bias", reason: "a bias")]
    report.notes = ["accuracy was not measured: no data was given"]
    return report
  }()

  static let pack = PackReport(
    input: FileFacts(file: "net.h5", container: "keras-h5", bytes: 9344, sha256: "aa"),
    output: FileFacts(file: "net.csrm", container: "csrm", bytes: 2336, sha256: "bb"),
    bytes: 2336, documentBytes: 900, directoryBytes: 436, negativeZeros: 5,
    canonicalZeroSaves: 22,
    tensors: [
      .init(
        name: "conv2d/kernel", shape: [3, 3, 1, 16], dtype: "float32", count: 144, nonzeros: 72,
        encoding: "bitmask", denseBytes: 576, bytes: 306),
      .init(
        name: "dense_10/kernel", shape: [100, 10], dtype: "float32", count: 1000, nonzeros: 105,
        encoding: "csr", denseBytes: 4000, bytes: 694),
    ], seconds: 1.25)

  static let unpack = ConvertReport(
    command: .unpack,
    input: FileFacts(file: "net.csrm", container: "csrm", bytes: 2336),
    output: FileFacts(file: "net.h5", container: "keras-h5", bytes: 9344, sha256: "aa"),
    tensors: 4, bytesExact: true, seconds: 0.5)

  static let damaged = VerifyReport(
    file: "net.csrm", container: "csrm", checkedBytes: 2336,
    damage: [
      .init(place: "model_weights/conv2d/conv2d/kernel:0", what: "the checksum of block 0 is wrong")
    ])

  static let diff = DiffReport(
    fileA: "net.h5", fileB: "small.h5",
    tensors: [
      .init(
        name: "conv2d/kernel", status: .values, shapeA: [3, 3, 1, 16], shapeB: [3, 3, 1, 16],
        dtypeA: "float32", dtypeB: "float32", maxAbs: 0.25, rms: 0.0625, changed: 58, zerosA: 72,
        zerosB: 130),
      .init(
        name: "conv2d/bias", status: .same, shapeA: [16], shapeB: [16], dtypeA: "float32",
        dtypeB: "float32", maxAbs: 0, rms: 0, changed: 0, zerosA: 16, zerosB: 16),
      .init(
        name: "dense_10/kernel", status: .shape, shapeA: [100, 10], shapeB: [100, 12],
        dtypeA: "float32", dtypeB: "float32", zerosA: 900, zerosB: 0),
      .init(
        name: "dense_10/scale", status: .dtype, shapeA: [1], shapeB: [1], dtypeA: "float32",
        dtypeB: "float16", zerosA: 0, zerosB: 0),
      .init(name: "old/bias", status: .missing, shapeA: [4], dtypeA: "float32", zerosA: 0),
      .init(name: "new/bias", status: .extra, shapeB: [4], dtypeB: "float32", zerosB: 0),
    ], others: [.init(place: "model_config", what: "the attribute differs")])

  /// `inspect` with all that can be asked for.
  static let detailed: InspectReport = {
    var report = inspect
    report.notes = []
    report.tensors[0].encoding = EncodingFacts(
      name: "bitmask", bytes: 306, nonzeros: 72, limit: 255)
    report.tensors[1].encoding = EncodingFacts(name: "constant", bytes: 4, nonzeros: 0)
    report.tensors[2].encoding = EncodingFacts(name: "csr", bytes: 600, nonzeros: 100, limit: 480)
    report.tensors[0].structure = TensorStructure(
      filters: .init(total: 16, zero: 2), channels: .init(total: 1, zero: 0),
      patterns: [.init(n: 2, m: 4, groups: 36, compliant: 36)])
    report.tensors[2].structure = TensorStructure(
      rows: .init(total: 100, zero: 25), columns: .init(total: 10, zero: 0),
      patterns: [.init(n: 2, m: 4, groups: 250, compliant: 200)])
    report.histogram = MagnitudeHistogram(
      zeros: 972, nonfinite: 1,
      bins: [
        .init(from: 0.125, to: 0.25, count: 0), .init(from: 0.25, to: 0.5, count: 100),
        .init(from: 0.5, to: 1, count: 50), .init(from: 1, to: 2, count: 21),
      ])
    report.estimate = PackingEstimate(
      sparsity: 0.9, bytes: 1168,
      levels: [.init(name: "fast", bytes: 1300), .init(name: "max", bytes: 1100)])
    return report
  }()
}
