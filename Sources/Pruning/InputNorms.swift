import Tensors

/// How large the inputs are that the weights of a tensor are multiplied with: the Euclidean norm of
/// each input over all rows of the calibration data, ‖x_j‖₂.
///
/// A row is whatever a kernel is multiplied with at one time: a sample for a Dense layer, a patch
/// (padding as zeros) for a convolution, a time step for a recurrent kernel.
public struct InputNorms: Sendable {
  /// Some of the tensor's outputs, and what they read.
  public struct Part: Sendable {
    public let matrices: KernelMatrices
    /// `[groups][inputs]`
    public let norms: [Double]

    public init(_ matrices: KernelMatrices, norms: [Double]) {
      precondition(norms.count == matrices.groups * matrices.inputs)
      self.matrices = matrices
      self.norms = norms
    }
  }

  /// Together they cover the tensor, each element once.
  public let parts: [Part]

  public init(_ parts: [Part]) { self.parts = parts }

  /// How many elements the parts cover.
  var count: Int { parts.reduce(0) { $0 + $1.matrices.count } }
}
