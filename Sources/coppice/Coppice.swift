import ArgumentParser
import Files

@main
struct Coppice: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coppice",
    abstract: "Make model files smaller, and say honestly what that cost.",
    discussion: """
      Opens pretrained weights in HDF5 (every kind of Keras file, any other tree of tensors) or in \
      its own sparse format .csrm, prunes them, and writes packed files, or files that Keras opens \
      as before. Results go to standard output, everything else to standard error.
      """,
    version: "0.1.0",
    subcommands: [
      Inspect.self, Prune.self, Finetune.self, Eval.self, Pack.self, Unpack.self, Convert.self,
      Verify.self, Diff.self, SensitivityCommand.self, Sweep.self, Bench.self,
    ])

  static func main() {
    Interrupts.install()
    let arguments = Array(CommandLine.arguments.dropFirst())
    exit(withCode: run(arguments))
  }

  /// Parses and runs one command line, prints its failures, and gives its exit code.
  static func run(_ arguments: [String]) -> ExitStatus {
    do {
      var command = try ConfigFile.parse(arguments)
      try command.run()
      return .done
    } catch FileError.closedPipe {
      Interrupts.endOnClosedPipe()
    } catch let ended as RunEnded {
      return ended.status
    } catch {
      if exitCode(for: error).isSuccess {
        // --help, --version, --generate-completion-script.
        Console.print(fullMessage(for: error))
        return .done
      }
      let status = ExitStatus(error)
      if status == .usage, !(error is UsageFault) {
        Console.complain(UsageAdvice.line(message(for: error), arguments))
      } else {
        Console.complain("\(error)")
      }
      return status
    }
  }
}

/// A batch that has said everything it had to say; only its exit code is left.
struct RunEnded: Error {
  let status: ExitStatus
}
