import Files

/// What can be wrong with a model file as Keras's (below that, `HDF5Error` and `FileError` speak).
public enum KerasError: Reportable, Equatable {
  /// The file is something else altogether.
  case wrongType(path: String, what: String, advice: String)
  /// A container that can be read, but nothing of Keras in it.
  case noModel(path: String, what: String)
  /// Cut off, or a checksum or structure that does not hold.
  case damaged(path: String, what: String)
  /// Not safe to read.
  case unsafe(path: String, what: String)
  /// Legal, but outside of what coppice handles.
  case unsupported(path: String, what: String, advice: String)
  /// Configuration and weights disagree, or one of them is broken.
  case problem(path: String, ModelProblem, more: Int)
  /// The output asked for cannot hold this model.
  case cannotConvert(path: String, why: String, advice: String)

  public var description: String {
    switch self {
    case .wrongType(let path, let what, let advice):
      return "\(path): \(what); it is not HDF5, not .keras, not .csrm. \(advice)"
    case .noModel(let path, let what): return "\(path): \(what)"
    case .damaged(let path, let what): return "\(path): \(what). Get the file again."
    case .unsafe(let path, let what): return "\(path): \(what). It was not read."
    case .unsupported(let path, let what, let advice): return "\(path): \(what). \(advice)"
    case .problem(let path, let problem, let more):
      let rest = more == 0 ? "" : " (and \(more) more: inspect lists them)"
      return "\(path): \(problem.description)\(rest). \(problem.kind.advice)"
    case .cannotConvert(let path, let why, let advice): return "\(path): \(why). \(advice)"
    }
  }

  public var fault: Fault {
    switch self {
    case .wrongType, .noModel, .damaged, .unsafe: .damaged
    case .unsupported, .cannotConvert: .unsupported
    case .problem(_, let problem, _): problem.kind.fault
    }
  }
}
