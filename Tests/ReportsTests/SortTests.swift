import Testing

@testable import Reports

private func tensor(
  _ name: String, count: Int = 1, zeros: Int = 0, minimum: Double? = nil, layer: String? = nil
) -> TensorFacts {
  TensorFacts(
    name: name, path: name, layer: layer, role: "kernel", shape: [count], dtype: "float32",
    count: count, zeros: zeros, minimum: minimum, prunable: true, bytes: count * 4,
    storedBytes: count * 4, storedAs: "contiguous")
}

private func names(_ tensors: [TensorFacts], by column: InspectColumn?) -> [String] {
  var report = InspectReport(
    file: "f", container: "hdf5", bytes: 0, tensors: tensors,
    otherBytes: .init(optimizer: 0, attributes: 0, metadata: 0))
  report.order = column
  return report.sortedTensors.map(\.name)
}

@Test func wordsGoUpNumbersGoDown() {
  let tensors = [
    tensor("conv_10", count: 5, zeros: 1), tensor("conv_2", count: 50, zeros: 40),
    tensor("bias", count: 5),
  ]
  #expect(names(tensors, by: nil) == ["conv_10", "conv_2", "bias"])
  #expect(names(tensors, by: .name) == ["bias", "conv_2", "conv_10"])
  #expect(names(tensors, by: .count) == ["conv_2", "conv_10", "bias"])
  #expect(names(tensors, by: .sparsity) == ["conv_2", "conv_10", "bias"])
}

@Test func whatIsNotThereComesLast() {
  let tensors = [
    tensor("none"), tensor("low", minimum: -1), tensor("nan", minimum: .nan),
    tensor("high", minimum: 1),
  ]
  #expect(names(tensors, by: .minimum) == ["high", "low", "none", "nan"])
}

@Test func everyColumnSortsAndKeepsAllRows() {
  let all = Set(Samples.detailed.tensors.map(\.name))
  for column in InspectColumn.allCases {
    var report = Samples.detailed
    report.order = column
    report.showsLayers = true
    #expect(Set(report.sortedTensors.map(\.name)) == all)
    #expect(report.layers.count == 2)
  }
}

@Test func columnsAreTheFieldsOfTheJSON() {
  let fields = Samples.detailed.json["tensors"]?.arrayValue?.first?.objectValue?.keys ?? []
  for column in InspectColumn.allCases { #expect(fields.contains(column.rawValue)) }
}

@Test(arguments: [
  ("a", "b", true), ("a2", "a10", true), ("a10", "a2", false), ("a", "a", false), ("a", "a1", true),
  ("a01", "a1", true), ("a1", "a01", false), ("x1y2", "x1y10", true), ("2", "10", true),
  ("a99999999999999999999", "a100000000000000000000", true), ("", "a", true), ("1a", "1", false),
])
func naturalOrder(a: String, b: String, precedes: Bool) {
  #expect(naturallyPrecedes(a, b) == precedes)
}

@Test func layersAddUpTheirTensors() {
  var report = InspectReport(
    file: "f", container: "hdf5", bytes: 0,
    tensors: [
      tensor("a/k", count: 10, zeros: 5, layer: "a"), tensor("b/k", count: 4, layer: "b"),
      tensor("a/r", count: 10, zeros: 4, layer: "a"), tensor("loose", count: 1),
    ], otherBytes: .init(optimizer: 0, attributes: 0, metadata: 0))
  report.order = .sparsity
  #expect(report.layers.map(\.layer) == ["a", "b", nil])
  #expect(report.layers[0].zeros == 9)
  #expect(report.layers[0].count == 20)
}

@Test(arguments: [
  (["a/b/x.h5", "a/b/y.h5"], "a/b/"), (["a/bc/x", "a/bd/x"], "a/"), (["x", "y"], ""),
  (["/x", "/y"], "/"), (["a/x"], ""), ([], ""), (["a/b", "a/b"], "a/"),
])
func foldersInCommon(paths: [String], expected: String) {
  #expect(commonFolder(of: paths) == expected)
}
