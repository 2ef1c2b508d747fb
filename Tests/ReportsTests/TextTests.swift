import Testing

@testable import Reports

@Test(arguments: [
  ("", 0), ("kernel", 6), ("カーネル", 8), ("e\u{301}", 1), ("한국", 4), ("ﾊﾝｶｸ", 4), ("Ａ", 2),
  ("👍", 2), ("👍🏽", 2), ("👩‍💻", 2), ("❤️", 2), ("❤", 1), ("🇩🇪", 2), ("–×…", 3), ("\u{200D}", 0),
  ("שלום", 4), ("ก\u{E33}", 1), ("█▏", 2), ("𠀀", 2),
])
func displayWidths(text: String, expected: Int) {
  #expect(displayWidth(text) == expected)
}

@Test func nothingActiveReachesTheTerminal() {
  #expect(visible("plain name") == "plain name")
  #expect(visible("a\u{1B}[31mb\n\t\u{7F}") == "a\\x1b[31mb\\x0a\\x09\\x7f")
  #expect(visible("\u{9B}31m") == "\\u{9b}31m")
  #expect(visible("x\u{202E}y\u{2066}\u{FEFF}\u{2028}") == "x\\u{202e}y\\u{2066}\\u{feff}\\u{2028}")
  #expect(visible("👩‍💻") == "👩‍💻")
  for value in 0..<0x20 as Range<UInt8> {
    #expect(visible(String(UnicodeScalar(value))).utf8.allSatisfy { $0 >= 0x20 })
  }
}

@Test func namesGiveWayInTheMiddle() {
  let name = "block_3/conv2d_12/kernel"
  let expected = [
    "", "…", "…l", "b…l", "b…el", "bl…el", "bl…nel", "blo…nel", "blo…rnel", "bloc…rnel",
  ]
  for (width, text) in expected.enumerated() { #expect(elided(name, to: width) == text) }
  for width in 0...30 { #expect(displayWidth(elided(name, to: width)) <= width) }
  #expect(elided(name, to: 24) == name)
  // A wide character that does not fit is left out whole.
  #expect(elided("層層層層", to: 4) == "…層")
  #expect(elided("層層層層", to: 5) == "層…層")
}

@Test func wordsWrap() {
  #expect(wrapped("", to: 10) == [])
  #expect(wrapped("one two three", to: 7) == ["one two", "three"])
  #expect(wrapped("a-very-long-word b", to: 4) == ["a-very-long-word", "b"])
  #expect(wrapped("of 4.00 kB, x", to: 6) == ["of", "4.00 kB,", "x"])
  #expect(wrapped("one two", to: .max) == ["one two"])
}

@Test(
  arguments: [
    (0.0, ""), (0.001, "▏"), (0.125, "▌"), (0.25, "█"), (0.5, "██"), (1, "████"), (1.5, "████"),
    (-1, ""),
  ] as [(Double, String)])
func bars(share: Double, expected: String) {
  #expect(bar(share, width: 4) == expected)
}

@Test func noColourWithoutAsking() {
  #expect(Paint.bad("x", color: true) == "\u{1B}[31mx\u{1B}[0m")
  #expect(Paint.bad("x", color: false) == "x")
  #expect(Paint.bad("", color: true) == "")
}
