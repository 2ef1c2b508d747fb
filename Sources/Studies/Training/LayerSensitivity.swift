import Pruning
import Tensors

/// What each layer loses by itself: every ratio of every tensor is pruned alone, measured, and undone.
public struct LayerSensitivity: Sendable, Equatable {
  public struct Cell: Sendable, Equatable {
    /// Zeros of the tensor, of the count that it has.
    public var zeros: Int
    public var metrics: Metrics

    public init(zeros: Int, metrics: Metrics) {
      self.zeros = zeros
      self.metrics = metrics
    }
  }

  public struct Row: Sendable, Equatable {
    public var tensor: String
    public var count: Int
    /// One a ratio.
    public var cells: [Cell]

    public init(tensor: String, count: Int, cells: [Cell]) {
      self.tensor = tensor
      self.count = count
      self.cells = cells
    }
  }

  public var ratios: [Double]
  /// Nothing pruned.
  public var dense: Metrics
  public var rows: [Row]

  public init(ratios: [Double], dense: Metrics, rows: [Row]) {
    self.ratios = ratios
    self.dense = dense
    self.rows = rows
  }

  /// Measures on `part`, which has rows. `observe` is told how many of all cells are done.
  ///
  /// Throws `StudyError.nothingToMeasure` for a part without rows, `PruningError`, and what the
  /// model and `observe` throw.
  public init(
    of model: any MaskableModel, _ candidates: [Candidate], plan: PrunePlan, ratios: [Double],
    part: MeasuredPart = .validation, file: String,
    observe: (_ done: Int, _ of: Int) throws -> Void = { _, _ in }
  ) throws {
    func measured() throws -> Metrics {
      guard let metrics = try model.evaluate(part) else {
        throw StudyError.nothingToMeasure(file: file, part: part)
      }
      return metrics
    }
    self.ratios = ratios
    dense = try measured()
    rows = []
    let original = model.snapshot()
    let open = candidates.map { Mask(count: $0.count, keeping: true) }
    defer {
      model.setMasks(open)
      model.restore(original)
    }
    var done = 0
    for (tensor, candidate) in candidates.enumerated() {
      var cells: [Cell] = []
      for ratio in ratios {
        var alone = plan
        alone.target = .sparsity(ratio)
        alone.schedule = OneShot()
        alone.overrides = [:]
        let mask = try alone.prune([candidate], file: file).masks[0]
        var masks = open
        masks[tensor] = mask
        model.setMasks(masks)
        cells.append(Cell(zeros: mask.pruned, metrics: try measured()))
        model.setMasks(open)
        model.restore(original)
        done += 1
        try observe(done, candidates.count * ratios.count)
      }
      rows.append(Row(tensor: candidate.name, count: candidate.count, cells: cells))
    }
  }
}
