import CSRM
import Documents
import Files
import HDF5
import Keras
import Pruning
import Tensors

/// Masks in a file of their own: a tree with one uint8 dataset a pruned tensor, at the tensor's path
/// and of its shape; 1 where the weight stays, 0 where it is pruned.
enum MaskFile {
  /// Throws where no masks can be written to `path`: before the work, not after it.
  ///
  /// - Parameter others: what else is written or read, and the option that names it.
  static func check(
    _ path: String, beside others: [(option: String, path: String?)], replacing: Bool
  ) throws {
    _ = try ending(of: path)
    for (option, other) in others {
      guard let other, other != "-" else { continue }
      if OutputFile.isSamePlace(path, other) {
        throw UsageFault("--mask-out and \(option) name the same file, \(path)")
      }
    }
    try OutputFile.check(path, replacing: replacing)
  }

  private static func ending(of path: String) throws -> OutputPlace.Ending {
    guard let ending = OutputPlace.Ending(of: path), ending == .csrm || ending == .hdf5 else {
      throw UsageFault("--mask-out \(path): name a .h5, .hdf5 or .csrm file")
    }
    return ending
  }

  /// Writes `.h5`, `.hdf5` or `.csrm`, as the name's ending says.
  static func write(
    _ masks: [Mask], of set: PrunableSet, to path: String, replacing: Bool
  ) throws {
    let ending = try ending(of: path)
    var document = Document()
    for (mask, (place, candidate)) in zip(masks, zip(set.paths, set.candidates)) {
      document.add(
        Dataset(
          type: .integer(.init(size: 1, isSigned: false)), space: .simple(candidate.kernel.shape),
          value: .plain(MaskAsBytes(mask))),
        at: place.split(separator: "/").map { Name(String($0)) })
    }
    document.sortLinks()
    let container = Container(kind: .hdf5, parts: [.init(name: "", content: .document(document))])
    let output = try OutputFile(path: path, replacing: replacing)
    if ending == .csrm {
      _ = try Packer.pack(container, options: PackOptions(), into: output)
    } else {
      try HDF5.write(document, to: output)
    }
    try output.commit()
  }

  /// The masks of `set`'s tensors, found by path. Throws where one is missing or does not fit.
  static func read(_ path: String, for set: PrunableSet, _ reading: ReadingOptions) throws -> [Mask]
  {
    let opened = try ModelFile.open(path, options: OpenOptions(limits: Inputs.limits(reading)))
    Inputs.keepMemory(of: opened.packed)
    let found = Dictionary(
      opened.model.tensors.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    return try zip(set.paths, set.candidates).map { place, candidate in
      guard let tensor = found[place] else {
        throw PruningError.mask(
          file: path, tensor: candidate.name, problem: "it holds none at \(place)")
      }
      guard tensor.shape == candidate.kernel.shape, tensor.type?.size == 1,
        let source = tensor.source
      else {
        throw PruningError.mask(
          file: path, tensor: candidate.name, problem: "it is no uint8 array of the tensor's shape")
      }
      return try PruneResult.mask(source, tensor: candidate.name, file: path)
    }
  }
}

extension Document {
  /// Puts a dataset at a path, making the groups on the way.
  fileprivate mutating func add(_ dataset: Dataset, at path: [Name]) {
    var group = 0
    for (depth, name) in path.enumerated() {
      guard case .group(var parent) = objects[group] else { return }
      let isLast = depth == path.count - 1
      if !isLast, let link = parent.links.first(where: { $0.name == name }),
        case .hard(let child) = link.target
      {
        group = child
        continue
      }
      objects.append(isLast ? .dataset(dataset) : .group(Group()))
      parent.links.append(Link(name: name, target: .hard(objects.count - 1)))
      objects[group] = .group(parent)
      group = objects.count - 1
    }
  }

  /// Puts links in order of name, as groups without creation order keep them.
  fileprivate mutating func sortLinks() {
    for index in objects.indices {
      guard case .group(var group) = objects[index] else { continue }
      group.links.sort { $0.name < $1.name }
      objects[index] = .group(group)
    }
  }
}
