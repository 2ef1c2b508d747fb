import Testing

@testable import Reports

@Test func fieldsAreQuotedWhereTheyMustBe() {
  var csv = CSV(columns: ["a", "b"])
  csv.add([.text("x,y"), .text("say \"no\"")])
  csv.add([.text(" edge "), .text("two\nlines")])
  csv.add([.number(0.1), .number(.nan)])
  csv.add([.integer(-3), .boolean(true)])
  csv.add([.empty, .optional(nil as Int?)])
  #expect(
    csv.text == """
      a,b
      "x,y","say ""no""\"
      " edge ",two\\x0alines
      0.1,
      -3,true
      ,

      """)
}

@Test func tablesOfSeveralFilesHaveOneHeader() {
  let two = CSV.joined([Samples.pack.csv, Samples.pack.csv])
  #expect(two.columns == Samples.pack.csv.columns)
  #expect(two.records.count == 4)
  #expect(two.text == Samples.pack.csv.text + Samples.pack.csv.body)
  #expect(CSV.joined([]).text == "\n")
}

@Test func recordsHaveOneFieldForEachColumn() {
  let tables = [
    Samples.inspect.csv, Samples.prune.csv, Samples.pack.csv, Samples.unpack.csv,
    Samples.damaged.csv, Samples.diff.csv,
  ]
  for table in tables {
    #expect(!table.records.isEmpty)
    for record in table.records { #expect(record.count == table.columns.count) }
  }
}
