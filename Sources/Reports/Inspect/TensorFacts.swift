import JSON

/// One tensor of a file, as `inspect` reports it.
public struct TensorFacts: Sendable, Equatable {
  /// `layer/weight`.
  public var name: String
  /// Where it lies in the file.
  public var path: String
  public var layer: String?
  /// The layer's class, such as `Conv2D`.
  public var layerClass: String?
  /// `kernel`, `recurrent_kernel`, `bias`, `gamma`, … `optimizer`, `other`.
  public var role: String
  public var shape: [Int]
  /// `float32`, or the HDF5 type in words.
  public var dtype: String
  public var count: Int
  /// Zeros, -0.0 too.
  public var zeros: Int
  /// Of the finite elements; nil where there are none, or where the type is no number.
  public var minimum: Double?
  public var maximum: Double?
  public var mean: Double?
  public var standardDeviation: Double?
  public var absoluteMean: Double?
  public var nan: Int
  public var inf: Int
  public var prunable: Bool
  /// Why it is left alone; nil when it is prunable.
  public var reason: String?
  /// Size of the values, count × element size.
  public var bytes: Int
  /// What the file spends on them.
  public var storedBytes: Int
  /// `contiguous`, `chunked`, `deflate`, … or the encoding's name in a `.csrm`.
  public var storedAs: String
  /// For a `.csrm`, or with `--estimate`.
  public var encoding: EncodingFacts?
  /// With `--structure`.
  public var structure: TensorStructure?
  /// With `--histogram`.
  public var histogram: MagnitudeHistogram?

  public init(
    name: String, path: String, layer: String? = nil, layerClass: String? = nil, role: String,
    shape: [Int], dtype: String, count: Int, zeros: Int, minimum: Double? = nil,
    maximum: Double? = nil, mean: Double? = nil, standardDeviation: Double? = nil,
    absoluteMean: Double? = nil, nan: Int = 0, inf: Int = 0, prunable: Bool,
    reason: String? = nil, bytes: Int, storedBytes: Int, storedAs: String,
    encoding: EncodingFacts? = nil
  ) {
    self.name = name
    self.path = path
    self.layer = layer
    self.layerClass = layerClass
    self.role = role
    self.shape = shape
    self.dtype = dtype
    self.count = count
    self.zeros = zeros
    self.minimum = minimum
    self.maximum = maximum
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.absoluteMean = absoluteMean
    self.nan = nan
    self.inf = inf
    self.prunable = prunable
    self.reason = reason
    self.bytes = bytes
    self.storedBytes = storedBytes
    self.storedAs = storedAs
    self.encoding = encoding
  }

  /// nil for a tensor without elements.
  public var sparsity: Double? { share(zeros, of: count) }
  var isOptimizer: Bool { role == "optimizer" }
}

/// How a tensor is packed, or would be.
public struct EncodingFacts: Sendable, Equatable {
  public var name: String
  /// Bytes of the encoded tensor.
  public var bytes: Int
  /// Elements that are not +0.0 bit for bit.
  public var nonzeros: Int
  /// The yardstick L0 of the format's manual, in bytes: entropy of the positions and of the values'
  /// signs and exponents, mantissas whole. nil where it was not worked out.
  public var limit: Double?
  /// How values were rounded: `exact`, `codebook:16`. nil of a forecast.
  public var precision: String?
  /// What the stored bytes say; nil of a forecast.
  public var parts: Parts?

  /// Bytes that say where non-zeros are, what they are, and those of scales, codebooks and tables.
  public struct Parts: Sendable, Equatable {
    public var mask: Double
    public var values: Double
    public var side: Double

    public init(mask: Double, values: Double, side: Double) {
      self.mask = mask
      self.values = values
      self.side = side
    }
  }

  public init(name: String, bytes: Int, nonzeros: Int, limit: Double? = nil) {
    self.name = name
    self.bytes = bytes
    self.nonzeros = nonzeros
    self.limit = limit
  }

  func bitsPerWeight(count: Int) -> Double? { share(bytes, of: count).map { $0 * 8 } }
  var bitsPerNonzero: Double? { share(bytes, of: nonzeros).map { $0 * 8 } }
  var ratioToLimit: Double? {
    guard let limit, limit > 0 else { return nil }
    return Double(bytes) / limit
  }
}

extension TensorFacts {
  var json: JSON.Value {
    var object: JSON.Object = JSON.Object([
      ("name", .string(name)), ("path", .string(path)), ("layer", .optional(layer)),
      ("class", .optional(layerClass)), ("role", .string(role)), ("shape", .shape(shape)),
      ("dtype", .string(dtype)), ("count", .integer(count)), ("zeros", .integer(zeros)),
      ("sparsity", .optional(sparsity)), ("min", .optional(minimum)), ("max", .optional(maximum)),
      ("mean", .optional(mean)), ("std", .optional(standardDeviation)),
      ("abs_mean", .optional(absoluteMean)), ("nan", .integer(nan)), ("inf", .integer(inf)),
      ("prunable", .bool(prunable)), ("bytes", .integer(bytes)),
      ("stored_bytes", .integer(storedBytes)), ("stored_as", .string(storedAs)),
    ])
    if let encoding {
      object["encoding"] = .string(encoding.name)
      object["bits_per_weight"] = .optional(encoding.bitsPerWeight(count: count))
      object["bits_per_nonzero"] = .optional(encoding.bitsPerNonzero)
      object["ratio_to_limit"] = .optional(encoding.ratioToLimit)
      if let precision = encoding.precision { object["precision"] = .string(precision) }
      if let parts = encoding.parts, count > 0 {
        object["bits_of"] = [
          "mask": .double(parts.mask * 8 / Double(count)),
          "values": .double(parts.values * 8 / Double(count)),
          "side": .double(parts.side * 8 / Double(count)),
        ]
      }
    }
    object["reason"] = reason.map(JSON.Value.string)
    object["structure"] = structure?.json
    object["histogram"] = histogram?.json
    return .object(object)
  }
}
