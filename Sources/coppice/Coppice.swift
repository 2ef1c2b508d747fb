import ArgumentParser

@main
struct Coppice: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make model files smaller, and say honestly what that cost.", version: "0.1.0")
}
