import Tensors

/// A layer that multiplies rows of inputs by kernels, and can say what these rows are.
///
/// What a kernel is given on calibration data is what activation-aware criteria score its weights by,
/// and what they are refitted to once some of them are gone.
protocol Calibrated: Layer {
  /// The kernels, in the order in which `forward` multiplies by them.
  var kernelUses: [KernelUse] { get }

  /// Gives `take` every row that kernel `use` of `kernelUses` is multiplied by in the call `frame`, block by
  /// block and for every group equally many, with the variables as they are. What `forward` writes
  /// is not there yet, and scratch memory may be used.
  func giveInputs(of use: Int, in frame: Frame, to take: RowTaker)
}

/// Rows of inputs: `count` of them, `stride` floats apart, for one group of the kernel.
typealias RowTaker = (
  _ rows: UnsafePointer<Float>, _ count: Int, _ stride: Int, _ group: Int
) -> Void

/// A kernel as one kind of rows of inputs sees it.
struct KernelUse {
  let kernel: Parameter
  let matrices: KernelMatrices
  /// What is added to the products; nil where there is nothing, or not one number for each output.
  let bias: Parameter?
  /// Where in the bias the number for each output of each group is, `[groups][outputs]`.
  let biasPlaces: [Int]

  /// `biasPlaces` nil: each output's number lies in the bias where the output begins in the kernel.
  init(
    _ kernel: Parameter, _ matrices: KernelMatrices, bias: Parameter? = nil,
    biasPlaces: [Int]? = nil
  ) {
    self.kernel = kernel
    self.matrices = matrices
    let places =
      biasPlaces
      ?? matrices.groupOffsets.flatMap { group in matrices.outputOffsets.map { group + $0 } }
    let fits = places.count == matrices.groups * matrices.outputs
    self.bias = fits && places.allSatisfy { $0 < bias?.count ?? 0 } ? bias : nil
    self.biasPlaces = self.bias == nil ? [] : places
  }
}
