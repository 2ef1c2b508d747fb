import Testing

@testable import Reports

private let folded: InspectReport = {
  var report = Samples.inspect
  report.showsLayers = true
  return report
}()

private let withOptimizer: InspectReport = {
  var report = Samples.inspect
  report.isVerbose = true
  report.order = .bytes
  return report
}()

private let empty = InspectReport(
  file: "none.h5", container: "hdf5", bytes: 800, tensors: [],
  otherBytes: .init(optimizer: 0, attributes: 0, metadata: 800))

private let small: InspectReport = {
  var report = Samples.inspect
  report.tensors = Array(report.tensors[1...2])
  return report
}()

private let other: InspectReport = {
  var report = Samples.inspect
  report.file = "runs/other.h5"
  report.tensors[2].zeros = 0
  report.tensors.remove(at: 1)
  return report
}()

private let stranger: InspectReport = {
  var report = Samples.inspect
  report.file = "stranger.h5"
  for index in report.tensors.indices { report.tensors[index].name = "other_\(index)/kernel" }
  return report
}()

@Test func inspectAtFortyColumns() {
  #expect(
    Samples.inspect.text(width: 40, color: false) == """
      net.h5
        container   keras-h5, Keras 2.2.4 on
                    tensorflow
        model       net
        size        9.34 kB (9,344 bytes):
                    weights 4.64 kB, optimizer
                    4.00 kB, attributes 300 B,
                    metadata 404 B
        parameters  1,160 (1,144 prunable,
                    98.62 %)
        zeros       972 among the prunable,
                    988 in all
        sparsity    84.97 %, overall 85.17 %

        tensor           weights  sparsity
      ────────────────────────────────────
      • conv2d/kernel        144   50.00 %
        conv2d/bias           16  100.00 %
      • dense_10/kernel    1,000   90.00 %
        optimizer (1)      1,000
      ────────────────────────────────────
      • prunable           1,144   84.97 %
        whole model        1,160   85.17 %

      note: the config names a layer dropout
            that has no weights

      """)
}

@Test func inspectAtEightyColumns() {
  #expect(
    Samples.inspect.text(width: 80, color: false) == """
      net.h5
        container   keras-h5, Keras 2.2.4 on tensorflow
        model       net
        size        9.34 kB (9,344 bytes): weights 4.64 kB, optimizer 4.00 kB,
                    attributes 300 B, metadata 404 B
        parameters  1,160 (1,144 prunable, 98.62 %)
        zeros       972 among the prunable, 988 in all
        sparsity    84.97 %, overall 85.17 %

        tensor           shape     type     weights  zeros  sparsity   stored   std
      ─────────────────────────────────────────────────────────────────────────────
      • conv2d/kernel    3×3×1×16  float32      144     72   50.00 %    576 B  0.25
        conv2d/bias      16        float32       16     16  100.00 %     64 B     0
      • dense_10/kernel  100×10    float32    1,000    900   90.00 %  4.00 kB   0.1
        optimizer (1)                         1,000                   4.00 kB
      ─────────────────────────────────────────────────────────────────────────────
      • prunable                              1,144    972   84.97 %  4.58 kB
        whole model                           1,160    988   85.17 %  4.64 kB

      note: the config names a layer dropout that has no weights

      """)
}

@Test func inspectAtHundredTwentyColumns() {
  #expect(
    Samples.inspect.text(width: 120, color: false) == """
      net.h5
        container   keras-h5, Keras 2.2.4 on tensorflow
        model       net
        size        9.34 kB (9,344 bytes): weights 4.64 kB, optimizer 4.00 kB, attributes 300 B, metadata 404 B
        parameters  1,160 (1,144 prunable, 98.62 %)
        zeros       972 among the prunable, 988 in all
        sparsity    84.97 %, overall 85.17 %

        tensor           class   shape     type     weights  zeros  sparsity               stored   min   max   std
      ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
      • conv2d/kernel    Conv2D  3×3×1×16  float32      144     72   50.00 %  █████         576 B  -0.5  0.75  0.25
        conv2d/bias      Conv2D  16        float32       16     16  100.00 %  ██████████     64 B     0     0     0
      • dense_10/kernel  Dense   100×10    float32    1,000    900   90.00 %  █████████   4.00 kB  -1.5  1.25   0.1
        optimizer (1)                                 1,000                               4.00 kB
      ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
      • prunable                                      1,144    972   84.97 %              4.58 kB
        whole model                                   1,160    988   85.17 %              4.64 kB

      note: the config names a layer dropout that has no weights

      """)
}

@Test func inspectFoldedByLayer() {
  #expect(
    folded.text(width: 80, color: false) == """
      net.h5
        container   keras-h5, Keras 2.2.4 on tensorflow
        model       net
        size        9.34 kB (9,344 bytes): weights 4.64 kB, optimizer 4.00 kB,
                    attributes 300 B, metadata 404 B
        parameters  1,160 (1,144 prunable, 98.62 %)
        zeros       972 among the prunable, 988 in all
        sparsity    84.97 %, overall 85.17 %

      layer       class   tensors  weights  prunable  zeros  sparsity   stored
      ────────────────────────────────────────────────────────────────────────
      conv2d      Conv2D        2      160       144     72   50.00 %    640 B
      dense_10    Dense         1    1,000     1,000    900   90.00 %  4.00 kB
      ────────────────────────────────────────────────────────────────────────
      all layers                3    1,160     1,144    972   84.97 %  4.64 kB

      note: the config names a layer dropout that has no weights

      """)
}

@Test func inspectWithAllDetails() {
  #expect(
    Samples.detailed.text(width: 80, color: false) == """
      net.h5
        container   keras-h5, Keras 2.2.4 on tensorflow
        model       net
        size        9.34 kB (9,344 bytes): weights 4.64 kB, optimizer 4.00 kB,
                    attributes 300 B, metadata 404 B
        parameters  1,160 (1,144 prunable, 98.62 %)
        zeros       972 among the prunable, 988 in all
        sparsity    84.97 %, overall 85.17 %
        estimate    pruned to 90.00 % and packed: 1.17 kB (1,168 bytes), 8.00×
                    smaller; at --level fast 1.30 kB, max 1.10 kB

        tensor           shape     type     weights  sparsity   stored  encoding
      ──────────────────────────────────────────────────────────────────────────
      • conv2d/kernel    3×3×1×16  float32      144   50.00 %    576 B  bitmask
        conv2d/bias      16        float32       16  100.00 %     64 B  constant
      • dense_10/kernel  100×10    float32    1,000   90.00 %  4.00 kB  csr
        optimizer (1)                         1,000            4.00 kB
      ──────────────────────────────────────────────────────────────────────────
      • prunable                              1,144   84.97 %  4.58 kB
        whole model                           1,160   85.17 %  4.64 kB

      tensor           zero rows  zero columns  zero filters  zero channels       2:4
      ───────────────────────────────────────────────────────────────────────────────
      conv2d/kernel            –             –       2 of 16         0 of 1  100.00 %
      dense_10/kernel  25 of 100       0 of 10             –              –   80.00 %

      |w| from   to  weights    share
      ───────────────────────────────────────────────────────────────
             0    0      972  84.97 %  ██████████████████████████████
          0.25  0.5      100   8.74 %  ███▏
           0.5    1       50   4.37 %  █▌
             1    2       21   1.84 %  ▋
      nan, inf             1   0.09 %  ▏

      """)
}

@Test func inspectSaysHowNearTheLimitEachTensorIs() throws {
  let lines = Samples.detailed.text(width: nil, color: false).split(separator: "\n")
  func cells(_ name: String) throws -> [String] {
    let line = try #require(lines.first { $0.contains("• \(name)") })
    return line.split(separator: " ").map(String.init)
  }
  // 306 bytes for 144 weights, of which 72 are not zero, and 255 at the limit.
  for (name, expected) in [
    ("conv2d/kernel ", ["bitmask", "17.00", "1.200", "34.00"]),
    ("dense_10/kernel ", ["csr", "4.80", "1.250", "48.00"]),
  ] {
    let cells = try cells(name)
    let first = try #require(cells.firstIndex(of: expected[0]))
    #expect(Array(cells[first..<first + 4]) == expected)
  }
  #expect(try cells("prunable").contains("1.233"))
}

@Test func inspectListsTheOptimizer() {
  #expect(
    withOptimizer.text(width: 80, color: false) == """
      net.h5
        container   keras-h5, Keras 2.2.4 on tensorflow
        model       net
        size        9.34 kB (9,344 bytes): weights 4.64 kB, optimizer 4.00 kB,
                    attributes 300 B, metadata 404 B
        parameters  1,160 (1,144 prunable, 98.62 %)
        zeros       972 among the prunable, 988 in all
        sparsity    84.97 %, overall 85.17 %

        tensor             shape     weights  sparsity   stored  left alone: why
      ──────────────────────────────────────────────────────────────────────────
      • dense_10/kernel    100×10      1,000   90.00 %  4.00 kB
        dense_10/kernel/m  100×10      1,000    0.00 %  4.00 kB  optimizer state
      • conv2d/kernel      3×3×1×16      144   50.00 %    576 B
        conv2d/bias        16             16  100.00 %     64 B  a bias
      ──────────────────────────────────────────────────────────────────────────
      • prunable                       1,144   84.97 %  4.58 kB
        whole model                    1,160   85.17 %  4.64 kB

      note: the config names a layer dropout that has no weights

      """)
}

@Test func inspectOfNothing() {
  #expect(
    empty.text(width: 80, color: false) == """
      none.h5
        container   hdf5
        size        800 B (800 bytes): metadata 800 B
        parameters  0 (0 prunable)
        zeros       0 among the prunable, 0 in all
        sparsity    –, overall –

      no tensors

      """)
}

@Test func inspectInColour() {
  #expect(
    small.text(width: 80, color: true) == """
      \u{1B}[1mnet.h5\u{1B}[0m
        \u{1B}[2mcontainer\u{1B}[0m   keras-h5, Keras 2.2.4 on tensorflow
        \u{1B}[2mmodel\u{1B}[0m       net
        \u{1B}[2msize\u{1B}[0m        9.34 kB (9,344 bytes): weights 4.06 kB, optimizer 4.00 kB,
                    attributes 300 B, metadata 404 B
        \u{1B}[2mparameters\u{1B}[0m  1,016 (1,000 prunable, 98.43 %)
        \u{1B}[2mzeros\u{1B}[0m       900 among the prunable, 916 in all
        \u{1B}[2msparsity\u{1B}[0m    90.00 %, overall 90.16 %

      \u{1B}[1m  tensor\u{1B}[0m           \u{1B}[1mshape\u{1B}[0m   \u{1B}[1mtype\u{1B}[0m     \u{1B}[1mweights\u{1B}[0m  \u{1B}[1mzeros\u{1B}[0m  \u{1B}[1msparsity\u{1B}[0m   \u{1B}[1mstored\u{1B}[0m  \u{1B}[1mstd\u{1B}[0m
      \u{1B}[2m──────────────────────────────────────────────────────────────────────────\u{1B}[0m
      \u{1B}[2m  conv2d/bias\u{1B}[0m      \u{1B}[2m16\u{1B}[0m      \u{1B}[2mfloat32\u{1B}[0m       \u{1B}[2m16\u{1B}[0m     \u{1B}[2m16\u{1B}[0m  \u{1B}[2m100.00 %\u{1B}[0m     \u{1B}[2m64 B\u{1B}[0m    \u{1B}[2m0\u{1B}[0m
      • dense_10/kernel  100×10  float32    1,000    900   90.00 %  4.00 kB  0.1
      \u{1B}[2m──────────────────────────────────────────────────────────────────────────\u{1B}[0m
      \u{1B}[1m• prunable\u{1B}[0m                            \u{1B}[1m1,000\u{1B}[0m    \u{1B}[1m900\u{1B}[0m   \u{1B}[1m90.00 %\u{1B}[0m  \u{1B}[1m4.00 kB\u{1B}[0m
        whole model                         1,016    916   90.16 %  4.06 kB

      \u{1B}[33mnote:\u{1B}[0m the config names a layer dropout that has no weights

      """)
}

@Test func severalFilesSideBySide() {
  #expect(
    InspectComparison([Samples.inspect, other, Samples.detailed]).text(width: 80, color: false)
      == """
      3 files
      #  file           container     size  parameters  prunable  zeros  sparsity
      ───────────────────────────────────────────────────────────────────────────
      1  net.h5         keras-h5   9.34 kB       1,160     1,144    972   84.97 %
      2  runs/other.h5  keras-h5   9.34 kB       1,144     1,144     72    6.29 %
      3  net.h5         keras-h5   9.34 kB       1,160     1,144    972   84.97 %

      tensor          sparsity 1  stored 1  sparsity 2  stored 2  sparsity 3  stored 3
      ────────────────────────────────────────────────────────────────────────────────
      conv2d/kernel      50.00 %     576 B     50.00 %     576 B     50.00 %     576 B
      conv2d/bias       100.00 %      64 B           –         –    100.00 %      64 B
      dense_…/kernel     90.00 %   4.00 kB      0.00 %   4.00 kB     90.00 %   4.00 kB
      ────────────────────────────────────────────────────────────────────────────────
      prunable           84.97 %   4.58 kB      6.29 %   4.58 kB     84.97 %   4.58 kB

      note: net.h5: the config names a layer dropout that has no weights
      note: runs/other.h5: the config names a layer dropout that has no weights

      """)
}

@Test func strangersAreNotCompared() {
  #expect(
    InspectComparison([Samples.inspect, stranger, other]).text(width: 60, color: false) == """
      3 files
      #  file           container     size  parameters  sparsity
      ──────────────────────────────────────────────────────────
      1  net.h5         keras-h5   9.34 kB       1,160   84.97 %
      2  stranger.h5    keras-h5   9.34 kB       1,160   84.97 %
      3  runs/other.h5  keras-h5   9.34 kB       1,144    6.29 %

      tensor           sparsity 1  stored 1  sparsity 3  stored 3
      ───────────────────────────────────────────────────────────
      conv2d/kernel       50.00 %     576 B     50.00 %     576 B
      conv2d/bias        100.00 %      64 B           –         –
      dense_10/kernel     90.00 %   4.00 kB      0.00 %   4.00 kB
      ───────────────────────────────────────────────────────────
      prunable            84.97 %   4.58 kB      6.29 %   4.58 kB

      note: net.h5: the config names a layer dropout that has no
            weights
      note: stranger.h5: the config names a layer dropout that has
            no weights
      note: runs/other.h5: the config names a layer dropout that
            has no weights

      """)
}

@Test func manyFilesInPieces() {
  #expect(
    InspectComparison([other, other, other, other]).text(width: 80, color: false) == """
      4 files in runs/
      #  file      container     size  parameters  prunable  zeros  sparsity  overall
      ───────────────────────────────────────────────────────────────────────────────
      1  other.h5  keras-h5   9.34 kB       1,144     1,144     72    6.29 %   6.29 %
      2  other.h5  keras-h5   9.34 kB       1,144     1,144     72    6.29 %   6.29 %
      3  other.h5  keras-h5   9.34 kB       1,144     1,144     72    6.29 %   6.29 %
      4  other.h5  keras-h5   9.34 kB       1,144     1,144     72    6.29 %   6.29 %

      tensor           sparsity 1  stored 1  sparsity 2  stored 2
      ───────────────────────────────────────────────────────────
      conv2d/kernel       50.00 %     576 B     50.00 %     576 B
      dense_10/kernel      0.00 %   4.00 kB      0.00 %   4.00 kB
      ───────────────────────────────────────────────────────────
      prunable             6.29 %   4.58 kB      6.29 %   4.58 kB

      tensor           sparsity 3  stored 3  sparsity 4  stored 4
      ───────────────────────────────────────────────────────────
      conv2d/kernel       50.00 %     576 B     50.00 %     576 B
      dense_10/kernel      0.00 %   4.00 kB      0.00 %   4.00 kB
      ───────────────────────────────────────────────────────────
      prunable             6.29 %   4.58 kB      6.29 %   4.58 kB

      note: other.h5: the config names a layer dropout that has no weights
      note: other.h5: the config names a layer dropout that has no weights
      note: other.h5: the config names a layer dropout that has no weights
      note: other.h5: the config names a layer dropout that has no weights

      """)
}

@Test func severalFilesByLayer() {
  #expect(
    InspectComparison([folded, folded]).text(width: 120, color: false) == """
      2 files
      #  file    container     size  parameters  prunable  zeros  sparsity  overall
      ─────────────────────────────────────────────────────────────────────────────
      1  net.h5  keras-h5   9.34 kB       1,160     1,144    972   84.97 %  85.17 %
      2  net.h5  keras-h5   9.34 kB       1,160     1,144    972   84.97 %  85.17 %

      layer     sparsity 1  stored 1  sparsity 2  stored 2
      ────────────────────────────────────────────────────
      conv2d       50.00 %     640 B     50.00 %     640 B
      dense_10     90.00 %   4.00 kB     90.00 %   4.00 kB
      ────────────────────────────────────────────────────
      prunable     84.97 %   4.58 kB     84.97 %   4.58 kB

      note: net.h5: the config names a layer dropout that has no weights
      note: net.h5: the config names a layer dropout that has no weights

      """)
}

@Test func inspectAtAnyWidth() {
  #expect(
    Samples.inspect.text(width: nil, color: false) == """
      net.h5
        container   keras-h5, Keras 2.2.4 on tensorflow
        model       net
        size        9.34 kB (9,344 bytes): weights 4.64 kB, optimizer 4.00 kB, attributes 300 B, metadata 404 B
        parameters  1,160 (1,144 prunable, 98.62 %)
        zeros       972 among the prunable, 988 in all
        sparsity    84.97 %, overall 85.17 %

        tensor           class   shape     type     weights  zeros  sparsity               stored   min   max   std
      ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
      • conv2d/kernel    Conv2D  3×3×1×16  float32      144     72   50.00 %  █████         576 B  -0.5  0.75  0.25
        conv2d/bias      Conv2D  16        float32       16     16  100.00 %  ██████████     64 B     0     0     0
      • dense_10/kernel  Dense   100×10    float32    1,000    900   90.00 %  █████████   4.00 kB  -1.5  1.25   0.1
        optimizer (1)                                 1,000                               4.00 kB
      ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
      • prunable                                      1,144    972   84.97 %              4.58 kB
        whole model                                   1,160    988   85.17 %              4.64 kB

      note: the config names a layer dropout that has no weights

      """)
}
