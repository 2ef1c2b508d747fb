import ArgumentParser

/// Which tensors count as prunable (cli.md, "Selecting tensors").
struct SelectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Select tensors that match, against layer, layer/weight and the HDF5 path; only those, if this comes before any --exclude. Repeatable; later ones win.",
      valueName: "glob"))
  var include: [OrderedPattern] = []

  @Option(
    help: ArgumentHelp(
      "Leave alone tensors that match. Repeatable; later ones win.", valueName: "glob"))
  var exclude: [OrderedPattern] = []

  @Flag(help: "Leave the first layer with prunable weights alone.")
  var skipFirst = false

  @Flag(help: "Leave the last layer with prunable weights alone.")
  var skipLast = false

  @Flag(help: "Select biases too.")
  var includeBias = false

  @Flag(help: "Select embeddings too.")
  var includeEmbeddings = false
}

extension SelectionOptions {
  /// Whether anything else than the standard choice is asked for.
  var isGiven: Bool {
    !include.isEmpty || !exclude.isEmpty || skipFirst || skipLast || includeBias
      || includeEmbeddings
  }

  /// Both kinds of pattern as they stood on the command line.
  var ordered: [(option: String, pattern: OrderedPattern)] {
    (include.map { ("include", $0) } + exclude.map { ("exclude", $0) }).sorted {
      $0.1.place < $1.1.place
    }
  }
}
