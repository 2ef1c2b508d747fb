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
  /// A checkpoint of a run with another model, data or options.
  case otherRun(file: String)
  /// A checkpoint that was not asked to be gone on from.
  case stateExists(path: String)
  /// The disk is full, or broken, with the state of an epoch before still there.
  case stateNotKept(path: String, reason: String)
  /// A file that is no checkpoint, or not a whole one.
  case notACheckpoint(path: String)
  /// No rows of the part that is to be measured.
  case nothingToMeasure(file: String, part: MeasuredPart)
  /// Nothing to go through in one dimension of a sweep, or the same value twice.
  case emptySweep(option: String)
  case sweepRepeats(option: String)
  /// A shard that is none, as it was given.
  case shard(String)
  /// A file that is no point (or plan) of a sweep.
  case notASweepPoint(path: String)
  /// What runs are to be compared by is no number on the dense model.
  case metricNotFinite(file: String, metric: String)
  /// A folder without the plan of a sweep.
  case noSweep(path: String, plan: String, reason: String)
  /// Points of different sweeps.
  case otherStudy(id: String)
  /// A folder holds another sweep.
  case otherPlan(path: String)
  /// Two files say different things of one run.
  case pointsDiffer(id: String)

  public var fault: Fault {
    switch self {
    case .patience, .fewEpochs, .nothingToMonitor, .unknownMetric, .otherRun, .nothingToMeasure,
      .emptySweep, .sweepRepeats, .shard, .otherStudy, .otherPlan:
      .usage
    case .notACheckpoint, .notASweepPoint, .pointsDiffer, .metricNotFinite: .damaged
    case .wrongZeros, .revived: .software
    case .stateNotKept: .inputOutput
    case .stateExists: .cannotCreate
    case .noSweep: .missing
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
    case .otherRun(let file):
      "--resume: the checkpoint is of another run than that of \(file): another model, other data or "
        + "other options. Use the same, or another --checkpoint folder."
    case .stateExists(let path):
      "\(path): the state of a run is there already. Go on from it with --resume, or begin anew with "
        + "--force or another --checkpoint folder."
    case .stateNotKept(let path, let reason):
      "\(path): the state after this epoch cannot be kept: \(reason). That of an epoch before is whole: "
        + "make room, and go on from it with --resume."
    case .notACheckpoint(let path):
      "\(path): is no checkpoint, or a damaged one. Remove it to begin anew."
    case .nothingToMeasure(let file, let part):
      "\(file): there are no \(part.rawValue) rows to measure on. Name them with --data."
    case .emptySweep(let option): "\(option): names nothing to run."
    case .sweepRepeats(let option): "\(option): names the same thing twice."
    case .shard(let text):
      "--shard: \(text) is no part of a sweep. Write I/N with I from 1 to N; a job array has to be "
        + "without gaps."
    case .notASweepPoint(let path):
      "\(path): is no point of a sweep, or a damaged one. Remove it and run its part again."
    case .metricNotFinite(let file, let metric):
      "\(file): its \(metric) on these rows is no finite number, so nothing can be compared by it. Look for "
        + "values that are not finite in the data, or name another metric with --monitor."
    case .noSweep(let path, let plan, let reason):
      "\(path): holds no sweep (\(plan): \(reason)). Name a folder that was some sweep's --out."
    case .otherStudy(let id):
      "\(id): is a run of another sweep: another model, other data or other options. Merge folders of "
        + "one sweep."
    case .otherPlan(let path):
      "\(path): is the plan of another sweep: another model, other data or other options. "
        + "Give a folder of its own with --out."
    case .pointsDiffer(let id):
      "\(id): two files say different things of this run. Remove the one that is wrong."
    }
  }
}
