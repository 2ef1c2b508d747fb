/// The equation of an einsum, `ab...,bc->ac...`, as letters.
struct Equation {
  var operands: [[Character]]
  /// Nil where there is no arrow.
  var result: [Character]?

  /// What stands for `...`.
  static let dots: Character = "."

  /// Nil where the text is no equation.
  init?(_ text: String) {
    let tight = text.filter { $0 != " " }
    var sides: [[Character]] = [[]]
    var rest = Array(tight)[...]
    while let next = rest.popFirst() {
      if next == "-", rest.first == ">" {
        rest.removeFirst()
        sides.append([])
      } else {
        sides[sides.count - 1].append(next)
      }
    }
    guard sides.count <= 2, let left = sides.first else { return nil }
    var terms: [[Character]] = []
    for term in left.split(separator: ",", omittingEmptySubsequences: false) {
      guard let read = Self.term(term) else { return nil }
      terms.append(read)
    }
    operands = terms
    if sides.count == 2 {
      guard let read = Self.term(sides[1][...]) else { return nil }
      result = read
    }
  }

  private static func term(_ text: ArraySlice<Character>) -> [Character]? {
    var letters: [Character] = []
    var rest = text
    while let next = rest.popFirst() {
      if next == "." {
        guard rest.prefix(2) == [".", "."], !letters.contains(dots) else { return nil }
        rest.removeFirst(2)
        letters.append(dots)
      } else {
        guard next.isASCII, next.isLetter else { return nil }
        letters.append(next)
      }
    }
    return letters
  }

  /// `letters` with `count` dimensions in place of the dots, from the right always the same ones.
  /// More than sixteen come out as one letter twice, which no product takes.
  static func expand(_ letters: [Character], _ count: Int) -> [Character] {
    letters.flatMap { letter -> [Character] in
      guard letter == dots else { return [letter] }
      // Characters that no equation has: digits, and what follows them in ASCII.
      return (0..<count).reversed().map { Character(Unicode.Scalar(UInt8(48 + min($0, 15)))) }
    }
  }
}
