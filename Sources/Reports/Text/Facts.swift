/// Lines of `name   value` under a heading, values aligned and wrapped into the width.
struct Facts {
  var heading: String
  private var facts: [(name: String, value: String, paint: Paint?)] = []

  init(heading: String) { self.heading = heading }

  mutating func add(_ name: String, _ value: String?, paint: Paint? = nil) {
    guard let value, !value.isEmpty else { return }
    facts.append((name, visible(value), paint))
  }

  func text(width: Int?, color: Bool) -> String {
    let nameWidth = facts.reduce(0) { max($0, displayWidth($1.name)) }
    let indent = nameWidth + 4
    let heading = visible(heading)
    var text = Paint.bold(width.map { elided(heading, to: max($0, 1)) } ?? heading, color: color)
    text += "\n"
    for fact in facts {
      let room = width.map { max($0 - indent, 16) } ?? .max
      for (index, line) in wrapped(fact.value, to: room).enumerated() {
        let name = index == 0 ? fact.name : ""
        let padding = String(repeating: " ", count: nameWidth - displayWidth(name) + 2)
        text +=
          "  " + Paint.dim(name, color: color) + padding + fact.paint(line, color: color) + "\n"
      }
    }
    return text
  }
}

/// `note: …`, wrapped, continued under the first word.
func noteText(_ note: String, width: Int?, color: Bool) -> String {
  let room = width.map { max($0 - 6, 16) } ?? .max
  return wrapped(visible(note), to: room).enumerated().map { index, line in
    (index == 0 ? Paint.warning("note:", color: color) + " " : "      ") + line + "\n"
  }.joined()
}

/// Several notes with an empty line before them; nothing for none.
func notesText(_ notes: [String], width: Int?, color: Bool) -> String {
  notes.isEmpty ? "" : "\n" + notes.map { noteText($0, width: width, color: color) }.joined()
}

/// A report's one line, wrapped into the width.
func headline(_ line: String, _ paint: Paint?, width: Int?, color: Bool) -> String {
  wrapped(line, to: width ?? .max).map { paint($0, color: color) + "\n" }.joined()
}
