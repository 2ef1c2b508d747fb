import ArgumentParser
import JSON

/// A value that knows how it was typed.
protocol ArgumentText { var argumentText: String { get } }

/// The parsed value behind a property wrapper of the argument parser, whatever its type.
private protocol ParsedValue { var parsed: Any { get } }
extension Option: ParsedValue { var parsed: Any { wrappedValue } }
extension Flag: ParsedValue { var parsed: Any { wrappedValue } }
extension Argument: ParsedValue { var parsed: Any { wrappedValue } }
extension OptionGroup: ParsedValue { var parsed: Any { wrappedValue } }

/// A command with its options as JSON: the `"command"` object of a report, which `--config` takes
/// back for the same run.
///
/// Names are the long options; `files` holds the inputs and `name` the command. Options that were
/// not given and have no default are left out. The properties of a command are read by reflection,
/// so an option cannot be forgotten here.
enum CommandRecord {
  static func json(of command: some ParsableCommand) -> JSON.Value {
    var members: [(String, JSON.Value)] = [("name", .string(type(of: command)._commandName))]
    collect(command, into: &members)
    return .object(JSON.Object(members))
  }

  private static func collect(_ container: Any, into members: inout [(String, JSON.Value)]) {
    for child in Mirror(reflecting: container).children {
      guard let label = child.label, let wrapper = child.value as? ParsedValue else { continue }
      if let selection = wrapper.parsed as? SelectionOptions, !selection.include.isEmpty,
        !selection.exclude.isEmpty
      {
        // Their order counts, and two lists would lose it.
        let patterns = selection.ordered.map {
          JSON.Value.object(JSON.Object([($0.option, .string($0.pattern.argumentText))]))
        }
        members.append(("patterns", .array(patterns)))
        var rest: [(String, JSON.Value)] = []
        collect(selection, into: &rest)
        members += rest.filter { $0.0 != "include" && $0.0 != "exclude" }
      } else if child.value is any OptionGroupMarker {
        collect(wrapper.parsed, into: &members)
      } else if let value = json(wrapper.parsed), value != .bool(false), value != .array([]) {
        members.append((longName(label), value))
      }
    }
  }

  /// `_maxLayerSparsity` → `max-layer-sparsity`, as the argument parser names the option.
  private static func longName(_ label: String) -> String {
    var name = ""
    for character in label.drop(while: { $0 == "_" }) {
      if character.isUppercase { name += "-" }
      name += character.lowercased()
    }
    return name
  }

  private static func json(_ value: Any) -> JSON.Value? {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional { return mirror.children.first.flatMap { json($0.value) } }
    switch value {
    case let text as ArgumentText: return .string(text.argumentText)
    case let text as String: return .string(text)
    case let flag as Bool: return .bool(flag)
    case let number as Int: return .integer(number)
    case let number as UInt64: return .string(String(number))
    case let number as Double: return .double(number)
    case let list as [Any]: return .array(list.compactMap(json))
    case let named as any RawRepresentable: return json(named.rawValue)
    default: return .string("\(value)")
    }
  }
}

private protocol OptionGroupMarker {}
extension OptionGroup: OptionGroupMarker {}
