import Documents
import Files

/// Where one output goes, and as what.
struct OutputPlace: Sendable {
  enum Destination: Sendable, Equatable {
    case file(String)
    case standardOutput
    /// `--dry-run`.
    case nowhere
  }
  let destination: Destination
  /// The file to write; nil where it is none.
  var path: String? { if case .file(let path) = destination { path } else { nil } }
  /// The container to write.
  let kind: ContainerKind

  /// The container that an output's name asks for, or nil where its ending is none of ours.
  ///
  /// `.h5` and `.hdf5` keep the layout of an HDF5 input and mean Keras's whole-model layout for a
  /// `.keras`, so they are not decided before the input is open.
  enum Ending {
    case csrm, archive, weights, hdf5

    init?(of path: String) {
      if path.hasSuffix(".csrm") {
        self = .csrm
      } else if path.hasSuffix(".keras") {
        self = .archive
      } else if path.hasSuffix(".weights.h5") {
        self = .weights
      } else if path.hasSuffix(".h5") || path.hasSuffix(".hdf5") {
        self = .hdf5
      } else {
        return nil
      }
    }

    /// The container for an input that is (or was packed from) `own`.
    func kind(for own: ContainerKind) -> ContainerKind {
      switch self {
      case .csrm: .csrm
      case .archive: .kerasArchive
      // A legacy weights-only file often carries this ending too: it stays what it is.
      case .weights: own == .kerasWeightsH5 ? .kerasWeightsH5 : .keras3WeightsH5
      case .hdf5: own == .kerasArchive ? .kerasH5 : own
      }
    }
  }

  /// The ending that files of a kind carry.
  static func ending(of kind: ContainerKind) -> String {
    switch kind {
    case .kerasH5, .kerasWeightsH5, .hdf5: ".h5"
    case .keras3WeightsH5: ".weights.h5"
    case .kerasArchive: ".keras"
    case .csrm: ".csrm"
    }
  }

  /// The last component of a path without the ending of a model file.
  static func stem(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    for ending in [".weights.h5", ".csrm", ".keras", ".hdf5", ".h5"]
    where name.hasSuffix(ending) && name.count > ending.count {
      return String(name.dropLast(ending.count))
    }
    return name
  }
}
