import Files
import JSON
import Keras

/// How well a model does: the losses and metrics of all its outputs, over data that comes in batches.
///
/// What is measured of an output follows from the loss of the file's training configuration, the
/// output's activation and shape, and the targets. The mean of a loss is over all items (Keras's
/// `sum_over_batch_size`); penalties on weights are no part of it. What rows weigh is counted in losses
/// alone, as in Keras's `evaluate`, whose `metrics` leave it out.
public final class Evaluation {
  /// What a caller may ask for.
  public struct Options: Sendable {
    /// In place of the file's own loss: a name, or JSON as a training configuration has it.
    public var loss: String?
    /// Which k the share of items among the first k is for; nil gives 5 from 10 classes on.
    public var topK: Int?
    public var wantsClasses = false
    public var wantsConfusion = false

    public init() {}
  }

  /// How the targets of an output are given.
  public enum TargetForm: Sendable {
    /// A class number an item.
    case classes
    /// A value for every value of the output.
    case values
  }

  /// Targets of some rows of one output.
  public enum Targets {
    case classes(UnsafePointer<Int32>)
    case values(UnsafePointer<Float>)
  }

  /// What was found of one output.
  public struct Output: Sendable {
    public var name: String
    public var task: OutputTask
    /// Nil where there is no loss that coppice computes, or no data.
    public var loss: Double?
    /// As the file, the caller or the output's task names it.
    public var lossName: String?
    /// Of the loss in the sum of all.
    public var weight: Double
    public var scores: [Score]
    /// Where classes were asked for, or the task is binary or multi-label.
    public var classes: ClassCounts?
    /// Items judged, of all rows.
    public var items: Int
    /// Items with NaN or infinity among the outputs.
    public var nonfinite: Int
  }

  /// What was found of a model.
  public struct Findings: Sendable {
    /// Of the outputs that have targets, in order.
    public var outputs: [Output]
    /// The weighted sum of their losses; nil where none has one.
    public var loss: Double?
  }

  /// What a person should know: a loss that was chosen, or one that is not computed.
  public private(set) var notes: [String] = []
  /// Places in `Network.outputs` of the outputs that have targets, in order.
  public let judged: [Int]
  private var outputs: [OutputEvaluation]

  /// - Parameter targets: how those of each output are given; nil where there are none.
  ///
  /// Throws `NetworkError.badLoss` where the loss asked for does not exist or fit.
  public init(
    _ network: Network, of model: Model, targets: [TargetForm?], options: Options = Options()
  ) throws(NetworkError) {
    precondition(targets.count == network.outputs.count, "one form an output")
    let choice = try LossChoice(network, model, asked: options.loss)
    judged = targets.indices.filter { targets[$0] != nil }
    outputs = []
    notes = choice.notes
    for place in judged {
      let port = network.outputs[place]
      let shape = port.shape.map { $0 ?? 1 }
      let chosen = choice.loss(
        of: place, width: shape.last ?? 1, classNumbers: targets[place] == .classes)
      if let note = chosen.note { notes.append(note) }
      outputs.append(
        OutputEvaluation(
          name: port.name, shape: shape, loss: chosen.loss, lossName: chosen.name,
          weight: choice.losses.weights[place],
          candidates: OutputTask.candidates(
            chosen.loss.map { type(of: $0).meaning }, choice.activations[place],
            width: shape.last ?? 1, classNumbers: targets[place] == .classes),
          topK: options.topK, wantsClasses: options.wantsClasses,
          wantsConfusion: options.wantsConfusion))
    }
  }

  /// Whether output `place` of the network is certainly for one of several classes, so that vectors
  /// given as its targets have to be one-hot or at least a distribution.
  public func isClassification(_ place: Int) -> Bool {
    judged.firstIndex(of: place).map { outputs[$0].isClassification } ?? false
  }

  /// Counts the results of `rows` samples.
  ///
  /// - Parameters:
  ///   - results: by output of the network, `[rows][shape…]`.
  ///   - masks: by output of the network, `[rows][items a sample]`, 0 where an item does not count; nil
  ///     where all do.
  ///   - targets: by output of the network; those that are not judged are not looked at. Class
  ///     numbers are below the output's last dimension.
  ///   - weights: what each row weighs in the losses, `[rows]`; nil where all weigh 1.
  public func add(
    _ results: [UnsafePointer<Float>], masks: [UnsafePointer<Float>?], targets: [Targets?],
    weights: UnsafePointer<Float>? = nil, rows: Int
  ) {
    for (index, place) in judged.enumerated() {
      guard let given = targets[place] else { continue }
      outputs[index].add(
        results[place], targets: given, mask: masks[place], weights: weights, rows: rows)
    }
  }

  /// What was found up to now.
  public var findings: Findings {
    let results = outputs.map(\.result)
    let losses = results.compactMap { output in output.loss.map { $0 * output.weight } }
    return Findings(outputs: results, loss: losses.isEmpty ? nil : losses.reduce(0, +))
  }
}
