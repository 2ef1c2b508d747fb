import Files
import Keras
import Network
import Pruning
import Reports
import Tensors

/// What calibration data make of a pruned model, without training: kept weights fitted anew
/// (`--reconstruct`), and the statistics of its normalisations (`--bn-recalibrate`). Both in one walk
/// through the network: each sees what is before it as it will be written.
struct Compensation {
  static let noNormalisation = "The model has no batch normalisation."

  /// Every tensor that is not as in the file, by place in the model.
  private(set) var values: [(place: Int, values: TensorValues)]
  private(set) var facts: PruneReport.Calibration
  private(set) var notes: [String] = []

  /// `masked` is what pruning alone makes of the tensors.
  init(
    _ data: CalibrationData, _ options: CalibrationOptions, _ set: PrunableSet,
    _ result: PruneResult, masked: [(place: Int, values: TensorValues)]
  ) throws {
    let model = data.model
    let zeroed = Dictionary(
      masked.map { ($0.place, $0.values) }, uniquingKeysWith: { first, _ in first })
    let walk = try CalibrationWalk(
      data.calibration, values: zeroed, seesDense: options.reconstruct)
    var refitting = Refitting(model, set, result)
    if options.reconstruct {
      defer { refitting.progress?.clear() }
      try walk.run(recalibrates: options.bnRecalibrate) { try refitting.change(at: $0) }
    } else {
      try walk.run(recalibrates: true)
    }
    facts = PruneReport.Calibration(samples: walk.count, part: data.part)
    if options.reconstruct {
      facts.refitted = refitting.refitted.count
      notes += refitting.notes
    }
    if options.bnRecalibrate {
      facts.normalisations = walk.recalibrated
      if walk.recalibrated == 0 { notes.append(Self.noNormalisation) }
    }
    if walk.count < data.calibration.count {
      notes.append(
        "The network was walked through with \(walk.count) samples: more would take too much memory."
      )
    }
    var all = zeroed
    for (place, floats) in walk.changes {
      let tensor = model.tensors[place]
      guard let before = zeroed[place] ?? tensor.values else { continue }
      let bytes = MemoryBytes(try before.replacing(with: floats))
      for copy in model.copies(of: place) {
        all[copy] = TensorValues(bytes, type: before.type)
      }
    }
    values = all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

/// The kernels of a walk, fitted one after the other.
private struct Refitting {
  private let model: Model
  private let set: PrunableSet
  private let result: PruneResult
  /// By kernel and use: what the calls so far of its layer have shown.
  private var equations: [Key: KernelEquations] = [:]
  private(set) var refitted: Set<Int> = []
  private var tooLarge: [String] = []
  let progress: RowProgress?

  private struct Key: Hashable {
    var tensor: Int
    var use: Int
  }

  init(_ model: Model, _ set: PrunableSet, _ result: PruneResult) {
    self.model = model
    self.set = set
    self.result = result
    progress = RowProgress(
      "reconstructing", rows: result.tensors.count(where: \.isChanged), unit: "tensor")
  }

  /// The kernel of a stop, fitted; nil where it is to stay.
  mutating func change(at stop: KernelStop) throws -> CalibrationWalk.Change? {
    guard let index = set.places.firstIndex(of: stop.tensor), result.tensors[index].isChanged,
      result.tensors[index].nonfinite == 0, let source = model.tensors[stop.tensor].values
    else { return nil }
    guard stop.matrices.inputs <= Refit.mostInputs else {
      if stop.isLast { tooLarge.append(model.tensors[stop.tensor].name) }
      return nil
    }
    // A bias some of which is pruned stays as it is.
    let isBiasPruned = stop.bias.map { bias in
      set.places.firstIndex(of: bias).map { result.tensors[$0].isChanged } ?? false
    }
    let hasBias = isBiasPruned == false
    let canShift = hasBias || stop.isNormalised
    let dense = try source.floats()
    let rows = KernelRows(
      matrices: stop.matrices, dense: dense, chunks: stop.chunks, canShift: canShift
    ) { chunk, network, take in
      stop.giveRows(chunk: chunk, of: network == .dense ? .dense : .current, take)
    }
    let key = Key(tensor: stop.tensor, use: stop.use)
    var all = try KernelEquations(rows, target: .activations)
    if let earlier = equations[key] { all.add(earlier) }
    guard stop.isLast else {
      equations[key] = all
      return nil
    }
    equations[key] = nil
    let fit = try Refit(
      all, dense: dense, mask: result.masks[index], matrices: stop.matrices, canShift: canShift)
    let outputs = stop.matrices.groups * stop.matrices.outputs
    Console.explain(
      "\(model.tensors[stop.tensor].name): mean square off by \(fit.error), by \(fit.zeroedError) with plain zeros; \(outputs - fit.unchanged) of \(outputs) outputs fitted on \(all.rows) rows"
    )
    if refitted.insert(stop.tensor).inserted { progress?.advance(by: 1) }
    return CalibrationWalk.Change(kernel: fit.weights, shifts: hasBias ? fit.shifts : [])
  }

  /// What was pruned and could not be fitted; a bias is no product's kernel.
  var notes: [String] {
    let missed = set.places.indices.filter {
      result.tensors[$0].isChanged && !refitted.contains(set.places[$0])
        && model.tensors[set.places[$0]].shape.count > 1
    }
    guard !missed.isEmpty else { return [] }
    let names = missed.prefix(5).map { model.tensors[set.places[$0]].name }
    let list = names.joined(separator: ", ") + (missed.count > 5 ? ", …" : "")
    let why =
      tooLarge.isEmpty
      ? "" : " (more than \(Refit.mostInputs) inputs: \(tooLarge.joined(separator: ", ")))"
    return ["Not reconstructed, kept as it was where not pruned: \(list)\(why)."]
  }
}

extension TensorValues {
  /// A copy of all elements as floats.
  fileprivate func floats() throws -> [Float] {
    try [Float](unsafeUninitializedCapacity: count) { all, filled in
      for range in stride(from: 0, to: count, by: 1 << 16).map({ $0..<min(count, $0 + 1 << 16) }) {
        try withFloats(range) { from in
          guard let base = all.baseAddress else { return }
          UnsafeMutableRawPointer(base + range.lowerBound).copyMemory(
            from: from, byteCount: range.count * MemoryLayout<Float>.size)
        }
      }
      filled = count
    }
  }
}
