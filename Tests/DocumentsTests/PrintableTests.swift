import Testing

@testable import Documents

struct PrintableTests {
  @Test(arguments: [
    ("kernel:0", "kernel:0"), ("a\nb", "a\\u{a}b"), ("\u{1b}[31mx", "\\u{1b}[31mx"),
    ("a\u{202e}b", "a\\u{202e}b"), ("\u{9b}2J", "\\u{9b}2J"), ("é🌳", "é🌳"), ("a\\b", "a\\\\b"),
  ])
  func hidesWhatATerminalWouldActOn(name: String, shown: String) {
    #expect(Name(name).printable == shown)
  }

  @Test func cutsLongNamesInTheMiddle() {
    let shown = ("a" + String(repeating: "n", count: 5000) + "z").printable()
    #expect(shown.count == 120)
    #expect(shown.first == "a" && shown.last == "z" && shown.contains("…"))
  }
}
