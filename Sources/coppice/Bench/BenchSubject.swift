import CSRM
import Documents
import Files
import Keras
import Pruning
import Tensors

/// The model that is measured: a file of its own container, which every contender gets, and what is
/// known of it.
struct BenchSubject {
  /// As messages and reports have it.
  let name: String
  /// The file as it was given.
  let input: (container: ContainerKind, bytes: Int)
  /// The share that was pruned, where that was asked for.
  let sparsity: (target: Double, achieved: Double)?
  /// The file that is measured: the input, or a temporary file.
  let plain: OpenedModel
  let limits: Limits
  /// Of all tensors, decoded.
  let decodedBytes: Int
  /// The zeroth-order limit of all tensors of floats.
  let limit: Double
  private let given: OpenedModel
  /// Holds the temporary file for as long as it is needed.
  private let temporary: OutputFile?

  /// Opens `file` (`-` is standard input). It is pruned by magnitude where a share is given.
  init(_ file: String, sparsity share: Double?, _ reading: ReadingOptions) throws {
    name = Inputs.shown(file)
    limits = Inputs.limits(reading)
    let given = try Inputs.open(file, reading)
    self.given = given
    input = (given.storedAs, given.file.count)
    let changed = try share.map { try BenchSubject.pruned(given, to: $0) }
    sparsity = changed.map { ($0.target, $0.achieved) }
    if file == "-" || given.packed != nil || changed != nil {
      let copy = try Scratch.file()
      try BenchSubject.write(given, changed?.container, to: copy)
      plain = try ModelFile.open(
        MappedFile(path: copy.temporaryPath), name: name, options: OpenOptions(limits: limits))
      temporary = copy
    } else {
      plain = given
      temporary = nil
    }
    var decoded = 0
    var pooled = ZerothOrderLimit.Pooled()
    for tensor in plain.model.tensors {
      guard let source = tensor.source else { continue }
      decoded += source.count
      if let type = tensor.type, let limit = try ZerothOrderLimit(of: source, type: type) {
        pooled.add(limit, shape: tensor.shape)
      }
    }
    decodedBytes = decoded
    limit = pooled.bytes
  }

  /// Where the file that is measured lies.
  var path: String { plain.file.path }

  /// Bytes of the file that is measured.
  var bytes: Int { plain.file.count }

  /// Its tensors of numbers, in order: for ways of storing that know nothing else.
  var numbers: [(source: any ByteSource, type: ElementType, shape: [Int])] {
    plain.model.tensors.compactMap { tensor in
      guard let source = tensor.source, let type = tensor.type else { return nil }
      return (source, type, tensor.shape)
    }
  }

  /// Whether some tensors lie compressed in the file already.
  var isCompressed: Bool {
    plain.container.parts.contains { part in
      part.document?.objects.contains {
        if case .dataset(let dataset) = $0 { !dataset.filters.isEmpty } else { false }
      } ?? false
    }
  }

  /// Throws where the file on disk is no longer what was measured.
  func checkUnchanged() throws { try given.checkUnchanged() }

  private static func pruned(
    _ opened: OpenedModel, to share: Double
  ) throws -> (container: Container, target: Double, achieved: Double) {
    let selection = try SelectedTensors(opened.model, TensorSelection())
    let set = PrunableSet(opened.model, selection, criterion: Magnitude())
    let result = try PrunePlan(target: .sparsity(share)).prune(set.candidates, file: opened.path)
    return (set.applying(result, to: opened.container), share, result.achieved)
  }

  /// Writes the container of `opened`, or what became of it: the very bytes where they are known.
  private static func write(
    _ opened: OpenedModel, _ changed: Container?, to output: OutputFile
  ) throws {
    if let changed {
      try ModelFile.write(changed, as: changed.kind, to: output)
    } else if let packed = opened.packed {
      if packed.holdsOriginal {
        try packed.restoreOriginal(to: output)
      } else {
        try ModelFile.write(opened, as: opened.container.kind, to: output)
      }
    } else {
      try output.write(all: opened.file)
    }
  }
}
