import JSON
import Testing

@testable import Reports

private let verbose: PruneReport = {
  var report = Samples.prune
  report.isVerbose = true
  return report
}()

private let measured: PruneReport = {
  var report = Samples.prune
  report.tensors.removeLast()
  report.metrics = .init(
    dense: JSON.Object([("loss", 0.25), ("accuracy", 0.9188), ("correct", 9188)]),
    pruned: JSON.Object([("loss", 0.5)]), readBack: nil)
  return report
}()

private let planned: PruneReport = {
  var report = measured
  report.output = nil
  report.sizes = SizeTable(input: 9344, output: 9400)
  report.notes = []
  return report
}()

@Test func pruneAtFortyColumns() {
  #expect(
    Samples.prune.text(width: 40, color: false) == """
      net.h5 → small.csrm
        sparsity    90.03 %, asked for 90.00 %
        zeros       1,030 of 1,144 prunable
                    weights, 972 before
        kept        114
        left alone  1 tensor
        time        0.042 s

      tensor           weights  kept  sparsity
      ────────────────────────────────────────
      conv2d/kernel        144    14   90.28 %
      dense_10/kernel    1,000   100   90.00 %
      ────────────────────────────────────────
      all                1,144   114   90.03 %

      size                bytes  of input
      ───────────────────────────────────
      input               9,344  100.00 %
      input, gzip -9      8,000   85.62 %
      no optimizer state  5,344   57.19 %
      pruned, gzip -9     2,000   21.40 %
      output (csrm)       1,168   12.50 %
      8.00× smaller than the input

      note: accuracy was not measured: no data
            was given

      """)
}

@Test func pruneAtEightyColumns() {
  #expect(
    Samples.prune.text(width: 80, color: false) == """
      net.h5 → small.csrm
        sparsity    90.03 %, asked for 90.00 %
        zeros       1,030 of 1,144 prunable weights, 972 before
        kept        114
        left alone  1 tensor
        time        0.042 s

      tensor           shape     weights  kept   before  sparsity  encoding  stored
      ─────────────────────────────────────────────────────────────────────────────
      conv2d/kernel    3×3×1×16      144    14  50.00 %   90.28 %  bitmask     90 B
      dense_10/kernel  100×10      1,000   100  90.00 %   90.00 %  csr        600 B
      ─────────────────────────────────────────────────────────────────────────────
      all                          1,144   114  84.97 %   90.03 %             690 B

      size                bytes           of input
      ────────────────────────────────────────────
      input               9,344  9.34 kB  100.00 %
      input, gzip -9      8,000  8.00 kB   85.62 %
      no optimizer state  5,344  5.34 kB   57.19 %
      pruned, gzip -9     2,000  2.00 kB   21.40 %
      output (csrm)       1,168  1.17 kB   12.50 %
      8.00× smaller than the input

      note: accuracy was not measured: no data was given

      """)
}

@Test func pruneAtHundredTwentyColumns() {
  #expect(
    verbose.text(width: 120, color: false) == """
      net.h5 → small.csrm
        sparsity    90.03 %, asked for 90.00 %
        zeros       1,030 of 1,144 prunable weights, 972 before
        kept        114
        left alone  1 tensor
        time        0.042 s

      tensor           shape     weights  kept   before  sparsity             encoding  stored
      ────────────────────────────────────────────────────────────────────────────────────────
      conv2d/kernel    3×3×1×16      144    14  50.00 %   90.28 %  █████████  bitmask     90 B
      dense_10/kernel  100×10      1,000   100  90.00 %   90.00 %  █████████  csr        600 B
      ────────────────────────────────────────────────────────────────────────────────────────
      all                          1,144   114  84.97 %   90.03 %                        690 B

      left alone   reason
      ───────────────────
      conv2d/bias  a bias

      size                bytes           of input
      ────────────────────────────────────────────
      input               9,344  9.34 kB  100.00 %
      input, gzip -9      8,000  8.00 kB   85.62 %
      no optimizer state  5,344  5.34 kB   57.19 %
      pruned, gzip -9     2,000  2.00 kB   21.40 %
      output (csrm)       1,168  1.17 kB   12.50 %
      8.00× smaller than the input

      note: accuracy was not measured: no data was given

      """)
}

@Test func pruneAsJSON() {
  #expect(
    measured.jsonText(alone: true) == """
      {
        "schema": "coppice.prune/1",
        "command": {
          "sparsity": 0.9,
          "output": "small.csrm"
        },
        "version": "0.1.0",
        "seed": 0,
        "threads": 2,
        "input": {
          "file": "net.h5",
          "container": "keras-h5",
          "bytes": 9344,
          "sha256": "aa"
        },
        "output": {
          "file": "small.csrm",
          "container": "csrm",
          "bytes": 1168,
          "sha256": "bb"
        },
        "plan": [
          {
            "step": 1,
            "target": 0.9,
            "epochs_max": 0
          }
        ],
        "sparsity": {
          "target": 0.9,
          "achieved": 0.9003496503496503,
          "pruned": 1030,
          "kept": 114,
          "of": 1144,
          "before": 972
        },
        "steps": [
          {
            "step": 1,
            "target": 0.9,
            "achieved": 0.9003496503496503,
            "epochs": 0,
            "seconds": 0.0035,
            "before": null,
            "after": null
          }
        ],
        "sizes": {
          "input": 9344,
          "input_gzip9": 8000,
          "without_optimizer": 5344,
          "pruned_gzip9": 2000,
          "output": 1168,
          "ratio": 8.0
        },
        "metrics": {
          "dense": {
            "loss": 0.25,
            "accuracy": 0.9188,
            "correct": 9188
          },
          "pruned": {
            "loss": 0.5
          },
          "read_back": null
        },
        "tensors": [
          {
            "name": "conv2d/kernel",
            "shape": [
              3,
              3,
              1,
              16
            ],
            "count": 144,
            "kept": 14,
            "sparsity": 0.9027777777777778,
            "sparsity_before": 0.5,
            "encoding": "bitmask",
            "bytes": 90
          }
        ],
        "seconds": 0.0421,
        "left_alone": [
          {
            "name": "conv2d/bias",
            "reason": "a bias"
          }
        ],
        "notes": [
          "accuracy was not measured: no data was given"
        ]
      }

      """)
}

@Test func pruneAsCSV() {
  #expect(
    Samples.prune.csv.text == """
      file,name,shape,count,kept,sparsity,sparsity_before,encoding,bytes
      net.h5,conv2d/kernel,3x3x1x16,144,14,0.9027777777777778,0.5,bitmask,90
      net.h5,dense_10/kernel,100x10,1000,100,0.9,0.9,csr,600

      """)
}

@Test func plannedPruneWritesNothing() {
  #expect(
    planned.text(width: 80, color: false) == """
      net.h5 (nothing written)
        sparsity    90.03 %, asked for 90.00 %
        zeros       1,030 of 1,144 prunable weights, 972 before
        kept        114
        left alone  1 tensor
        time        0.042 s

      on the data    dense  pruned  change  read back
      ───────────────────────────────────────────────
      loss            0.25     0.5   +0.25          –
      accuracy     91.88 %       –       –          –
      correct        9,188       –       –          –

      tensor         shape     weights  kept   before  sparsity  encoding  stored
      ───────────────────────────────────────────────────────────────────────────
      conv2d/kernel  3×3×1×16      144    14  50.00 %   90.28 %  bitmask     90 B
      ───────────────────────────────────────────────────────────────────────────
      all                        1,144   114  84.97 %   90.03 %              90 B

      size               bytes           of input
      ───────────────────────────────────────────
      input              9,344  9.34 kB  100.00 %
      output, predicted  9,400  9.40 kB  100.60 %
      1.01× larger than the input

      """)
}

@Test func calibrationIsSaidWhereThereWasOne() {
  var report = Samples.prune
  #expect(report.json.objectValue?["calibration"] == nil)
  report.calibration = .init(samples: 512, part: "train", refitted: 19, normalisations: 1)
  let text = report.text(width: 100, color: false)
  #expect(
    text.contains(
      "calibration  512 samples (train): 19 tensors reconstructed, 1 normalisation recalibrated\n"))
  #expect(
    report.json.objectValue?["calibration"] == [
      "samples": 512, "part": "train", "refitted": 19, "normalisations": 1,
    ])
  report.calibration = .init(samples: 1, part: "all")
  #expect(report.text(width: 100, color: false).contains("calibration  1 sample (all)\n"))
}

/// Several steps, or training, are a table of their own; a dry run says how they would go.
@Test func stepsOfAPruning() {
  var report = measured
  func metrics(_ accuracy: Double) -> JSON.Object {
    JSON.Object([("loss", 0.5), ("accuracy", .double(accuracy))])
  }
  report.plan = [
    .init(step: 1, target: 0.5, epochsMax: 10), .init(step: 2, target: 0.9, epochsMax: 20),
  ]
  report.steps = [
    .init(
      step: 1, target: 0.5, achieved: 0.5, epochs: 4, seconds: 1, before: metrics(0.5),
      after: metrics(0.75)),
    .init(
      step: 2, target: 0.9, achieved: 1030.0 / 1144, epochs: 20, seconds: 1, before: metrics(0.25),
      after: metrics(0.5)),
  ]
  let trained = """
    step       to  zeros  epochs  at most  accuracy, pruned  trained
    ────────────────────────────────────────────────────────────────
       1  50.00 %    572       4       10           50.00 %  75.00 %
       2  90.00 %  1,030      20       20           25.00 %  50.00 %
    """
  #expect(report.text(width: nil, color: false).contains(trained))
  report.output = nil
  for index in report.steps.indices {
    report.steps[index].before = nil
    report.steps[index].after = nil
  }
  let planned = """
    step       to  zeros  epochs  at most
    ─────────────────────────────────────
       1  50.00 %    572       –       10
       2  90.00 %  1,030       –       20
    """
  #expect(report.text(width: nil, color: false).contains(planned))
  #expect(!measured.text(width: nil, color: false).contains("step "))
}
