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
    guard let (path, rest) = takingConfig(from: arguments) else {
      return try parsed(arguments)
    }
    let config = try read(path)
    let named = commandNames(rest)
    guard let name = named.isEmpty ? config.name : named else {
      throw UsageFault("\(path): names no command. Type one before --config.")
    }
    let typed = Array(rest.dropFirst(named.count))
    let command = try parsed(name + config.options + typed)
    guard let taking = command as? any TakesFiles, taking.files.isEmpty, !config.files.isEmpty
    else {
      return command
    }
    return try parsed(name + config.options + typed + ["--"] + config.files)
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
