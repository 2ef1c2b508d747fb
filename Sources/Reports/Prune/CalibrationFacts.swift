import JSON

extension PruneReport {
  /// What was made up for on data without labels, without training.
  public struct Calibration: Sendable, Equatable {
    /// Samples that the network was walked through with.
    public var samples: Int
    /// `train`, or `all` where the data are not cut in parts.
    public var part: String
    /// Tensors whose kept weights were fitted anew; nil where that was not asked for.
    public var refitted: Int?
    /// Batch normalisations with new statistics; nil where that was not asked for.
    public var normalisations: Int?

    public init(
      samples: Int, part: String, refitted: Int? = nil, normalisations: Int? = nil
    ) {
      self.samples = samples
      self.part = part
      self.refitted = refitted
      self.normalisations = normalisations
    }

    var json: JSON.Value {
      [
        "samples": .integer(samples), "part": .string(part), "refitted": .optional(refitted),
        "normalisations": .optional(normalisations),
      ]
    }

    /// `512 samples (train): 19 tensors reconstructed, 19 normalisations recalibrated`
    var words: String {
      var done: [String] = []
      if let refitted { done.append("\(counted(refitted, "tensor")) reconstructed") }
      if let normalisations {
        done.append("\(counted(normalisations, "normalisation")) recalibrated")
      }
      return "\(counted(samples, "sample")) (\(part))"
        + (done.isEmpty ? "" : ": " + done.joined(separator: ", "))
    }
  }
}
