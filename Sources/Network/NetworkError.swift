import Files

/// Why a model cannot be run, or not on these data.
public enum NetworkError: Reportable, Equatable {
  /// No architecture in the file, or one that coppice could not make sense of.
  case noArchitecture(path: String)
  /// A layer class, an option of one or an operation that coppice does not compute.
  case unsupported(path: String, layer: String, className: String, what: String)
  /// A layer that runs, but that no gradient is taken through.
  case untrainable(path: String, layer: String, className: String)
  /// A layer that the flow of magnitudes is not known through.
  case noFlow(path: String, layer: String, className: String)
  /// All variables are frozen, or there are none.
  case nothingToTrain(path: String)
  /// A configuration that no Keras would run: a setting, or layers that do not chain.
  case badLayer(path: String, layer: String, className: String, what: String)
  /// The graph itself: a missing layer, a cycle.
  case badGraph(path: String, what: String)
  /// A variable that the file does not hold, or holds in another shape.
  case badWeight(path: String, layer: String, what: String)
  /// A weight's bytes cannot be read; `what` is the whole of what reading them says.
  case unreadableWeight(path: String, layer: String, what: String)
  /// What the model is to be run on does not fit its inputs.
  case badInput(path: String, what: String)
  /// The loss that was asked for does not exist, or not for these outputs.
  case badLoss(what: String)
  /// The optimizer or learning-rate schedule that was asked for does not exist.
  case badOptimizer(option: String, what: String)
  /// Training on so many rows at a time takes more memory than there may be.
  case batchTooLarge(path: String, batch: Int, bytes: Int, allowed: Int)
  /// Something in the file's training configuration that coppice does not train with.
  case unsupportedTraining(path: String, what: String, advice: String)
  /// The library for dense products cannot be loaded.
  case noLibrary(what: String)

  public var description: String {
    switch self {
    case .noArchitecture(let path):
      "\(path): has no architecture that can be run. --config-from takes it from another file; pruning and packing work without."
    case .unsupported(let path, let layer, let className, let what):
      "\(path): \(what) is not supported (layer '\(layer)', class \(className)), so the model cannot be run. Pruning and packing still work."
    case .nothingToTrain(let path):
      "\(path): has no variable that can be trained: all layers are frozen or have no weights."
    case .untrainable(let path, let layer, let className):
      "\(path): training through layer '\(layer)' (class \(className)) is not supported. eval, and pruning without fine-tuning, still work."
    case .noFlow(let path, let layer, let className):
      "\(path): the flow of synflow through layer '\(layer)' (class \(className)) is not known. Use --criterion lamp."
    case .badLayer(let path, let layer, let className, let what):
      "\(path): \(what) (layer '\(layer)', class \(className)). The configuration is wrong; pruning and packing may still work."
    case .badGraph(let path, let what):
      "\(path): \(what). The configuration is wrong; verify the file."
    case .badWeight(let path, let layer, let what):
      "\(path): \(what) (layer '\(layer)'). Configuration and weights do not belong together."
    case .unreadableWeight(let path, let layer, let what):
      what.hasPrefix(path) ? what : "\(path): layer '\(layer)': \(what)"
    case .badInput(let path, let what): "\(path): \(what)"
    case .badLoss(let what):
      "--loss: \(what) is not supported. Give a name that Keras knows, such as mse, or its class and settings as JSON."
    case .badOptimizer(let option, let what):
      "\(option): \(what) is not supported. The manual lists what is."
    case .batchTooLarge(let path, let batch, let bytes, let allowed):
      "\(path): training in batches of \(batch) takes \(bytes >> 20) MiB of memory, and \(allowed >> 20) MiB are there. Give a smaller --batch-size."
    case .unsupportedTraining(let path, let what, let advice):
      "\(path): \(what) is not supported in training. \(advice)"
    case .noLibrary(let what):
      "\(what). Install libopenblas0 (Debian: apt-get install libopenblas0)."
    }
  }

  public var fault: Fault {
    switch self {
    case .unsupported, .untrainable, .noFlow, .unsupportedTraining, .noLibrary: .unsupported
    case .badLoss, .badOptimizer, .batchTooLarge: .usage
    case .noArchitecture, .badLayer, .badGraph, .badWeight, .unreadableWeight, .badInput,
      .nothingToTrain:
      .damaged
    }
  }
}

/// What a layer says against its configuration or its inputs. Whoever builds the network knows the
/// file and the layer's name, and makes a `NetworkError` of it.
struct LayerFault: Error {
  enum Kind { case unsupported, bad, weight, unreadable }
  var kind: Kind
  var what: String

  /// Something that Keras runs and coppice does not: `what` reads "… is not supported".
  static func unsupported(_ what: String) -> LayerFault {
    LayerFault(kind: .unsupported, what: what)
  }
  /// Something that no Keras would run.
  static func bad(_ what: String) -> LayerFault { LayerFault(kind: .bad, what: what) }
  static func weight(_ what: String) -> LayerFault { LayerFault(kind: .weight, what: what) }

  /// `what` is the whole of what reading says.
  static func unreadable(_ what: String) -> LayerFault { LayerFault(kind: .unreadable, what: what) }

  func located(path: String, layer: String, className: String) -> NetworkError {
    switch kind {
    case .unsupported:
      .unsupported(path: path, layer: layer, className: className, what: what)
    case .bad: .badLayer(path: path, layer: layer, className: className, what: what)
    case .weight: .badWeight(path: path, layer: layer, what: what)
    case .unreadable: .unreadableWeight(path: path, layer: layer, what: what)
    }
  }
}
