/// What the argument parser leaves unsaid: what an option takes, and where that is written.
enum UsageAdvice {
  /// What values of a kind look like, by the name that help gives them.
  private static let forms = [
    "share": "a share, as 0.9 or 90%", "size": "a size, as 200KB or 1.5MB",
    "n": "a whole number", "n:m": "zeros in a group, as 2:4",
    "condition":
      "a condition, as accuracy>=0.88, loss<=0.3, sparsity>=0.9, ratio>=10 or bytes<=200KB",
    "a:b": "rows from A up to B, as 0:100", "class=weight,…": "weights by class, as 0=1,3=2.5",
    "glob=share": "tensors and a share, as dense*=0.9", "i/n": "a part, as 1/8",
    "rate": "a number over 0", "t": "a number",
    "list": "names with commas between them", "n,…": "whole numbers, as 20,2",
  ]

  /// The commands, in the order of help.
  static var commands: [String] {
    Coppice.configuration.subcommands.compactMap { $0.configuration.commandName }
  }

  /// The parser's `message` in one line, with what helps. `arguments` is the command line.
  static func line(_ message: String, _ arguments: [String]) -> String {
    var line = oneLine(message)
    if line.hasPrefix("Missing value for"), let number = arguments.first(where: isNegative) {
      line += ": \(number) would be an option, and no number here is negative"
    } else if line.contains("is invalid for"), let kind = kind(in: line), let form = forms[kind] {
      line += ": it takes \(form)"
    }
    let command = arguments.first.flatMap { commands.contains($0) ? $0 : nil }
    if command == nil, line.hasPrefix("Unexpected argument"), let word = arguments.first {
      line = "'\(word)' is no command. There are \(commands.joined(separator: ", "))"
    }
    let stop = line.hasSuffix("?") ? "" : "."
    return "\(line)\(stop) See 'coppice \(command.map { "\($0) " } ?? "")--help'."
  }

  private static func isNegative(_ argument: String) -> Bool {
    argument.hasPrefix("-") && argument.dropFirst().first?.isNumber == true
      && Double(argument) != nil
  }

  /// `share` of `… is invalid for '--sparsity <share>'`.
  private static func kind(in line: String) -> String? {
    guard let open = line.lastIndex(of: "<"), let close = line.lastIndex(of: ">"), open < close
    else { return nil }
    return String(line[line.index(after: open)..<close])
  }

  /// One line, without a stop at its end; a list of words below each other as words behind each other.
  private static func oneLine(_ text: String) -> String {
    var line = ""
    for part in text.split(whereSeparator: \.isNewline) {
      let words = part.drop { $0 == " " }
      if words.hasPrefix("- ") {
        line += (line.hasSuffix(":") ? " " : ", ") + words.dropFirst(2)
      } else {
        line += (line.isEmpty ? "" : " ") + words
      }
    }
    return line.hasSuffix(".") ? String(line.dropLast()) : line
  }
}
