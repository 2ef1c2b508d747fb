import CSRM
import Datasets
import Keras
import Network
import Tensors

/// What an error of each weight does to the loss, by the diagonal of the empirical Fisher information:
/// the mean over samples of the square of each sample's own gradient.
struct WeightWorth {
  /// By place in the model; of tensors that no gradient passes there is nothing.
  let squares: [Int: [Double]]
  /// Rows that were looked at.
  let samples: Int

  /// Enough for a weight that few rows use to be seen.
  static let standardSamples = 2048
  /// Added to what is relative to the mean, so that no weight is worth nothing.
  private static let floor = 0.05

  /// - Parameter values: in place of the model's own, by place in the model.
  ///
  /// Throws where the data cannot be read, or the model cannot be trained.
  init(
    _ pair: ModelOnData, values: [(place: Int, values: TensorValues)], samples: Int?, seed: UInt64,
    loss: String? = nil
  ) throws {
    let places = pair.model.tensors.indices.filter {
      pair.model.tensors[$0].holdsWeights && pair.model.tensors[$0].copyOf == nil
    }
    let source = ScoreRows(
      part: pair.data.train ?? pair.data.all, wanted: samples ?? Self.standardSamples, seed: seed)
    let outputs = pair.network.outputs.count
    let rows = try source.read(try source.draw(.drawn), outputs: outputs)
    self.samples = rows.count
    var options = Training.Options()
    options.loss = loss
    let before = pair.network.snapshot
    defer {
      pair.network.restore(before)
      pair.network.refresh()
    }
    for (place, values) in values { try pair.network.setValues(ofTensor: place, to: values) }
    let found = try WeightSensitivity(
      pair.network, of: pair.model, tensors: places, forms: source.part.forms(outputs: outputs),
      options: options
    ).squaredGradient(rows)
    squares = Dictionary(uniqueKeysWithValues: zip(places, found).filter { !$1.isEmpty })
  }

  /// The mean of all of them.
  private var mean: Double {
    let (sum, count) = squares.sorted { $0.key < $1.key }.reduce((0.0, 0)) {
      ($0.0 + $1.value.reduce(0, +), $0.1 + $1.value.count)
    }
    return sum / Double(max(1, count))
  }

  /// What rounding adds to the loss, to second order: ½ Σ F·(w − q)².
  func harm(of rounded: RoundedValues, from values: TensorValues, place: Int) throws -> Double {
    let (own, mean) = (squares[place], mean)
    var harm = 0.0
    for block in TensorBlock.all(of: [values.count]) {
      let (before, after) = (
        try values.doubles(block.range), try rounded.values.doubles(block.range)
      )
      for i in before.indices {
        let error = before[i] - after[i]
        harm += 0.5 * (own?[block.range.lowerBound + i] ?? mean) * (error * error)
      }
    }
    return harm
  }

  /// The same relative to the mean of all of them, and a little more.
  var importance: [Int: [Float]] {
    let mean = mean
    guard mean > 0, mean.isFinite else { return [:] }
    return squares.mapValues { $0.map { Float($0 / mean + Self.floor) } }
  }
}
