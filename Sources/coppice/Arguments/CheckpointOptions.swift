import ArgumentParser

/// Where long work is kept, and how it goes on.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Keep the state of the run here after every epoch.", valueName: "folder"),
    completion: .directory)
  var checkpoint: String?

  @Flag(help: "Go on from the state in the --checkpoint folder, where there is one.")
  var resume = false

  func validate() throws {
    if resume && checkpoint == nil {
      throw ValidationError("--resume goes on from a state: name its folder with --checkpoint")
    }
  }
}
