/// An encoding of floats whose size only encoding tells, made to measure for one tensor.
///
/// The bare value, as it stands in `Encoding.codings`, decodes and fits; what `fitted` returns
/// encodes, and carries the parameters that the directory keeps.
protocol FloatCoding: TensorCoding {
  /// This encoding as it suits the tensor of `shape` that `census` describes, and the bytes that its
  /// blocks are expected to take, parameters included; nil where it cannot hold such a tensor.
  func fitted(to census: FloatCensus, shape: [Int], _ geometry: Geometry) -> Fitting?
}

/// An encoding that was made to measure.
struct Fitting {
  let coding: any TensorCoding
  let expectedBytes: Int
}
