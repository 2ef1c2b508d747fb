import JSON
import Tensors

/// A model that can be measured with weights masked.
///
/// Tensors are counted as the run counts its candidates: tensor `i` is the one that mask `i` is for.
public protocol MaskableModel: AnyObject {
  /// Measures the model as it is, without dropout. Nil where the part has no rows.
  func evaluate(_ part: MeasuredPart) throws -> Metrics?

  /// A copy of all variables (trained ones, and batch statistics) that later training does not
  /// touch.
  func snapshot() -> [[Float]]

  /// Sets the variables to what `snapshot` gave. The masks stay as they are.
  func restore(_ variables: [[Float]])

  /// One mask a tensor, with a bit a weight. At once and from then on what is masked is exactly +0.
  func setMasks(_ masks: [Mask])
}

/// A model that can be trained too: what the loops of this room drive.
public protocol Trainer: MaskableModel {
  /// Trains one pass over the training part. Masked weights stay exactly +0 throughout: the mask is
  /// applied to gradients and, after every update, to the weights.
  ///
  /// All that is drawn (order, augmentation, dropout) depends on the run's seed and `plan.epoch`
  /// alone, so that a resumed run draws the same. Throws `TrainingFault.notFinite` where the loss is
  /// NaN or infinite; the weights may be anything then, and are restored from outside.
  func trainEpoch(_ plan: EpochPlan) throws -> EpochResult

  /// A copy of the optimizer's variables (momentum, moments, count of steps), for checkpoints.
  func optimizerSnapshot() -> [[Float]]

  /// Sets the optimizer's variables to what `optimizerSnapshot` gave. Throws where they are not of
  /// this optimizer.
  func restoreOptimizer(_ variables: [[Float]]) throws

  /// Fresh momentum and moments; the rate's schedule begins anew.
  func restartOptimizer()

  /// The weights of a tensor as they are now, in row-major order.
  func values(of tensor: Int) -> [Float]

  /// Takes the means and variances of batch normalisations anew from training rows; nothing where
  /// the model has none, or where that is not wanted.
  func recalibrateStatistics() throws
}

/// The rows that a model is measured on.
public enum MeasuredPart: String, Sendable, CaseIterable {
  /// Steers stopping and selection.
  case validation
  /// Is looked at once, at the end.
  case test
}

/// One epoch in the course of a run.
public struct EpochPlan: Sendable, Equatable {
  /// From 0, over the whole run.
  public var epoch: Int
  /// The pruning step, from 1; 0 where a model is trained without being pruned.
  public var step: Int
  /// From 0, within the step.
  public var epochInStep: Int
  /// How many epochs the step has at most: the length of the rate's schedule.
  public var epochsOfStep: Int

  public init(epoch: Int, step: Int, epochInStep: Int, epochsOfStep: Int) {
    self.epoch = epoch
    self.step = step
    self.epochInStep = epochInStep
    self.epochsOfStep = epochsOfStep
  }
}

/// What one epoch came to.
public struct EpochResult: Sendable, Equatable {
  /// Mean over the samples, regularizers included, while the weights moved.
  public var loss: Double
  public var seconds: Double

  public init(loss: Double, seconds: Double) {
    self.loss = loss
    self.seconds = seconds
  }
}

/// Loss, accuracy and so on under the names of the reports' METRICS.
public struct Metrics: Sendable, Equatable {
  public var values: JSON.Object

  public init(_ values: JSON.Object = JSON.Object()) { self.values = values }

  /// Nil where there is none of the name; NaN where it is no number.
  public subscript(name: String) -> Double? {
    values[name].map { $0.doubleValue ?? .nan }
  }

  public var names: [String] { values.keys }

  /// Throws `StudyError` unless runs can be compared by `metric`: it is there, and a finite number.
  public func check(_ metric: String, of file: String) throws(StudyError) {
    guard let value = self[metric] else {
      throw .unknownMetric(metric, known: names.filter { $0 != "total" })
    }
    guard value.isFinite else { throw .metricNotFinite(file: file, metric: metric) }
  }
}

/// Why an epoch could not be finished.
public enum TrainingFault: Error, Equatable {
  /// The loss of a batch (from 0) is NaN or infinite.
  case notFinite(batch: Int)
}
