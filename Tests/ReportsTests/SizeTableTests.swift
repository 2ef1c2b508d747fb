import Testing

@testable import Reports

@Test(arguments: [
  (100, 1000, "10.0× larger than the input"), (1000, 1001, "as large as the input"),
  (1000, 999, "as large as the input"), (1000, 990, "1.01× smaller than the input"),
  (1000, 8, "125.0× smaller than the input"),
])
func theLastLineSaysHowManyTimes(input: Int, output: Int, expected: String) {
  let text = SizeTable(input: input, output: output).text(
    outputName: "output", width: 80, color: false)
  #expect(text.hasSuffix("\n\(expected)\n"))
}

@Test func sizesThatWereNotWorkedOutHaveNoLine() {
  #expect(
    SizeTable(input: 1234).text(outputName: "output", width: 80, color: false) == """
      size   bytes           of input
      ───────────────────────────────
      input  1,234  1.23 kB  100.00 %

      """)
  #expect(SizeTable(input: 1234).ratio == nil)
  #expect(SizeTable(input: 1234, output: 0).ratio == nil)
}

@Test func theColumnBeforeIsThereOnlyWhereThereWereZeros() {
  var report = Samples.prune
  #expect(report.text(width: 80, color: false).contains("before  sparsity"))
  report.sparsity.before = 0
  #expect(!report.text(width: 80, color: false).contains("before  sparsity"))
}
