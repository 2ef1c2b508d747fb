import Keras

extension WeightSensitivity {
  /// Ways back a row at most: one for each value of each item of the outputs.
  private static let mostPasses = 4096

  /// The diagonal of the Gauss–Newton matrix Jᵀ·S·Sᵀ·J of the mean loss of all rows, exact: the sum of
  /// the squares of what one way back from each column of S leaves, row by row.
  ///
  /// Throws `NetworkError.badLoss` where S is not known of a loss, or outputs are too many.
  public func gaussNewton(_ rows: LabelledRows) throws -> [[Double]] {
    let first = try rowByRow()[0]
    var columns: [(output: Int, item: Int, column: Int)] = []
    for output in network.outputs.indices {
      guard let judged = first.judgement(of: output) else { continue }
      guard let loss = judged.loss as? any CurvedLoss,
        judged.takesLogits || loss is MeanSquaredError || loss.fromLogits
      else {
        throw NetworkError.unsupportedTraining(
          path: network.path,
          what:
            "the Gauss-Newton matrix of a loss other than cross-entropy right behind its softmax or sigmoid, and mean squared error,",
          advice: "--curvature hutchinson takes any loss.")
      }
      for item in 0..<judged.positions {
        for column in 0..<judged.width { columns.append((output, item, column)) }
      }
      guard columns.count <= Self.mostPasses else {
        throw NetworkError.unsupportedTraining(
          path: network.path,
          what: "the Gauss-Newton matrix of more than \(Self.mostPasses) outputs a sample",
          advice: "--curvature hutchinson takes any number.")
      }
    }
    return try squares(rows, passes: columns.count) { training, row, pass in
      let (chosen, item, column) = columns[pass]
      let weight = Double(rows.weights[row])
      try training.run(rows.samples(from: row), rows: 1) { output, _, values, gradient in
        guard let judged = training.judgement(of: output) else { return }
        gradient.update(repeating: 0, count: judged.positions * judged.width)
        guard output == chosen, let loss = judged.loss as? any CurvedLoss else { return }
        let place = item * judged.width
        _ = loss.curvature(
          column: column, of: values + place, width: judged.width,
          takesLogits: judged.takesLogits,
          scale: judged.weight * weight / Double(judged.positions), into: gradient + place)
      }
    }
  }
}
