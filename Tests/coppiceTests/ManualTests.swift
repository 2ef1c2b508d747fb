import Foundation
import Testing

@testable import coppice

/// `man/coppice.1` and the argument parser say the same: every command and option is in the page, and
/// the page has none that is not there.
struct ManualTests {
  private let page: Page
  private let commands: [Command]

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    page = Page(try String(contentsOf: root.appending(path: "man/coppice.1"), encoding: .utf8))
    let dump = try JSONDecoder().decode(Dump.self, from: Data(Coppice._dumpHelp().utf8))
    commands = (dump.command.subcommands ?? []).filter { $0.commandName != "help" }.flatMap(\.leaves)
  }

  @Test func everyCommandHasASectionAndASynopsis() {
    #expect(!commands.isEmpty)
    let sections = page.sections.keys.filter { $0.hasPrefix("coppice ") }
    #expect(Set(sections) == Set(commands.map { "coppice \($0.commandName)" }))
    for command in commands { #expect(page.text.contains("\n.Cm \(command.commandName)\n")) }
  }

  @Test func everyOptionIsInThePageAndNoOther() throws {
    for command in commands {
      let documented = try #require(page.options(of: "coppice \(command.commandName)"))
      let real = command.longOptions
      #expect(real.subtracting(documented) == [], "\(command.commandName): missing in the page")
      #expect(documented.subtracting(real) == [], "\(command.commandName): not there any more")
    }
  }

  @Test func shortOptionsAreNamedBesideTheirLongOnes() {
    let pairs = Set(commands.flatMap(\.shortOptions))
    for pair in pairs {
      #expect(
        page.text.contains(".It Fl \(pair.short) , Fl -\(pair.long)"), "-\(pair.short) is not there"
      )
    }
  }

  @Test func everyValueOfAnOptionIsNamed() {
    for argument in commands.flatMap({ $0.arguments ?? [] }) {
      for value in argument.allValues ?? [] {
        #expect(page.words.contains(value), "\(argument.valueName ?? ""): \(value)")
      }
    }
  }
}

/// The page's subsections: the long options that each explains, and the subsections it refers to.
private struct Page {
  struct Section {
    var options: Set<String> = []
    var references: [String] = []
  }
  let text: String
  let words: Set<String>
  private(set) var sections: [String: Section] = [:]

  init(_ text: String) {
    self.text = text
    words = Set(
      text.split { $0.isWhitespace || $0 == "," || $0 == "(" || $0 == ")" }.map(String.init))
    var current: String?
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ").map(String.init)
      switch parts.first {
      case ".Ss":
        let name = parts.dropFirst().joined(separator: " ")
        current = name
        sections[name] = Section()
      case ".Sh": current = nil
      case ".Sx":
        guard let current else { continue }
        let name = parts.dropFirst().filter { $0 != "," && $0 != "." }.joined(separator: " ")
        sections[current]?.references.append(name)
      case ".It":
        guard let current else { continue }
        for (macro, option) in zip(parts, parts.dropFirst())
        where macro == "Fl" && option.hasPrefix("-") {
          sections[current]?.options.insert(String(option.dropFirst()))
        }
      default: break
      }
    }
  }

  /// nil where a reference leads nowhere.
  func options(of name: String) -> Set<String>? {
    guard let section = sections[name] else { return nil }
    var options = section.options
    for reference in section.references {
      guard let other = sections[reference] else { return nil }
      options.formUnion(other.options)
    }
    return options
  }
}

/// What `--experimental-dump-help` prints, as far as it is needed here.
private struct Dump: Decodable {
  let command: Command
}

private struct Command: Decodable {
  var commandName: String
  let subcommands: [Command]?
  let arguments: [Argument]?

  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }
    let names: [Name]?
    let valueName: String?
    let allValues: [String]?
    let shouldDisplay: Bool
  }

  /// The commands below this one, `bench size`; itself where there are none.
  var leaves: [Command] {
    let below = (subcommands ?? []).filter { $0.commandName != "help" }
    if below.isEmpty { return [self] }
    return below.flatMap(\.leaves).map { leaf in
      var leaf = leaf
      leaf.commandName = "\(commandName) \(leaf.commandName)"
      return leaf
    }
  }

  var longOptions: Set<String> {
    Set(
      (arguments ?? []).filter(\.shouldDisplay).flatMap { argument in
        (argument.names ?? []).filter { $0.kind == "long" }.map(\.name)
      })
  }

  var shortOptions: [ShortOption] {
    (arguments ?? []).filter(\.shouldDisplay).flatMap { argument -> [ShortOption] in
      let names = argument.names ?? []
      guard let long = names.first(where: { $0.kind == "long" }) else { return [] }
      return names.filter { $0.kind == "short" }.map {
        ShortOption(short: $0.name, long: long.name)
      }
    }
  }

  struct ShortOption: Hashable {
    let short: String
    let long: String
  }
}
