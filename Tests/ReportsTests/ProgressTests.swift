import Testing

@testable import Reports

@Test func atMostSixLinesASecond() {
  var progress = Progress("packing", total: 1000, unit: .bytes, at: 5)
  var times: [Double] = []
  for step in 0...2000 {
    let now = 5 + Double(step) / 1000
    if progress.update(done: step / 2, at: now, width: 80, color: false) != nil {
      times.append(now)
    }
  }
  #expect(times.first == 5.25)
  for (a, b) in zip(times, times.dropFirst()) { #expect(b - a >= 1.0 / 6 - 1e-6) }
  #expect(times.count == 11)
}

@Test func whatIsQuickSaysNothing() {
  var progress = Progress("packing", total: 10, unit: .bytes, at: 0)
  #expect(progress.update(done: 10, at: 0.2, width: 80, color: false) == nil)
}

@Test func rateAndTimeLeft() {
  let bytes = Progress("packing", total: 1_000_000_000, unit: .bytes, at: 10)
  #expect(
    bytes.line(done: 470_000_000, at: 11, width: 90, color: false)
      == "packing  ━━━━━━━━━───────────  47 %  470 MB of 1.00 GB  470 MB/s  1.1 s left")
  #expect(
    bytes.line(done: 475_000_000, at: 310, width: 90, color: false)
      == "packing  ━━━━━━━━━╸──────────  47 %  475 MB of 1.00 GB  1.58 MB/s  5 min 32 s left")
  #expect(
    bytes.line(done: 1_000_000_000, at: 12, width: 90, color: false)
      == "packing  ━━━━━━━━━━━━━━━━━━━━  100 %  1.00 GB of 1.00 GB  500 MB/s")
  let files = Progress("converting", total: 60, unit: .items("file"), at: 0)
  #expect(
    files.line(done: 12, at: 24, width: 90, color: false)
      == "converting  ━━━━────────────────  20 %  12 of 60 files  0.5/s  1 min 36 s left")
  #expect(
    files.line(done: 0, at: 24, width: 90, color: false)
      == "converting  ────────────────────  0 %  0 of 60 files")
}

@Test func theLineNeverReachesTheLastColumn() {
  let progress = Progress("packing a\u{1B}b", total: 1_000_000, unit: .bytes, at: 0)
  for width in 1...100 {
    for done in [0, 1, 500_000, 999_999, 1_000_000] {
      let line = progress.line(done: done, at: 3, width: width, color: false)
      #expect(displayWidth(line) < width)
      #expect(!line.contains("\u{1B}"))
    }
  }
}

@Test func lessThanAllIsNeverAHundredPercent() {
  let progress = Progress("x", total: 1_000_000, unit: .bytes, at: 0)
  #expect(progress.line(done: 999_999, at: 1, width: 90, color: false).contains(" 99 % "))
}
