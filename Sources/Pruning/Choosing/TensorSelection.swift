/// Which tensors of a model are to be pruned.
///
/// The default set is what is prunable by its role; `includesBias` and `includesEmbeddings` add to
/// it. Patterns are then gone through in their order, and the last one that matches a tensor decides.
/// If the first is an include, nothing but what is included is chosen; if it is an exclude, all of
/// the default set but what is excluded.
///
/// A pattern is matched against the layer's name, `layer/weight` and the HDF5 path. One that matches
/// a layer, or ends in a component `*` or `**`, includes those of its tensors that are in the default
/// set; one that names a weight (`*/gamma`, `dense/b*`) includes it even where it is not.
///
/// Last, `skipsFirst` and `skipsLast` leave out the first and the last layer of the default set.
public struct TensorSelection: Sendable {
  public enum Pattern: Sendable {
    case include(Glob)
    case exclude(Glob)
  }

  /// In the order of the command line.
  public var patterns: [Pattern]
  public var includesBias: Bool
  public var includesEmbeddings: Bool
  public var skipsFirst: Bool
  public var skipsLast: Bool

  public init(
    patterns: [Pattern] = [], includesBias: Bool = false, includesEmbeddings: Bool = false,
    skipsFirst: Bool = false, skipsLast: Bool = false
  ) {
    self.patterns = patterns
    self.includesBias = includesBias
    self.includesEmbeddings = includesEmbeddings
    self.skipsFirst = skipsFirst
    self.skipsLast = skipsLast
  }

  /// Whether a tensor is chosen.
  public enum Choice: Sendable, Equatable {
    case chosen
    /// With the reason, for `-v` and the report.
    case leftAlone(String)

    public var isChosen: Bool { self == .chosen }
  }

  /// The choice for each of `tensors`, which are in the model's order. Throws
  /// `PruningError.patternMatchesNothing` and, for an include all of whose matches can never be
  /// pruned, `patternNotPrunable`.
  public func choices(among tensors: [TensorDescriptor]) throws(PruningError) -> [Choice] {
    let inDefaultSet = tensors.map(isInDefaultSet)
    var choices = tensors.indices.map { index -> Choice in
      inDefaultSet[index]
        ? .chosen : .leftAlone(tensors[index].whyNot ?? "not prunable by default")
    }
    if case .include? = patterns.first {
      for index in tensors.indices where inDefaultSet[index] {
        choices[index] = .leftAlone("not included")
      }
    }
    for pattern in patterns {
      switch pattern {
      case .include(let glob):
        var taken = false
        var refused: TensorDescriptor?
        for (index, tensor) in tensors.enumerated() where glob.matches(tensor) {
          if inDefaultSet[index] || (glob.names(tensor) && !tensor.isNeverPrunable) {
            choices[index] = .chosen
            taken = true
          } else {
            refused = refused ?? tensor
          }
        }
        if taken { continue }
        guard let refused else {
          throw .patternMatchesNothing(option: "--include", pattern: glob.description)
        }
        throw .patternNotPrunable(
          pattern: glob.description, tensor: refused.name,
          reason: refused.whyNot ?? "it is not prunable by default")
      case .exclude(let glob):
        let matched = tensors.indices.filter { glob.matches(tensors[$0]) }
        guard !matched.isEmpty else {
          throw .patternMatchesNothing(option: "--exclude", pattern: glob.description)
        }
        for index in matched where choices[index].isChosen {
          choices[index] = .leftAlone("excluded by \(glob)")
        }
      }
    }
    let layers = tensors.indices.filter { inDefaultSet[$0] }.map { tensors[$0].layerKey }
    for index in tensors.indices where choices[index].isChosen {
      if skipsFirst, tensors[index].layerKey == layers.first {
        choices[index] = .leftAlone("first layer")
      } else if skipsLast, tensors[index].layerKey == layers.last {
        choices[index] = .leftAlone("last layer")
      }
    }
    return choices
  }

  /// Sparsities of single tensors (`--set 'GLOB=S'`), by index; of several patterns that match one,
  /// the last decides. Throws `PruningError.patternMatchesNothing` for one that matches no chosen
  /// tensor.
  public static func overrides(
    _ settings: [(glob: Glob, sparsity: Double)], among chosen: [TensorDescriptor]
  ) throws(PruningError) -> [Int: Double] {
    var result: [Int: Double] = [:]
    for (glob, sparsity) in settings {
      let matched = chosen.indices.filter { glob.matches(chosen[$0]) }
      guard !matched.isEmpty else {
        throw .patternMatchesNothing(option: "--set", pattern: glob.description)
      }
      for index in matched { result[index] = sparsity }
    }
    return result
  }

  private func isInDefaultSet(_ tensor: TensorDescriptor) -> Bool {
    if tensor.isNeverPrunable { return false }
    return tensor.isPrunable || (includesBias && tensor.role == .bias)
      || (includesEmbeddings && tensor.role == .embedding)
  }
}

extension Glob {
  func matches(_ tensor: TensorDescriptor) -> Bool {
    tensor.layer.map(matches) ?? false || matches(tensor.name) || matches(tensor.path)
  }

  /// Whether the pattern names this very weight, and not its layer or all of something.
  func names(_ tensor: TensorDescriptor) -> Bool {
    !endsOpen && (matches(tensor.name) || matches(tensor.path))
  }
}
