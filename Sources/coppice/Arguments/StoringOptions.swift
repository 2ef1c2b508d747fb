import ArgumentParser
import Documents
import HDF5
import Keras

/// How outputs in a container of Keras or HDF5 are stored.
struct StoringOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Store tensors through HDF5's own shuffle and deflate where that gains; Keras opens it as before.",
      valueName: "how"))
  var store: StoringMethod?

  @Flag(help: "Leave out the optimizer's state.")
  var stripOptimizer = false

  var isGiven: Bool { store != nil || stripOptimizer }

  /// Leaves out of `opened` what is not to be in an output of `kind`, and says so: the optimizer's
  /// state, where that is asked for or the layout has no place for it.
  func strip(_ opened: inout OpenedModel, for kind: ContainerKind) -> [String] {
    let hasNoPlace =
      kind == .kerasWeightsH5 && opened.container.kind != kind
      && opened.model.tensors.contains { $0.role == .optimizer }
    return stripOptimizer || hasNoPlace ? opened.stripOptimizer() : []
  }

  /// How to store for an output of `kind`; a usage fault where the option says nothing for it.
  func storage(for kind: ContainerKind) throws -> HDF5.Storage {
    guard let store else { return .asRead }
    if kind == .csrm {
      throw UsageFault("--store \(store.rawValue) is for HDF5 outputs: .csrm packs by itself")
    }
    return switch store {
    case .deflate: .deflate(level: 9)
    }
  }
}

enum StoringMethod: String, ExpressibleByArgument, CaseIterable { case deflate }

/// Rows A up to, and without, B of a tensor, typed as `10:20`; either end may be left out.
struct RowRange: ExpressibleByArgument, ArgumentText {
  let lower: Int
  let upper: Int?
  let argumentText: String

  init?(argument: String) {
    let ends = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard ends.count == 2, let lower = ends[0].isEmpty ? 0 : Int(ends[0]), lower >= 0 else {
      return nil
    }
    let upper = ends[1].isEmpty ? nil : Int(ends[1])
    guard ends[1].isEmpty || upper != nil, upper.map({ $0 >= lower }) ?? true else { return nil }
    self.lower = lower
    self.upper = upper
    argumentText = argument
  }
}

enum TensorFormat: String, ExpressibleByArgument, CaseIterable { case raw, npy }
