import Files

/// What can be wrong with a pruning run before anything is written.
public enum PruningError: Reportable, Equatable {
  /// A weight that is NaN or infinite, in a tensor that is to be pruned.
  case nonfinite(file: String, tensor: String, index: Int, value: Double)
  /// A tensor of integers or of something that is no number.
  case notFloat(file: String, tensor: String, type: String)
  /// No tensor is left to prune.
  case nothingPrunable(file: String)
  /// More weights would have to go than may: all that may are `most`, of `of`.
  case unreachable(file: String, wanted: Int, most: Int, of: Int)
  /// The tensors whose sparsity is set prune more than the target allows, or the target is below.
  case setsPastTarget(file: String, fixed: Int, wanted: Int)
  /// No model of these tensors packs to so few bytes.
  case sizeUnreachable(file: String, wanted: Int, least: Int)
  /// More weights to keep than there are.
  case keepsTooMany(file: String, wanted: Int, of: Int)
  /// A score that is negative or not finite.
  case badScore(file: String, tensor: String, index: Int, criterion: String)
  /// A criterion looks at neighbouring layers, and the file does not tell them.
  case graphUnknown(file: String, tensor: String, criterion: String)
  /// A criterion looks at what layers are given, and it is not known for this tensor.
  case inputsUnknown(file: String, tensor: String, criterion: String)
  /// A criterion looks at gradients, and none passes this tensor.
  case sensitivityUnknown(file: String, tensor: String, criterion: String)
  /// No batch normalisation with a gamma follows the tensor.
  case noGamma(file: String, tensor: String)
  /// A ratio outside 0...1.
  case ratio(option: String, value: Double)
  /// A threshold that is negative or no number.
  case threshold(Double)
  /// Options that contradict each other, in words.
  case contradiction(String)
  case unknownCriterion(String)
  /// A weight of a sum of criteria that is no number over 0.
  case criterionWeight(String)
  /// Steps of a schedule that do not rise to the target, in words.
  case schedule(String)
  /// A pattern of `--include`, `--exclude` or `--set` that matches no tensor.
  case patternMatchesNothing(option: String, pattern: String)
  /// A pattern of `--include` all of whose tensors cannot be pruned.
  case patternNotPrunable(pattern: String, tensor: String, reason: String)
  /// A mask that is not one byte of 0 or 1 for each weight.
  case mask(file: String, tensor: String, problem: String)

  public var fault: Fault {
    switch self {
    case .nonfinite, .nothingPrunable, .badScore, .mask: .damaged
    case .notFloat, .graphUnknown, .inputsUnknown, .sensitivityUnknown, .noGamma: .unsupported
    case .unreachable, .setsPastTarget, .sizeUnreachable, .keepsTooMany, .ratio, .threshold,
      .contradiction, .unknownCriterion, .criterionWeight, .schedule, .patternMatchesNothing,
      .patternNotPrunable:
      .usage
    }
  }

  public var description: String { printable(text) }

  private var text: String {
    switch self {
    case .nonfinite(let file, let tensor, let index, let value):
      "\(file): \(value) in a tensor to be pruned (\(tensor), element \(index)). "
        + "Mend the model, leave the tensor out with --exclude, or keep such weights with --allow-nonfinite."
    case .notFloat(let file, let tensor, let type):
      "\(file): cannot prune a tensor of \(type) (\(tensor)). Leave it out with --exclude."
    case .nothingPrunable(let file):
      "\(file): holds nothing prunable. inspect lists its tensors and why each is left alone."
    case .unreachable(let file, let wanted, let most, let of):
      "\(file): \(wanted) of \(of) weights would have to be pruned, and at most \(most) may be. "
        + "Lower the target, or the limits that hold it back."
    case .setsPastTarget(let file, let fixed, let wanted):
      "\(file): the tensors of --set alone have \(fixed) pruned weights, and the target is \(wanted) "
        + "over all. Raise the target or lower what is set."
    case .sizeUnreachable(let file, let wanted, let least):
      "\(file): cannot be packed to \(wanted) bytes; \(least) is the least. Raise --target-size."
    case .keepsTooMany(let file, let wanted, let of):
      "\(file): has \(of) prunable weights, and \(wanted) are to be kept. Lower --keep."
    case .badScore(let file, let tensor, let index, let criterion):
      "\(file): \(criterion) gives no usable score (\(tensor), element \(index)): the weights are too "
        + "large. Use --criterion magnitude."
    case .graphUnknown(let file, let tensor, let criterion):
      "\(file): \(criterion) needs to know the layers around each tensor, and the file does not tell "
        + "them (\(tensor)). Use --criterion magnitude or lamp."
    case .inputsUnknown(let file, let tensor, let criterion):
      "\(file): \(criterion) needs to know what each tensor is multiplied with, and no layer of the "
        + "model says it (\(tensor)). Leave it out with --exclude, or use --criterion magnitude."
    case .sensitivityUnknown(let file, let tensor, let criterion):
      "\(file): \(criterion) looks at gradients, and none reaches this tensor (\(tensor)). "
        + "Leave it out with --exclude, or use --criterion magnitude."
    case .noGamma(let file, let tensor):
      "\(file): bn-scale looks at the batch normalisation behind each tensor, and none with a gamma is "
        + "known to follow (\(tensor)). Leave it out with --exclude, or use --criterion magnitude."
    case .ratio(let option, let value):
      "\(option): \(value) is no share of a whole. Give a number from 0 to 1, or a percentage."
    case .threshold(let value):
      "--threshold: \(value) is no magnitude. Give a number of 0 or more."
    case .contradiction(let words): words
    case .unknownCriterion(let name):
      "--criterion: \(name) is unknown. There are \(Criteria.all.map(\.name).joined(separator: ", ")), "
        + "and sums such as magnitude*0.5+random*0.5."
    case .criterionWeight(let text):
      "--criterion: a weight in \(text) is no number over 0. Write NAME*NUMBER+NAME*NUMBER."
    case .schedule(let words): words
    case .patternMatchesNothing(let option, let pattern):
      "\(option): \(pattern) matches no tensor. inspect lists their names."
    case .patternNotPrunable(let pattern, let tensor, let reason):
      "--include: \(pattern) matches \(tensor), which cannot be pruned: \(reason)."
    case .mask(let file, let tensor, let problem):
      "\(file): is no mask for this model (\(tensor): \(problem))."
    }
  }
}

/// `text` with its control characters escaped: names come from files, and a message goes to a
/// terminal.
private func printable(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse:
      result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
