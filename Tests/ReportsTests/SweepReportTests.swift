import Foundation
import JSON
import Studies
import Testing

@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

struct SweepReportTests {
  private func metrics(_ value: Double) -> Metrics {
    Metrics(JSON.Object([("accuracy", .double(value))]))
  }

  private func report(finished: Bool = true, criteria: [String] = ["magnitude"]) throws
    -> SweepReport
  {
    let plan = try SweepPlan(
      study: "s", ratios: [0.7, 0.9], schedules: ["one-shot", "geometric"], criteria: criteria,
      seeds: 3, fairness: .equalBudget(20))
    let points = plan.coordinates.map { at -> SweepPoint in
      let better = (at.schedule == "one-shot") == (at.ratio == 0.7)
      let value = 0.8 + (better ? 0.02 : 0) + Double(at.seed) * 0.01
      return SweepPoint(
        study: "s", coordinates: at, steps: 2, epochs: 20, zeros: Int(at.ratio * 100), of: 100,
        validation: metrics(value), test: metrics(value), bytes: 1234, seconds: 1.5,
        course: (0...3).map {
          .init(
            epoch: $0, step: $0 / 2 + 1, sparsity: at.ratio / 2 * Double($0 / 2 + 1), value: value)
        })
    }
    return SweepReport(try SweepTable(plan, finished ? points : []), title: "m<1>.h5")
  }

  /// How many elements of each name, or nil when it is not well-formed XML.
  private func elements(of figure: Figure) -> [String: Int]? {
    final class Counter: NSObject, XMLParserDelegate {
      var counts: [String: Int] = [:]
      func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
      ) {
        counts[name, default: 0] += 1
      }
    }
    let parser = XMLParser(data: Data(figure.svg.utf8))
    let counter = Counter()
    parser.delegate = counter
    return parser.parse() ? counter.counts : nil
  }

  @Test func plotsHaveALineAndItsPointsForEachSchedule() throws {
    let report = try report()
    let ratios = try #require(elements(of: report.ratioPlot))
    #expect(ratios["polyline"] == 3 && ratios["circle"] == 6)
    let epochs = try #require(elements(of: report.epochPlot(at: 0.7)))
    #expect(epochs["polyline"] == 2 && epochs["circle"] == 8)
    let steps = try #require(elements(of: report.stepPlot(at: 0.9)))
    #expect(steps["polyline"] == 2 && steps["circle"] == 6)
    #expect(report.ratioPlot.svg.contains("m&lt;1&gt;.h5"))
  }

  @Test func unfinishedSweepsHavePlotsToo() throws {
    let report = try report(finished: false, criteria: ["magnitude", "lamp"])
    for figure in [report.ratioPlot, report.epochPlot(at: 0.7), report.stepPlot(at: 0.7)] {
      let names = try #require(elements(of: figure))
      #expect(names["polyline"] == nil)
    }
    #expect(report.text(width: 80, color: false).contains("runs are missing"))
  }

  @Test func theTableIsSaidInWordsAndRecords() throws {
    let report = try report()
    let text = report.text(width: nil, color: false)
    #expect(text.contains("one-shot and geometric: change places at 80.0 %"))
    #expect(text.contains("at an equal budget of 20 epochs in all"))
    #expect(report.csv.records.count == 2 * 3 * 3)
    #expect(report.json["schema"]?.stringValue == "coppice.sweep/1")
    #expect(report.line == "m<1>.h5: 18 runs, 0 missing")
  }

  @Test func ticksSpanTheRange() {
    let ticks = roundTicks(from: 0.713, to: 0.868)
    #expect(ticks.first.map { $0 <= 0.713 } == true && ticks.last.map { $0 >= 0.868 } == true)
    #expect(ticks.count >= 4 && ticks.count <= 9)
    #expect(roundTicks(from: 0.5, to: 0.5).count == 3 && roundTicks(from: 0, to: 0).count == 3)
    #expect(roundTicks(from: -3, to: 7).first == -4 && roundTicks(from: .nan, to: 1) == [0, 1])
  }

  @Test func heatMapsHaveAFieldForEachRatio() throws {
    let rows = (0..<3).map { row in
      LayerSensitivity.Row(
        tensor: "dense_\(row)/<kernel>", count: 10,
        cells: [0.9, 0.4].map { .init(zeros: 5, metrics: metrics($0)) })
    }
    let report = SensitivityReport(
      file: "m.h5", data: "d.npz", part: "validation", criterion: "magnitude", metric: "accuracy",
      LayerSensitivity(ratios: [0.5, 0.9], dense: metrics(0.9), rows: rows), seconds: 1)
    let names = try #require(elements(of: report.plot))
    // The paper, six fields, and the colour of the three that lose something.
    #expect(names["rect"] == 1 + 6 + 3)
    #expect(report.text(width: 80, color: false).contains("40.00 %"))
    #expect(report.csv.records.count == 6)
    #expect(report.json["tensors"]?.arrayValue?.count == 3)
  }
}
