import JSON
import Testing

@testable import Reports

private let classified: EvalReport = {
  var output = EvalReport.Output(
    name: "kind", task: "classification", lossName: "categorical_crossentropy",
    metrics: JSON.Object([
      ("loss", 0.3158607), ("accuracy", 0.89), ("correct", 1445), ("total", 1500), ("top5", 1.0),
    ]))
  output.classes = [
    .init(name: "cat", total: 3, predicted: 4, correct: 2),
    .init(name: "\u{1B}[31mdog", total: 2, predicted: 0, correct: 0),
  ]
  output.confusion = [[2, 0], [2, 0]]
  var report = EvalReport(
    file: "net.h5", container: "keras-h5", data: .init(file: "d.npz", part: "test", samples: 1500),
    outputs: [output], loss: 0.3158607, samplesPerSecond: 24917.34)
  report.notes = ["labels are words"]
  return report
}()

private let mixed: EvalReport = {
  var report = classified
  report.outputs[0].classes = []
  report.outputs[0].confusion = []
  report.outputs.append(
    .init(
      name: "price", task: "regression", lossName: nil,
      metrics: JSON.Object([("loss", .null), ("mae", 0.5), ("total", 1500)])))
  report.loss = .nan
  report.notes = []
  return report
}()

@Test func evalInFull() {
  #expect(
    classified.text(width: 80, color: false) == """
      net.h5 on d.npz
        samples   1,500 (test)
        task      classification
        loss      0.315861 (categorical_crossentropy)
        accuracy  89.00 %
        correct   1,445
        total     1,500
        top5      100.00 %
        speed     24,917 samples/s

      class        samples  predicted  right  precision   recall       F1
      ───────────────────────────────────────────────────────────────────
      cat                3          4      2    50.00 %  66.67 %  57.14 %
      \\x1b[31mdog        2          0      0          –   0.00 %   0.00 %

      is \\ taken for  cat  \\x1…mdog
      ─────────────────────────────
      cat               2         ·
      \\x1b[31mdog       2         ·

      note: labels are words

      """)
}

@Test func evalNamesEachOfSeveralOutputs() {
  #expect(
    mixed.text(width: nil, color: false) == """
      net.h5 on d.npz
        samples           1,500 (test)
        task of kind      classification
        loss of kind      0.315861 (categorical_crossentropy)
        accuracy of kind  89.00 %
        correct of kind   1,445
        total of kind     1,500
        top5 of kind      100.00 %
        task of price     regression
        loss of price     –
        mae of price      0.5
        total of price    1,500
        loss              –
        speed             24,917 samples/s

      """)
  #expect(
    mixed.metrics.keys == [
      "loss", "kind_loss", "kind_accuracy", "kind_correct", "kind_total", "kind_top5",
      "price_loss", "price_mae", "price_total",
    ])
  // What is no number is null, and is there.
  #expect(mixed.metrics["loss"] == .null && mixed.metrics["price_loss"] == .null)
}

@Test func evalInOneLine() {
  #expect(
    classified.line
      == "net.h5: loss 0.315861, accuracy 89.00 %, correct 1,445, total 1,500, top5 100.00 %, 24,917 samples/s"
  )
  var unlabelled = classified
  unlabelled.outputs = []
  unlabelled.loss = nil
  unlabelled.samplesPerSecond = 3.14159
  #expect(unlabelled.line == "net.h5: 1,500 samples predicted, 3.142 samples/s")
  #expect(unlabelled.json["metrics"] == .null)
}

@Test func evalAsJSON() {
  let json = classified.json
  #expect(json["schema"] == "coppice.eval/1")
  #expect(json["data"] == ["file": "d.npz", "part": "test", "samples": 1500])
  #expect(json["metrics"]?["correct"] == 1445)
  #expect(
    json["per_class"]?.arrayValue?.first == [
      "class": "cat", "total": 3, "predicted": 4, "correct": 2, "precision": 0.5,
      "recall": .double(2.0 / 3), "f1": .double(4.0 / 7),
    ])
  // Nothing was taken for a dog: there is no precision.
  #expect(json["per_class"]?.arrayValue?.last?["precision"] == .null)
  #expect(json["confusion"] == [[2, 0], [2, 0]])
  #expect(mixed.json["confusion"] == nil && mixed.json["outputs"]?.arrayValue?.count == 2)
}

@Test func evalAsCSV() {
  let lines = classified.csv.text.split(separator: "\n")
  #expect(lines[0] == "file,data,part,samples,output,metric,value")
  #expect(lines[1] == "net.h5,d.npz,test,1500,kind,loss,0.3158607")
  #expect(lines[3] == "net.h5,d.npz,test,1500,kind,correct,1445")
  #expect(lines[6] == "net.h5,d.npz,test,1500,kind,precision of cat,0.5")
  #expect(lines.count == 1 + 5 + 6)
}

/// Shares are percent and change by points, counts and other numbers are as they are.
@Test func metricsAreReadByTheirNames() {
  #expect(metricText("kind_accuracy", 0.5) == "50.00 %")
  #expect(metricText("top5", 0.5) == "50.00 %")
  #expect(metricText("f1", 0.5) == "50.00 %")
  #expect(metricText("auc", 0.5) == "0.5")
  #expect(metricText("loss", .null) == "–")
  #expect(changeText("accuracy", from: 0.89, to: 0.572) == "-31.80 points")
  #expect(changeText("correct", from: 445, to: 1450) == "+1,005")
  #expect(changeText("loss", from: 0.25, to: 0.5) == "+0.25")
  #expect(changeText("loss", from: 0.25, to: .null) == "–")
}
