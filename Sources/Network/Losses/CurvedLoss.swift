#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A loss of which the Hessian by its outputs (or by the logits behind them) is known as a product
/// S·Sᵀ, one column of S a value of the item: all that the Gauss–Newton matrix of a network needs of
/// its loss (Schraudolph 2002).
protocol CurvedLoss: Loss {
  /// Writes column `column` of S for one item, `width` values.
  ///
  /// - Parameters:
  ///   - output: what the model gives for the item.
  ///   - takesLogits: whether the Hessian is by what the last activation is given.
  ///   - scale: what the loss of the item is multiplied with.
  ///
  /// False where S is not known of outputs as these.
  func curvature(
    column: Int, of output: UnsafePointer<Float>, width: Int, takesLogits: Bool, scale: Double,
    into factor: UnsafeMutablePointer<Float>
  ) -> Bool
}

/// H = diag(p) − p·pᵀ, S's column c = √p_c · (e_c − p).
extension CategoricalCrossentropy: CurvedLoss {
  func curvature(
    column: Int, of output: UnsafePointer<Float>, width: Int, takesLogits: Bool, scale: Double,
    into factor: UnsafeMutablePointer<Float>
  ) -> Bool {
    guard takesLogits || fromLogits else { return false }
    var p = (0..<width).map { Double(output[$0]) }
    if fromLogits {
      let largest = p.max() ?? 0
      p = p.map { exp($0 - largest) }
    }
    let sum = p.reduce(0, +)
    let root = (scale * p[column] / sum).squareRoot()
    for i in 0..<width { factor[i] = Float(root * ((i == column ? 1 : 0) - p[i] / sum)) }
    return true
  }
}

/// H = diag(p·(1 − p)) ÷ width.
extension BinaryCrossentropy: CurvedLoss {
  func curvature(
    column: Int, of output: UnsafePointer<Float>, width: Int, takesLogits: Bool, scale: Double,
    into factor: UnsafeMutablePointer<Float>
  ) -> Bool {
    guard takesLogits || fromLogits else { return false }
    let value = Double(output[column])
    let p = fromLogits ? Probability.sigmoid(value) : value
    factor.update(repeating: 0, count: width)
    factor[column] = Float((scale * p * (1 - p) / Double(width)).squareRoot())
    return true
  }
}

/// H = 2·I ÷ width.
extension MeanSquaredError: CurvedLoss {
  func curvature(
    column: Int, of output: UnsafePointer<Float>, width: Int, takesLogits: Bool, scale: Double,
    into factor: UnsafeMutablePointer<Float>
  ) -> Bool {
    factor.update(repeating: 0, count: width)
    factor[column] = Float((2 * scale / Double(width)).squareRoot())
    return true
  }
}
