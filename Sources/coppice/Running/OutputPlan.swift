import Documents
import Files

/// Where the outputs of a run go, settled before any file is opened.
struct OutputPlan: Sendable {
  /// What happens to a file's container where neither `--to` nor an ending says it.
  enum Standard: Sendable { case csrm, own, original }

  private let options: PlacingOptions
  var skipsExisting: Bool { options.skipExisting }
  private let standard: Standard
  private let files: [String]

  /// Throws a usage fault for a plan that cannot be: no place, several inputs for one file, an
  /// ending that names nothing known, two inputs for one output.
  init(_ files: [String], _ options: PlacingOptions, standard: Standard, json: Bool) throws {
    self.options = options
    self.standard = standard
    self.files = files
    if options.output == "" || options.outputDir == "" {
      throw UsageFault("\(options.output == "" ? "--output" : "--output-dir"): the name is empty")
    }
    if let output = options.output {
      if files.count > 1 {
        throw UsageFault("--output takes one input: use --output-dir for \(files.count) of them")
      }
      if output == "-" {
        if json {
          throw UsageFault("-o - and --json would mix on standard output: use --report FILE")
        }
        let streams = options.to == .csrm || (options.to == nil && standard == .csrm)
        if !streams { throw UsageFault("-o - streams .csrm only: add --to csrm, or name a file") }
        if Console.outputIsTerminal {
          throw UsageFault("-o -: a packed model is not for a terminal: redirect it")
        }
      } else if options.to == nil && OutputPlace.Ending(of: output) == nil {
        throw UsageFault(
          "\(output): its ending names no container (.csrm, .keras, .weights.h5, .h5, .hdf5). Use --to"
        )
      }
    } else if options.outputDir == nil && !options.dryRun {
      throw UsageFault("no output: name one with -o FILE or --output-dir DIR")
    }
    if options.outputDir != nil {
      var seen: [String: String] = [:]
      for file in files {
        let name =
          standard == .original && options.to == nil
          ? OutputPlace.stem(of: file) : self.name(for: file, .hdf5)
        if let other = seen.updateValue(file, forKey: name) {
          throw UsageFault("\(other) and \(file) would both become \(name): give them apart")
        }
      }
    }
  }

  /// Where the output for `file` goes, once it is known what its container is and how it is stored
  /// (`.csrm`, or the container itself).
  func place(for file: String, container: ContainerKind, storedAs own: ContainerKind) throws
    -> OutputPlace
  {
    if let output = options.output {
      let kind = options.to?.kind ?? OutputPlace.Ending(of: output)?.kind(for: container) ?? .csrm
      if output == "-" {
        return OutputPlace(
          destination: options.dryRun ? .nowhere : .standardOutput, kind: kind)
      }
      return try place(at: output, kind)
    }
    let kind = kind(container, own)
    guard let folder = options.outputDir else {
      return OutputPlace(destination: .nowhere, kind: kind)
    }
    let name = name(for: file, standard == .original ? container : own)
    return try place(at: folder + "/" + name, kind)
  }

  /// Told before the work, not after it, and by a dry run too. Writing over the input is as safe as
  /// any other place (the output is renamed into it), but must be meant.
  private func place(at path: String, _ kind: ContainerKind) throws -> OutputPlace {
    if options.skipExisting && Self.isThere(path) { throw PassedOver(path: path) }
    do {
      try options.dryRun
        ? OutputFile.checkName(path, replacing: options.force)
        : OutputFile.check(path, replacing: options.force)
    } catch let error {
      if case .exists = error { throw FileError.exists(path: path, canBeSkipped: true) }
      throw error
    }
    return OutputPlace(destination: options.dryRun ? .nowhere : .file(path), kind: kind)
  }

  /// The path that `--skip-existing` can look at before the input is opened; nil where the ending
  /// depends on what the input is.
  func earlyPath(for file: String) -> String? {
    if let output = options.output { return output == "-" ? nil : output }
    if standard == .original && options.to == nil { return nil }
    return options.outputDir.map { $0 + "/" + name(for: file, .hdf5) }
  }

  private func kind(_ container: ContainerKind, _ own: ContainerKind) -> ContainerKind {
    if let to = options.to { return to.kind }
    return switch standard {
    case .csrm: .csrm
    case .own: own
    case .original: container
    }
  }

  /// The input's name with the ending of what is written; the name as it is where the kind stays.
  private func name(for file: String, _ own: ContainerKind) -> String {
    let base = file == "-" ? "stdin" : file.split(separator: "/").last.map(String.init) ?? file
    if let to = options.to { return OutputPlace.stem(of: base) + OutputPlace.ending(of: to.kind) }
    switch standard {
    case .csrm: return OutputPlace.stem(of: base) + ".csrm"
    case .own: return base
    case .original: return OutputPlace.stem(of: base) + OutputPlace.ending(of: own)
    }
  }

  /// Whether there is an output at `path`.
  static func isThere(_ path: String) -> Bool { FileIdentity(path)?.isRegular == true }
}

extension TargetKind {
  var kind: ContainerKind {
    switch self {
    case .kerasH5: .kerasH5
    case .kerasWeightsH5: .kerasWeightsH5
    case .keras3WeightsH5: .keras3WeightsH5
    case .kerasArchive: .kerasArchive
    case .hdf5: .hdf5
    case .csrm: .csrm
    }
  }
}
