import CSRM
import Documents
import Files
import Keras
import Pruning
import Reports
import Tensors

/// The tensors of a model that a run prunes, and those that it leaves alone.
struct PrunableSet {
  private(set) var candidates: [Candidate]
  let criterion: any Criterion
  let leftAlone: [PruneReport.LeftAlone]
  private let model: Model
  /// Places of the candidates in `model.tensors`.
  let places: [Int]

  init(_ model: Model, _ selection: SelectedTensors, criterion: any Criterion) {
    self.model = model
    self.criterion = criterion
    // The second copy of a shared layer's tensor gets the mask of the first.
    places = selection.prunable.filter {
      model.tensors[$0].copyOf == nil && model.tensors[$0].values != nil
    }
    let neighbourhood = criterion.needs.contains(.neighbours) ? Neighbourhood(model) : nil
    candidates = places.compactMap { place in
      model.tensors[place].kernel.map {
        Candidate($0, neighbours: neighbourhood?.neighbours(of: place))
      }
    }
    leftAlone = selection.leftAlone
  }

  /// The same tensors with what their weights are multiplied with, by place in the model.
  func seeing(_ inputs: [Int: InputNorms]) -> PrunableSet {
    var set = self
    set.candidates = zip(places, candidates).map { place, candidate in
      Candidate(candidate.kernel, neighbours: candidate.neighbours, inputs: inputs[place])
    }
    return set
  }

  /// `candidates`, which are those of this set as a run has made them, with what normalisations hold
  /// around them now: `values`, by place in the model.
  func rescaled(_ candidates: [Candidate], by values: [Int: TensorValues]) -> [Candidate] {
    guard let now = Neighbourhood(model, values: values) else { return candidates }
    return zip(places, candidates).map { place, candidate in
      guard let old = candidate.neighbours, let new = now.neighbours(of: place) else {
        return candidate
      }
      return Candidate(
        candidate.kernel, neighbours: old.rescaled(as: new), inputs: candidate.inputs,
        sensitivities: candidate.sensitivities)
    }
  }

  /// The sparsities of `--set` by candidate; later ones win. A pattern that matches none is a usage
  /// fault.
  func overrides(_ targets: [TensorTarget]) throws -> [Int: Double] {
    try TensorSelection.overrides(
      targets.map { (Glob($0.pattern), $0.sparsity.fraction) },
      among: places.map { model.tensors[$0].descriptor })
  }

  /// The tensors that `result` changes, copies of shared ones too, by place in the model, with what
  /// it makes of them.
  func masked(_ result: PruneResult) -> [(place: Int, values: TensorValues)] {
    var changed: [(place: Int, values: TensorValues)] = []
    for (index, place) in places.enumerated() where result.tensors[index].isChanged {
      for copy in model.copies(of: place) {
        guard let source = model.tensors[copy].source, let type = model.tensors[copy].type else {
          continue
        }
        let bytes = MaskedBytes(source, mask: result.masks[index], elementSize: type.size)
        changed.append((copy, TensorValues(bytes, type: type)))
      }
    }
    return changed
  }

  /// `container` with the weights that `result` prunes read as zero.
  func applying(_ result: PruneResult, to container: Container) -> Container {
    container.replacing(masked(result), of: model)
  }

  /// One line a candidate for the report, with its encoding where the output is packed.
  func facts(_ result: PruneResult, _ packed: PackSummary?) -> [PruneReport.Tensor] {
    let entries = Dictionary(
      (packed?.tensors ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return zip(places, result.tensors).map { place, tensor in
      let entry = entries[model.tensors[place].path]
      return PruneReport.Tensor(
        name: tensor.name, shape: model.tensors[place].shape, count: tensor.count,
        zerosBefore: tensor.zerosBefore, kept: tensor.kept, encoding: entry?.encodingName,
        bytes: entry?.storedBytes)
    }
  }

  /// The candidates' paths in the file, in order.
  var paths: [String] { places.map { model.tensors[$0].path } }
}

extension Model {
  /// The tensor at `place` and all that are second copies of it.
  func copies(of place: Int) -> [Int] {
    tensors.indices.filter { $0 == place || tensors[$0].copyOf == place }
  }
}

extension Container {
  /// The same container with other values for some tensors of `model`.
  func replacing(_ values: [(place: Int, values: TensorValues)], of model: Model) -> Container {
    var container = self
    for (place, values) in values {
      let tensor = model.tensors[place]
      container.replaceValue(part: tensor.part, object: tensor.object, with: values.source)
    }
    return container
  }
}
