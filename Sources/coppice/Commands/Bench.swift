import ArgumentParser

/// What is measured on the user's own files.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure on your own files: packed sizes and speeds beside other programs'.",
    subcommands: [BenchSize.self])
}
