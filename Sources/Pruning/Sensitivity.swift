import Tensors

/// What a network tells of every weight when it is gone through backward, at the weights as they are.
public struct Sensitivity: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// The derivative of the mean loss by the weight.
    case gradient
    /// The mean over mini-batches of the square of the derivative of each one's mean loss.
    case batchSquaredGradient
    /// The mean over samples of the square of each sample's own derivative: not the square of the
    /// mean.
    case squaredGradient
    /// The diagonal of the Gauss–Newton matrix of the mean loss.
    case gaussNewton
    /// The diagonal of the Hessian of the mean loss, estimated with random signs; may be negative.
    case hessianDiagonal
    /// The Hessian of the mean loss times its gradient, both by the candidates' weights alone, of
    /// the loss of logits that are divided by `temperature` first. Nil takes 200 for a loss that is one
    /// of logits, and any other as it is.
    case hessianGradient(temperature: Double?)
    /// The derivative of the sum of outputs by |w|, of the network of magnitudes that is fed with
    /// ones; times a number that is the same for all weights.
    case flow
  }

  /// Which rows of the data it is taken on.
  public enum Rows: Hashable, Sendable {
    /// Some, drawn without regard to classes.
    case drawn
    /// As many of each class.
    case balanced
    /// No data at all.
    case none
  }

  public let kind: Kind
  public let rows: Rows

  public init(_ kind: Kind, on rows: Rows = .drawn) {
    self.kind = kind
    self.rows = rows
  }
}

/// Takes what the criterion asks for anew, at the weights of the candidates as they are given, and
/// returns the candidates with it.
public typealias Sensing = ([Candidate]) throws -> [Candidate]

extension Candidate {
  /// The numbers of one kind, one a weight. Throws `PruningError.sensitivityUnknown` where they have
  /// not been taken.
  func sensitivity(_ wanted: Sensitivity, for criterion: any Criterion, file: String)
    throws(PruningError) -> [Double]
  {
    guard let numbers = sensitivities[wanted], numbers.count == count else {
      throw .sensitivityUnknown(file: file, tensor: name, criterion: criterion.name)
    }
    return numbers
  }
}

extension [Double] {
  /// Scores of every weight from the weight and its number in `numbers`; 0 where the weight is not
  /// finite.
  init(
    of candidate: Candidate, _ numbers: [Double],
    _ score: @Sendable (_ weight: Double, _ number: Double) -> Double
  ) throws {
    try self.init(count: candidate.count) { range, scores in
      try candidate.values.withDoubles(range) { weights in
        for i in scores.indices {
          let weight = weights.loadUnaligned(fromByteOffset: 8 * i, as: Double.self)
          scores[i] = weight.isFinite ? score(weight, numbers[range.lowerBound + i]) : 0
        }
      }
    }
  }
}
