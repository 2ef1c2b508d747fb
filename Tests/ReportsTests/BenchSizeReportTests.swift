import Testing

@testable import Reports

/// 1,000 decoded bytes in half a millisecond are 2 MB/s; 300 bytes against a limit of 250 are 1.2.
private let sample: BenchSizeReport = {
  var report = BenchSizeReport(
    file: "net.h5", container: "keras-h5", bytes: 1200, plainBytes: 1200, decodedBytes: 1_000,
    limit: 250, rounds: 3, threads: 2,
    rows: [
      .init(
        name: "fast", title: ".csrm, --level fast", bytes: 300, packSeconds: 0.0005,
        unpackSeconds: 0.25, readSeconds: 0.0001,
        parts: .init(tensors: 200, document: 60, directory: 40)),
      .init(name: "gzip", title: "gzip -9", bytes: 600, packSeconds: 0.1, unpackSeconds: 0),
      .init(
        name: "scipy", title: "SciPy CSR, .npz", bytes: 250, packSeconds: 1, unpackSeconds: 1,
        holdsTensorsAlone: true),
    ], leftOut: [.init(name: "xz", reason: "not installed")])
  report.sparsity = .init(target: 0.9, achieved: 0.9001)
  return report
}()

@Test func benchSizeAsATable() {
  var report = sample
  report.notes = ["the last"]
  let text = report.text(width: nil, color: false)
  #expect(
    text.hasPrefix(
      """
      net.h5 (keras-h5, 1.20 kB), as if pruned to 90.01 %

      stored as            bytes  ÷ limit  tensors  of plain  MB/s in  MB/s out  read
      ───────────────────────────────────────────────────────────────────────────────
      as it is             1,200    4.800        –  100.00 %        –         –     –
      .csrm, --level fast    300    1.200      200   25.00 %     2.00      0.00  10.0
      gzip -9                600    2.400        –   50.00 %     0.01         –     –
      SciPy CSR, .npz        250    1.000      250   20.83 %     0.00      0.00     –
      ───────────────────────────────────────────────────────────────────────────────
      zeroth-order limit     250    1.000        –   20.83 %        –         –     –

      note: MB/s are megabytes of decoded tensors (1.00 kB) a second, medians of 3 rounds,
      """))
  #expect(text.contains("every row holds the whole file but scipy: tensors and nothing else\n"))
  #expect(text.contains("names, attributes and configuration take 60 B\n"))
  #expect(text.contains("note: left out: xz (not installed)\n"))
  #expect(text.hasSuffix("note: the last\n"))
}

/// Rounded weights are said to be off by how much, and are not the smallest of what is whole.
@Test func benchSizeOfRoundedWeights() {
  var report = sample
  report.rows.append(
    .init(
      name: "int8", title: ".csrm, --values int8", bytes: 100, packSeconds: 1, unpackSeconds: 1,
      rounding: .init(largestError: 0.00251, meanError: 0.00049)))
  #expect(
    report.text(width: nil, color: false).contains(
      "rounded weights are off: int8 by 0.00049 on average and 0.0025 at most\n"))
  let marked = report.text(width: nil, color: true).split(separator: "\n").filter {
    $0.contains("\u{1B}[32m")
  }
  #expect(marked.count == 1 && marked[0].contains("--level fast"))
  #expect(report.jsonText(alone: false).contains(#""largest_error":0.00251,"mean_error":0.00049}"#))
  #expect(report.csv.text.contains(",0.00251,0.00049\n"))
}

@Test func benchSizeAtFortyColumns() {
  let text = sample.text(width: 40, color: false)
  #expect(text.split(separator: "\n").allSatisfy { displayWidth($0) <= 40 })
  #expect(text.contains("stored as") && text.contains("÷ limit"))
}

/// Of the rows that hold the whole file, the one with the fewest bytes is marked.
@Test func benchSizeMarksTheSmallest() {
  let marked = sample.text(width: nil, color: true).split(separator: "\n").filter {
    $0.contains("\u{1B}[32m")
  }
  #expect(marked.count == 1 && marked[0].contains("--level fast"))
}

@Test func benchSizeAsJSON() {
  #expect(
    sample.jsonText(alone: false) == """
      {"schema":"coppice.bench-size/1","file":"net.h5","container":"keras-h5","bytes":1200,"sparsity":{"target":0.9,"achieved":0.9001},"plain_bytes":1200,"decoded_bytes":1000,"limit_bytes":250.0,"rounds":3,"threads":2,"rows":[{"name":"fast","title":".csrm, --level fast","bytes":300,"ratio_to_limit":1.2,"tensors_only":false,"tensor_bytes":200,"document_bytes":60,"directory_bytes":40,"pack_seconds":0.0005,"unpack_seconds":0.25,"pack_bytes_per_second":2000000.0,"unpack_bytes_per_second":4000.0,"read_seconds":0.0001,"read_bytes_per_second":10000000.0,"largest_error":null,"mean_error":null},{"name":"gzip","title":"gzip -9","bytes":600,"ratio_to_limit":2.4,"tensors_only":false,"tensor_bytes":null,"document_bytes":null,"directory_bytes":null,"pack_seconds":0.1,"unpack_seconds":0.0,"pack_bytes_per_second":10000.0,"unpack_bytes_per_second":null,"read_seconds":null,"read_bytes_per_second":null,"largest_error":null,"mean_error":null},{"name":"scipy","title":"SciPy CSR, .npz","bytes":250,"ratio_to_limit":1.0,"tensors_only":true,"tensor_bytes":250,"document_bytes":null,"directory_bytes":null,"pack_seconds":1.0,"unpack_seconds":1.0,"pack_bytes_per_second":1000.0,"unpack_bytes_per_second":1000.0,"read_seconds":null,"read_bytes_per_second":null,"largest_error":null,"mean_error":null}],"left_out":[{"name":"xz","reason":"not installed"}]}

      """)
}

@Test func benchSizeAsCSV() {
  #expect(
    sample.csv.text == """
      file,sparsity,limit_bytes,plain_bytes,decoded_bytes,name,bytes,ratio_to_limit,tensors_only,tensor_bytes,document_bytes,directory_bytes,pack_seconds,unpack_seconds,pack_bytes_per_second,unpack_bytes_per_second,read_seconds,read_bytes_per_second,largest_error,mean_error
      net.h5,0.9001,250.0,1200,1000,fast,300,1.2,false,200,60,40,0.0005,0.25,2000000.0,4000.0,0.0001,10000000.0,,
      net.h5,0.9001,250.0,1200,1000,gzip,600,2.4,false,,,,0.1,0.0,10000.0,,,,,
      net.h5,0.9001,250.0,1200,1000,scipy,250,1.0,true,250,,,1.0,1.0,1000.0,1000.0,,,,

      """)
}

@Test func benchSizeInOneLine() {
  #expect(sample.line == "net.h5 at 90.01 %: SciPy CSR, .npz 250 B, .csrm, --level fast 300 B, gzip -9 600 B")
}

/// A file without a tensor of floats has no limit, and nothing is divided by it.
@Test func benchSizeWithoutALimit() {
  var report = sample
  report.limit = 0
  report.decodedBytes = 0
  #expect(report.jsonText(alone: false).contains(#""ratio_to_limit":null"#))
  #expect(report.text(width: nil, color: false).contains("–"))
}
