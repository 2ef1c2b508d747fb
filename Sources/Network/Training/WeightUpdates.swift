import JSON
import Keras
import Parallel

/// What an optimizer does with the gradients of a `Training`: penalties, clipping, the step itself,
/// constraints; and weights that are masked stay exactly +0.
///
/// Each weight is worked on by itself and sums are taken in one order, so results do not depend on
/// the number of threads.
public final class WeightUpdates {
  /// What there is to choose.
  public struct Options: Sendable {
    /// Nil takes SGD with momentum 0.9.
    public var optimizer: OptimizerSettings?
    public var clipping: GradientClipping?
    public var decay: WeightDecay?

    public init() {}
  }

  private let training: Training
  private let parameters: [Parameter]
  private let gradients: [UnsafeMutablePointer<Float>]
  private let regularizers: [Regularizer?]
  private let constraints: [Constraint?]
  private let state: OptimizerState
  private let clipping: GradientClipping
  private let decay: WeightDecay?
  /// By parameter; nil where all weights are kept.
  private var masks: [UnsafeMutablePointer<UInt8>?]
  /// By parameter; nil where every weight has a value of its own.
  private var ties: [TiedWeights?]
  /// The learning rate where none is asked for.
  public let standardRate: Double
  /// The optimizer's class.
  public let name: String

  /// Throws where the optimizer, a regularizer or a constraint is not one that coppice trains with.
  public init(_ training: Training, _ options: Options = Options()) throws(NetworkError) {
    self.training = training
    let path = training.network.path
    let settings =
      options.optimizer
      ?? OptimizerSettings(name: "SGD", config: JSON.Object([("momentum", 0.9)]))
    name = settings.name
    do throws(OptimizerFault) {
      let optimizer = try OptimizerList.make(settings)
      standardRate = type(of: optimizer).standardRate
      state = OptimizerState(optimizer, counts: training.gradients.map(\.parameter.count))
      if let given = options.clipping {
        clipping = given
      } else {
        clipping = try GradientClipping(settings)
      }
      if let given = options.decay {
        decay = given
      } else {
        decay = try settings.weightDecay().map { .keras($0) }
      }
    } catch {
      throw .unsupportedTraining(
        path: path, what: error.what, advice: "--optimizer names another optimizer.")
    }
    parameters = training.gradients.map(\.parameter)
    gradients = training.gradients.map(\.values)
    masks = parameters.map { _ in nil }
    ties = parameters.map { _ in nil }
    var regularizers: [Regularizer?] = []
    var constraints: [Constraint?] = []
    for parameter in parameters {
      do throws(LayerFault) {
        guard let settings = parameter.settings else {
          regularizers.append(nil)
          constraints.append(nil)
          continue
        }
        regularizers.append(try Penalties.regularizer(of: parameter.name, in: settings))
        let constraint = try Penalties.constraint(of: parameter.name, in: settings)
        try constraint?.check(shape: parameter.shape)
        constraints.append(constraint)
      } catch {
        throw .unsupportedTraining(
          path: path, what: "\(error.what) (variable '\(parameter.name.printable())')",
          advice: "eval, and pruning without fine-tuning, still work.")
      }
    }
    self.regularizers = regularizers
    self.constraints = constraints
  }

  deinit { for mask in masks { mask?.deallocate() } }

  /// Weights that a thread takes at a time.
  private static let block = 1 << 14

  private struct Piece {
    var place: Int
    var range: Range<Int>
  }

  private lazy var pieces: [Piece] = parameters.indices.flatMap { place in
    Parallel.pieces(of: parameters[place].count, size: Self.block).map {
      Piece(place: place, range: $0)
    }
  }

  /// The penalty of all regularizers, as the weights are.
  public var penalty: Double {
    var sum = 0.0
    for (place, parameter) in parameters.enumerated() {
      guard let regularizer = regularizers[place] else { continue }
      sum += regularizer.penalty(on: parameter.values, in: 0..<parameter.count)
    }
    return sum
  }

  /// Moves all weights by the gradients as they are, at this learning rate.
  public func step(rate: Double) {
    let work = Work(pieces: pieces) { [self] piece in
      regularizers[piece.place]?.addGradient(
        of: parameters[piece.place].values, in: piece.range, to: gradients[piece.place])
    }
    if regularizers.contains(where: { $0 != nil }) { work.run() }
    let tied = ties.indices.map { ties[$0]?.gather(gradients[$0]) }
    var factors = [Float](repeating: 1, count: parameters.count)
    if clipping.needsNorms {
      let sums = UnsafeMutablePointer<Double>.allocate(capacity: max(1, pieces.count))
      defer { sums.deallocate() }
      let all = pieces
      nonisolated(unsafe) let room = sums
      nonisolated(unsafe) let own = self
      try? Parallel.forEach(all.count) { index in
        let piece = all[index]
        room[index] = GradientClipping.squares(
          of: own.gradients[piece.place], mask: own.masks[piece.place].map { UnsafePointer($0) },
          in: piece.range)
      }
      var squares = [Double](repeating: 0, count: parameters.count)
      for (index, piece) in pieces.enumerated() { squares[piece.place] += sums[index] }
      for (place, sum) in tied.enumerated() { if let sum { squares[place] = sum } }
      factors = clipping.factors(squares: squares)
    }
    let common = state.step(rate: rate)
    let steps = parameters.indices.map { place in
      var step = common
      step.factor = factors[place]
      step.limit = clipping.limit
      decay?.apply(to: &step, of: parameters[place].role, with: state.optimizer)
      return step
    }
    Work(pieces: pieces) { [self] piece in
      state.optimizer.update(
        piece.range,
        of: state.target(
          piece.place, weights: parameters[piece.place].values, gradient: gradients[piece.place],
          mask: masks[piece.place].map { UnsafePointer($0) }), by: steps[piece.place])
    }.run()
    for (place, parameter) in parameters.enumerated() {
      constraints[place]?.apply(to: parameter.values, shape: parameter.shape)
    }
    state.finishStep()
    training.prepare()
  }

  private struct Work: @unchecked Sendable {
    let pieces: [Piece]
    let body: (Piece) -> Void

    func run() { try? Parallel.forEach(pieces.count) { body(pieces[$0]) } }
  }

  /// Keeps the weights of tensor `tensor` of the model where `keeps` holds, and makes the others +0 for
  /// good. Nothing where it is not trained.
  public func setMask(ofTensor tensor: Int, keeping keeps: (Int) -> Bool) {
    guard let place = parameters.firstIndex(where: { $0.tensor == tensor }) else { return }
    let parameter = parameters[place]
    let mask = masks[place] ?? .allocate(capacity: max(1, parameter.count))
    for i in 0..<parameter.count {
      mask[i] = keeps(i) ? 1 : 0
      if mask[i] == 0 { parameter.values[i] = 0 }
    }
    masks[place] = mask
  }

  /// Makes weights of tensor `tensor` share their values for good: all of a group are the same number
  /// now, and those of group 0 are zero. Nothing where it is not trained.
  public func tie(ofTensor tensor: Int, groups: [Int16]) {
    guard let place = parameters.firstIndex(where: { $0.tensor == tensor }) else { return }
    precondition(groups.count == parameters[place].count)
    ties[place] = TiedWeights(groups)
  }

  /// Forgets momentum and moments.
  public func restart() { state.reset() }

  /// All that the optimizer remembers: slot after slot, and at last how many steps were done.
  public var memory: [[Float]] {
    state.slots.map(\.values)
      + [
        [
          Float(bitPattern: UInt32(truncatingIfNeeded: state.iteration)),
          Float(bitPattern: UInt32(truncatingIfNeeded: state.iteration >> 32)),
        ]
      ]
  }

  /// Takes back what `memory` gave; false where it is another optimizer's or model's.
  public func restore(_ memory: [[Float]]) -> Bool {
    var slots = state.slots
    guard memory.count == slots.count + 1, let counts = memory.last, counts.count == 2 else {
      return false
    }
    for place in slots.indices { slots[place].values = memory[place] }
    let steps = UInt64(counts[0].bitPattern) | UInt64(counts[1].bitPattern) << 32
    return state.restore(slots, iteration: Int(clamping: steps))
  }
}
