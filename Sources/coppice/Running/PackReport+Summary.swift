import CSRM
import Keras
import Reports

extension PackReport {
  /// The report of one packed file.
  init(
    _ packed: PackSummary, input: FileFacts, output: FileFacts?, options: PackOptions,
    seconds: Double
  ) {
    let saving = packed.canonicalZeroSaving
    self.init(
      input: input, output: output, bytes: packed.totalBytes,
      documentBytes: packed.documentBytes + packed.blobBytes + packed.skeletonBytes,
      directoryBytes: packed.directoryBytes, bytesExact: options.bytesExact,
      negativeZeros: packed.negativeZeros,
      canonicalZeroSaves: packed.negativeZeros > 0 && !options.canonicalZero ? saving : nil,
      tensors: packed.tensors.map {
        var tensor = Tensor(
          name: $0.name, shape: $0.shape, dtype: $0.type.description, count: $0.count,
          nonzeros: $0.nonzeros,
          encoding: $0.encodingName, denseBytes: $0.count * $0.type.size,
          bytes: $0.storedBytes)
        tensor.precision = $0.precision
        tensor.sideBytes = $0.parameterBytes
        return tensor
      }, seconds: seconds)
  }
}
