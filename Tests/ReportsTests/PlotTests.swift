import Foundation
import Testing

@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

private func model(layers: Int, name: String = "dense") -> InspectReport {
  InspectReport(
    file: "m.h5", container: "keras-h5", bytes: 100,
    tensors: (0..<layers).map { index in
      TensorFacts(
        name: "\(name)_\(index)/kernel", path: "p", layer: "\(name)_\(index)", role: "kernel",
        shape: [10], dtype: "float32", count: 10, zeros: index % 11, prunable: true, bytes: 40,
        storedBytes: 40, storedAs: "contiguous")
    }, otherBytes: .init(optimizer: 0, attributes: 0, metadata: 0))
}

/// Names of the elements, or nil when it is not well-formed XML.
private func elements(of svg: String) -> [String]? {
  final class Collector: NSObject, XMLParserDelegate {
    var names: [String] = []
    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      names.append(name)
    }
  }
  let parser = XMLParser(data: Data(svg.utf8))
  let collector = Collector()
  parser.delegate = collector
  return parser.parse() ? collector.names : nil
}

@Test(arguments: [0, 1, 2, 5, 50, 300])
func plotsAreWellFormedWithABarForEachLayer(layers: Int) throws {
  let svg = model(layers: layers).plot.svg
  let names = try #require(elements(of: svg))
  #expect(names.first == "svg")
  #expect(names.contains("desc"))
  #expect(names.count { $0 == "title" } == layers + 1)
  #expect(svg.contains("role=\"img\""))
  #expect(svg.contains("prefers-color-scheme: dark"))
}

@Test func plotsGrowWithTheirLayers() {
  func height(_ layers: Int) -> Double {
    let chart = model(layers: layers).plot.charts[0]
    return chart.height
  }
  #expect(height(300) - height(299) == height(6) - height(5))
  #expect(height(300) > 6000)
}

@Test func namesInPlotsAreEscaped() throws {
  let svg = model(layers: 1, name: "<script>&\"'\u{1B}\u{0}\u{FFFE}]]>").plot.svg
  #expect(try #require(elements(of: svg)).contains("script") == false)
  #expect(svg.contains("&lt;script&gt;&amp;&quot;&#39;\\x1b\\x00"))
}

@Test func filesWithoutLayersArePlottedByTensor() {
  var report = model(layers: 2)
  report.tensors[0].layer = nil
  #expect(SparsityPlot.rows(of: report).map(\.name) == ["dense_0/kernel", "dense_1/kernel"])
}

@Test func manyFilesInOnePlot() throws {
  let reports = (1...8).map { model(layers: $0) }
  let svg = InspectComparison(reports).plot.svg
  let names = try #require(elements(of: svg))
  #expect(names.count { $0 == "title" } == 8 + 1)
  #expect(InspectComparison([reports[0]]).plot.svg == reports[0].plot.svg)
}

@Test func prunePlotShowsBeforeOnlyWhereThereWereZeros() {
  var report = Samples.prune
  #expect(report.plot.svg.contains(">before: 84.97 %<"))
  report.sparsity.before = 0
  #expect(!report.plot.svg.contains("before"))
}

@Test func histogramIsDrawnBelow() throws {
  let svg = Samples.detailed.plot.svg
  let names = try #require(elements(of: svg))
  #expect(names.count { $0 == "title" } == 1 + 2 + 3)
  #expect(svg.contains("not drawn: 972 zeros (84.97 %), 1 not finite (0.09 %)"))
  var zeros = Samples.detailed
  zeros.histogram = MagnitudeHistogram(zeros: 5, nonfinite: 0, bins: [])
  #expect(zeros.plot.svg.contains("nothing but zeros"))
}

@Test func histogramFoldsItsSmallEnd() {
  let bins = (0..<10).map { (index: Int) -> MagnitudeHistogram.Bin in
    let count = index == 0 || index == 9 ? 0 : 1
    return MagnitudeHistogram.Bin(from: Double(index), to: Double(index + 1), count: count)
  }
  let histogram = MagnitudeHistogram(zeros: 0, nonfinite: 0, bins: bins)
  #expect(histogram.shown(atMost: 20).map(\.from) == [1, 2, 3, 4, 5, 6, 7, 8])
  let folded = histogram.shown(atMost: 3)
  #expect(folded.map(\.from) == [0, 7, 8])
  #expect(folded.map(\.count) == [6, 1, 1])
  #expect(MagnitudeHistogram(zeros: 3, nonfinite: 0, bins: []).shown(atMost: 3).isEmpty)
}

@Test func logarithmsAreCloseEnoughForPixels() {
  for exponent in stride(from: -1074, through: 1023, by: 61) {
    for significand in [1, 1.1, 1.25, 1.5, 1.75, 1.999] {
      let value = significand * Foundation.pow(2, Double(exponent))
      guard value.isFinite, value > 0 else { continue }
      #expect(abs(binaryLogarithm(value) - Foundation.log2(value)) < 1e-3)
    }
  }
}

@Test(
  arguments: [
    (0.0, [0.0, 1]), (1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (57_551, [0, 20000, 40000, 60000]),
    (7, [0, 2, 4, 6, 8]), (100, [0, 20, 40, 60, 80, 100]),
  ] as [(Double, [Double])])
func ticksAreRound(maximum: Double, expected: [Double]) {
  let ticks = roundTicks(upTo: maximum)
  #expect(ticks.count == expected.count)
  for (a, b) in zip(ticks, expected) { #expect(abs(a - b) < 1e-9) }
}

@Test func coordinatesAreShort() {
  #expect(coordinate(12) == "12")
  #expect(coordinate(12.5) == "12.5")
  #expect(coordinate(-0.001) == "0")
  #expect(coordinate(1 / 3.0) == "0.33")
  #expect(coordinate(.nan) == "0")
}
