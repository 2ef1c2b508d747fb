import Files

/// What can be wrong with a run of training and pruning, or with what such runs left behind.
public enum StudyError: Reportable, Equatable {
  /// An empty list of patiences, or a negative one.
  case patience
  /// Fewer epochs in all than there are steps.
  case fewEpochs(Int, steps: Int)
  /// Patience without rows to measure on.
  case nothingToMonitor
  /// The metric of `--monitor` is not measured.
  case unknownMetric(String, known: [String])
  /// Not the zeros that the target asks for, at the end of a run.
  case wrongZeros(file: String, found: Int, wanted: Int)
  /// A weight that was pruned came back.
  case revived(file: String, tensor: String)

  public var fault: Fault {
    switch self {
    case .patience, .fewEpochs, .nothingToMonitor, .unknownMetric: .usage
    case .wrongZeros, .revived: .software
    }
  }

  public var description: String {
    switch self {
    case .patience: "--patience: takes whole numbers from 0, as 20 or 20,2."
    case .fewEpochs(let epochs, let steps):
      "\(epochs) epochs in all: too few for the \(steps) steps of the schedule, which need one each. "
        + "Give more epochs or fewer --steps."
    case .nothingToMonitor:
      "--patience: there is nothing to monitor, since no rows are set aside for validation. "
        + "Give --validation, or a fixed number of --epochs."
    case .unknownMetric(let name, let known):
      "--monitor: \(name) is not measured here. There are \(known.joined(separator: ", "))."
    case .wrongZeros(let file, let found, let wanted):
      "\(file): \(found) weights are zero at the end of the run, and \(wanted) were to be."
    case .revived(let file, let tensor):
      "\(file): a pruned weight is no longer zero after training (\(tensor))."
    }
  }
}
