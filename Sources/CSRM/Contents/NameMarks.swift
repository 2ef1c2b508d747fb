import Documents

/// The marks of a document's names as runs (csrm(5), Name marks): the names of links and attributes in the
/// order in which the document's fields have them, first those that are marked as is usual, then those
/// that are not, and so on by turns.
enum NameMarks {
  /// Whether any name of `document` has the mark that is not usual for it.
  static func areNeeded(by document: Document) -> Bool {
    document.objects.contains { object in
      if case .group(let group) = object, group.links.contains(where: \.hasUnusualMark) {
        return true
      }
      return object.attributes.contains(where: \.hasUnusualMark)
    }
  }

  static func write(_ document: Document, to out: inout FieldWriter) {
    var runs = [0]
    func add(_ isUnusual: Bool) {
      if isUnusual == (runs.count % 2 == 0) { runs[runs.count - 1] += 1 } else { runs.append(1) }
    }
    for object in document.objects {
      if case .group(let group) = object { group.links.forEach { add($0.hasUnusualMark) } }
      object.attributes.forEach { add($0.hasUnusualMark) }
    }
    out.varint(runs.count)
    for run in runs { out.varint(run) }
  }

  /// Reads the runs, which must cover all names of `objects`, and marks these.
  static func read(_ reader: inout FieldReader, into objects: inout [Object]) throws(Malformed) {
    var runs = Runs(left: try reader.count())
    try runs.next(&reader)
    for index in objects.indices {
      switch objects[index] {
      case .group(var group):
        for place in group.links.indices {
          if try runs.isUnusual(&reader) {
            group.links[place].mark = group.links[place].mark.other
          }
        }
        try mark(&group.attributes, &runs, &reader)
        objects[index] = .group(group)
      case .dataset(var dataset):
        try mark(&dataset.attributes, &runs, &reader)
        objects[index] = .dataset(dataset)
      case .committedType(var type):
        try mark(&type.attributes, &runs, &reader)
        objects[index] = .committedType(type)
      }
    }
    guard runs.left == 0, runs.names == 0 else {
      throw Malformed("marks more names than it has")
    }
  }

  private static func mark(
    _ attributes: inout [Attribute], _ runs: inout Runs, _ reader: inout FieldReader
  ) throws(Malformed) {
    for place in attributes.indices {
      if try runs.isUnusual(&reader) {
        attributes[place].mark = attributes[place].mark.other
      }
    }
  }

  /// Where in the runs a reader is.
  private struct Runs {
    /// Runs that are not begun.
    var left: Int
    /// Names left in the run at hand.
    var names = 0
    private var isUnusual = true
    private var isFirst = true

    init(left: Int) { self.left = left }

    mutating func next(_ reader: inout FieldReader) throws(Malformed) {
      guard left > 0 else { throw Malformed("marks fewer names than it has") }
      left -= 1
      names = try reader.size()
      guard names > 0 || isFirst else { throw Malformed("has a run of no names") }
      isFirst = false
      isUnusual.toggle()
    }

    /// Whether the next name has the mark that is not usual for it.
    mutating func isUnusual(_ reader: inout FieldReader) throws(Malformed) -> Bool {
      if names == 0 { try next(&reader) }
      names -= 1
      return isUnusual
    }
  }
}

extension Link {
  fileprivate var hasUnusualMark: Bool { mark != .usual(for: name) }
}

extension Attribute {
  fileprivate var hasUnusualMark: Bool { mark != .usual(for: name) }
}
