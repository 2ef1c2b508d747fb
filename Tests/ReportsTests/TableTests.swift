import Testing

@testable import Reports

private func sample(rows: Int) -> Table {
  var table = Table(columns: [
    .name("name", comfortable: 8, least: 3), .word("kind", rank: 2), .number("count"),
    .number("extra", rank: 6),
  ])
  for row in 0..<rows {
    table.add([
      Table.Cell("layer_\(row)/kernel"), "k", Table.Cell(grouped(row * 1000)),
      Table.Cell(percent(0.5)),
    ])
  }
  return table
}

@Test func tableAtItsOwnWidth() {
  #expect(
    sample(rows: 2).text(width: nil, color: false) == """
      name            kind  count    extra
      ────────────────────────────────────
      layer_0/kernel  k         0  50.00 %
      layer_1/kernel  k     1,000  50.00 %

      """)
}

@Test func luxuryGoesBeforeNamesAreTouched() {
  #expect(
    sample(rows: 1).text(width: 30, color: false) == """
      name            kind  count
      ───────────────────────────
      layer_0/kernel  k         0

      """)
}

@Test func namesAreElidedBeforeColumnsAreDropped() {
  #expect(
    sample(rows: 1).text(width: 22, color: false) == """
      name       kind  count
      ──────────────────────
      laye…rnel  k         0

      """)
  #expect(
    sample(rows: 1).text(width: 15, color: false) == """
      name      count
      ───────────────
      lay…rnel      0

      """)
}

@Test func everyWidthIsKeptDownToTheLeast() {
  for rows in 0...3 {
    for width in 0...60 {
      let lines = sample(rows: rows).text(width: width, color: false).split(separator: "\n")
      #expect(lines.count == rows + 2)
      for line in lines { #expect(displayWidth(line) <= max(width, rows == 0 ? 11 : 10)) }
    }
  }
}

@Test func totalsStandUnderASecondRule() {
  var table = Table(columns: [.name("a"), .number("b")])
  table.addTotal(["all", "7"])
  #expect(table.text(width: 80, color: false) == "a    b\n──────\n──────\nall  7\n")
}

@Test func wideCharactersKeepTheColumns() {
  var table = Table(columns: [.name("name"), .number("n")])
  table.add(["カーネル", "1"])
  table.add(["e\u{301}te\u{301}", "22"])
  table.add(["a\u{1B}b", "3"])
  #expect(
    table.text(width: nil, color: false) == """
      name       n
      ────────────
      カーネル   1
      e\u{301}te\u{301}       22
      a\\x1bb     3

      """)
}

@Test func paintIsOfTheCellThenOfTheRow() {
  var table = Table(columns: [.name("a"), .number("b")])
  table.add(["x", Table.Cell("1", .bad)], paint: .dim)
  #expect(
    table.text(width: nil, color: true)
      == "\u{1B}[1ma\u{1B}[0m  \u{1B}[1mb\u{1B}[0m\n\u{1B}[2m────\u{1B}[0m\n"
      + "\u{1B}[2mx\u{1B}[0m  \u{1B}[31m1\u{1B}[0m\n")
}

@Test func tableWithoutColumnsIsNothing() {
  #expect(Table(columns: []).text(width: 80, color: false) == "")
}
