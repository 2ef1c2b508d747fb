/// The layers that coppice knows, by class name: all that Keras 1, 2 and 3 come with.
enum LayerCatalogue {
  static let kinds: [String: LayerKind] = {
    var all: [String: LayerKind] = [:]
    for family in [
      dense, convolution, normalisation, recurrent, attention, pooling, reshaping, merging,
      weightless,
    ] { all.merge(family) { _, new in new } }
    return all
  }()

  static subscript(className: String) -> LayerKind? { kinds[className] }

  /// Whether layers of the class can only be layers: an input, or something with variables.
  static func hasVariables(_ className: String) -> Bool {
    className == "InputLayer" || wrappers.contains(className)
      || [dense, convolution, normalisation, recurrent, attention].contains { $0[className] != nil }
  }

  /// Whether a configuration with a list of layers is a model: Keras's own classes, or a class that
  /// is not known (somebody's subclass of a model).
  static func isModel(_ className: String, _ graph: LayerGraph) -> Bool {
    GraphReader.modelClasses.contains(className)
      || (kinds[className] == nil && !graph.layers.isEmpty)
  }

  /// Classes that wrap other layers.
  static let wrappers: Set<String> = [
    "Bidirectional", "TimeDistributed", "RNN", "StackedRNNCells", "SpectralNormalization",
    "Wrapper",
  ]

  /// The class whose groups or automatic names are spelled so: `dense_3` and `conv2d` in Keras 2 and
  /// 3, `convolution2d_1` in Keras 1.
  static func className(for automaticName: String) -> String? {
    if let known = spellings[automaticName] { return known }
    guard let mark = automaticName.lastIndex(of: "_") else { return nil }
    let number = automaticName[automaticName.index(after: mark)...]
    guard !number.isEmpty, number.allSatisfy({ $0.isASCII && $0.isNumber })
    else { return nil }
    return spellings[String(automaticName[..<mark])]
  }

  private static let spellings: [String: String] = {
    var all: [String: String] = [:]
    // In order, so that the first of several classes of one spelling is always the same one.
    for name in (Array(kinds.keys) + Array(wrappers)).sorted() {
      for spelling in [SnakeCase.of(name), name.lowercased()] where all[spelling] == nil {
        all[spelling] = name
      }
    }
    return all
  }()
}
