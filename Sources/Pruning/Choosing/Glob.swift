/// A pattern for names with slashes, as shells have them: `*` any run without a slash, `**` any run,
/// `?` any one character but a slash, `[abc]`, `[a-z]`, `[!abc]` one of a set (never a slash), `\x`
/// the character x. An unclosed `[` is itself. The whole name must match; case counts.
public struct Glob: Sendable, CustomStringConvertible {
  fileprivate enum Part: Sendable {
    case one(Unicode.Scalar)
    case any
    case run
    case runOfAll
    case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)
  }

  public let description: String
  private let parts: [Part]

  public init(_ pattern: String) {
    description = pattern
    let scalars = Array(pattern.unicodeScalars)
    var parts: [Part] = []
    var at = 0
    while at < scalars.count {
      switch scalars[at] {
      case "*":
        if at + 1 < scalars.count, scalars[at + 1] == "*" {
          parts.append(.runOfAll)
          at += 1
        } else {
          parts.append(.run)
        }
      case "?": parts.append(.any)
      case "\\" where at + 1 < scalars.count:
        at += 1
        parts.append(.one(scalars[at]))
      case "[":
        if let (set, end) = Glob.set(scalars, from: at + 1) {
          parts.append(set)
          at = end
        } else {
          parts.append(.one("["))
        }
      case let scalar: parts.append(.one(scalar))
      }
      at += 1
    }
    self.parts = parts
  }

  /// Whether the last component is a run and nothing else, so that it names no weight in particular.
  var endsOpen: Bool {
    guard let last = description.split(separator: "/", omittingEmptySubsequences: false).last else {
      return false
    }
    return last == "*" || last == "**"
  }

  /// Whether the pattern matches the whole of `name`. Takes at most pattern × name steps.
  public func matches(_ name: String) -> Bool {
    // The places in the name that the parts so far can reach.
    let scalars = Array(name.unicodeScalars)
    var reached = [Bool](repeating: false, count: scalars.count + 1)
    reached[0] = true
    for part in parts {
      var next = [Bool](repeating: false, count: scalars.count + 1)
      switch part {
      case .run, .runOfAll:
        var isOpen = false
        for place in 0...scalars.count {
          if case .run = part, place > 0, scalars[place - 1] == "/" { isOpen = false }
          isOpen = isOpen || reached[place]
          next[place] = isOpen
        }
      default:
        for place in 0..<scalars.count where reached[place] {
          next[place + 1] = part.takes(scalars[place])
        }
      }
      reached = next
    }
    return reached[scalars.count]
  }

  /// The set that begins after its `[`, and the index of its `]`; nil where there is none.
  private static func set(_ scalars: [Unicode.Scalar], from start: Int) -> (Part, Int)? {
    var at = start
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    let isNegated = at < scalars.count && (scalars[at] == "!" || scalars[at] == "^")
    if isNegated { at += 1 }
    let first = at
    while at < scalars.count {
      // A bracket right at the start is a member.
      if scalars[at] == "]", at > first { return (.set(ranges, isNegated: isNegated), at) }
      if at + 2 < scalars.count, scalars[at + 1] == "-", scalars[at + 2] != "]" {
        if scalars[at] <= scalars[at + 2] { ranges.append(scalars[at]...scalars[at + 2]) }
        at += 3
      } else {
        ranges.append(scalars[at]...scalars[at])
        at += 1
      }
    }
    return nil
  }
}

extension Glob.Part {
  /// Whether a part that is no run takes `scalar`.
  fileprivate func takes(_ scalar: Unicode.Scalar) -> Bool {
    switch self {
    case .one(let own): own == scalar
    case .any: scalar != "/"
    case .set(let ranges, let isNegated):
      scalar != "/" && ranges.contains { $0.contains(scalar) } != isNegated
    case .run, .runOfAll: false
    }
  }
}
