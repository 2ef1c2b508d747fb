import ArgumentParser
import Files
import JSON

/// A command that takes model files as its arguments.
protocol TakesFiles { var files: [String] { get } }

/// `--config FILE`: options as a JSON object, read before the command line is parsed.
///
/// The object's members are long option names. They stand in front of what was typed, so what was
/// typed wins. A whole report works: its `"command"` object is taken, `name` gives the command where
/// none was typed, and `files` the inputs where none were typed.
enum ConfigFile {
  static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    guard !arguments.isEmpty else {
      let commands = UsageAdvice.commands.joined(separator: ", ")
      throw UsageFault("no command. There are \(commands). See 'coppice --help'")
    }
    try checkDashes(arguments)
    guard let (path, rest) = takingConfig(from: arguments) else {
      return try parsed(arguments)
    }
    let config = try read(path)
    let named = commandNames(rest)
    guard let name = named.isEmpty ? config.name : named else {
      throw UsageFault("\(path): names no command. Type one before --config.")
    }
    let typed = Array(rest.dropFirst(named.count))
    let options = config.options(besides: typed)
    let command = try parsed(name + options + typed)
    guard let taking = command as? any TakesFiles, taking.files.isEmpty, !config.files.isEmpty
    else {
      return command
    }
    return try parsed(name + options + typed + ["--"] + config.files)
  }

  /// Throws for a file's name that begins with a dash: letters of options are found in it, and `h`
  /// would end a whole batch with help and success.
  private static func checkDashes(_ arguments: [String]) throws {
    for argument in arguments.prefix(while: { $0 != "--" })
    where argument.hasPrefix("-") && !argument.hasPrefix("--") && argument.contains(".")
      && argument.dropFirst().first?.isLetter == true
    {
      throw UsageFault("\(argument): no such option. A file of this name is ./\(argument)")
    }
  }

  /// The command line as one of the commands.
  ///
  /// The command is parsed without the others around it, which leaves out half of the work; where that fails
  /// (an error, `--help`), all of them are there to say what is meant.
  private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
    for type in Coppice.configuration.subcommands
    where type.configuration.commandName == arguments.first {
      guard let command = try? type.parseAsRoot(Array(arguments.dropFirst())),
        Swift.type(of: command) == type
      else { break }
      return command
    }
    return try Coppice.parseAsRoot(arguments)
  }

  /// The command at the start of a command line: one word, or one and that of a command below it.
  private static func commandNames(_ arguments: [String]) -> [String] {
    guard let first = arguments.first, !first.hasPrefix("-") else { return [] }
    guard arguments.count > 1 else { return [first] }
    let command = Coppice.configuration.subcommands.first {
      $0.configuration.commandName == first
    }
    let isBelow =
      command?.configuration.subcommands.contains {
        $0.configuration.commandName == arguments[1]
      } ?? false
    return isBelow ? [first, arguments[1]] : [first]
  }

  private struct Contents {
    var name: [String]?
    var files: [String] = []
    var options: [String] = []

    /// Of options that contradict each other one is meant: that which was typed.
    private static let alternatives = [
      ["sparsity", "threshold", "keep", "nm", "target-size"], ["output", "output-dir"],
      ["epochs", "total-epochs", "max-epochs"],
    ]
    private static let short = ["-s": "sparsity", "-o": "output"]

    /// Without those that something typed stands in place of.
    func options(besides typed: [String]) -> [String] {
      let given = Set(
        typed.compactMap { Self.short[$0] ?? Self.name(of: $0) })
      let replaced = Self.alternatives.filter { !given.isDisjoint(with: $0) }.joined()
      return options.filter { option in Self.name(of: option).map { !replaced.contains($0) } ?? true
      }
    }

    /// `sparsity` of `--sparsity` and `--sparsity=0.9`.
    private static func name(of argument: String) -> String? {
      guard argument.hasPrefix("--") else { return nil }
      return String(argument.dropFirst(2).prefix { $0 != "=" })
    }
  }

  private static func takingConfig(from arguments: [String]) -> (path: String, rest: [String])? {
    var rest = arguments
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return nil }
      if argument.hasPrefix("--config=") {
        rest.remove(at: index)
        return (String(argument.dropFirst("--config=".count)), rest)
      }
      if argument == "--config", index + 1 < arguments.count {
        rest.removeSubrange(index...index + 1)
        return (arguments[index + 1], rest)
      }
    }
    return nil
  }

  private static func read(_ path: String) throws -> Contents {
    let file = try MappedFile(path: path)
    let whole: JSON.Value
    do {
      whole = try JSON.parse(file.bytes())
    } catch {
      throw UsageFault("\(path): not a JSON object of options: \(error)")
    }
    guard case .object(let outer) = whole else {
      throw UsageFault("\(path): not a JSON object of options")
    }
    var object = outer
    if let command = outer["command"]?.objectValue { object = command }
    var contents = Contents()
    for (key, value) in object.members {
      switch (key, value) {
      case ("name", .string(let name)): contents.name = name.split(separator: " ").map(String.init)
      case ("files", .array(let files)): contents.files = try files.map { try text($0, key, path) }
      case ("patterns", .array(let patterns)):
        for pattern in patterns.flatMap({ $0.objectValue.map { Array($0.members) } ?? [] }) {
          guard pattern.0 == "include" || pattern.0 == "exclude" else {
            throw UsageFault("\(path): \"patterns\" holds include and exclude only")
          }
          contents.options.append("--\(pattern.0)=\(try text(pattern.1, key, path))")
        }
      // A report that is fed back stays as it is, unless its name is typed again.
      case ("report", .string(let report)) where OutputFile.isSamePlace(report, path): break
      case ("config", _): throw UsageFault("\(path): a configuration cannot name another")
      case (_, .bool(true)): contents.options.append("--\(key)")
      case (_, .bool(false)), (_, .null): break
      case (_, .array(let items)):
        contents.options += try items.map { "--\(key)=\(try text($0, key, path))" }
      default: contents.options.append("--\(key)=\(try text(value, key, path))")
      }
    }
    return contents
  }

  private static func text(_ value: JSON.Value, _ key: String, _ path: String) throws -> String {
    switch value {
    case .string(let text): return text
    case .number(.integer(let number)): return String(number)
    case .number(.double(let number)): return "\(number)"
    case .number(.bigInteger(let digits)): return digits
    default:
      throw UsageFault(
        "\(path): \"\(key)\" is neither text, number, truth value nor a list of them")
    }
  }
}
