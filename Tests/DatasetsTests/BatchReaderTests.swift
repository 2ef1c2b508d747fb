import Testing

@testable import Datasets

struct BatchReaderTests {
  let folder = try? TemporaryFolder()

  func part(_ values: [Float], labels: [UInt8]? = nil) throws -> DataPart {
    let path = try #require(folder).write(
      zip: [
        ("x.npy", npy("<f4", [values.count / 2, 2], floats(values))),
        (
          "y.npy",
          npy("|u1", [values.count / 2], labels ?? [UInt8](repeating: 1, count: values.count / 2))
        ),
      ], method: 0, as: "d.npz")
    return try Datasets.open(path).fitted([2], [3]).evaluation
  }

  @Test(arguments: [1, 2, 3, 4, 5, 10, 11, 1000])
  func everyRowOnce(size: Int) throws {
    let values = (0..<20).map { Float($0) }
    let reader = try BatchReader(
      part(values, labels: [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]), batchSize: size,
      targets: [[.classes, .floats]])
    var seen: [Float] = []
    var classes: [Int32] = []
    var rows = 0
    var batches = 0
    while let batch = try reader.nextBatch() {
      #expect(batch.rows.lowerBound == rows && batch.count <= size)
      #expect(batch.inputs[0].count == 2 * batch.count && batch.floats[0].count == 3 * batch.count)
      seen += batch.inputs[0]
      classes += batch.classes[0]
      for (row, number) in batch.classes[0].enumerated() {
        #expect(batch.floats[0][3 * row + Int(number)] == 1)
      }
      rows = batch.rows.upperBound
      batches += 1
    }
    #expect(seen == values)
    #expect(classes == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
    #expect(batches == reader.batches)
    #expect(try reader.nextBatch() == nil)
  }

  @Test func rowsInAnyOrder() throws {
    let order = [3, 0, 0, 4, 1]
    let reader = try BatchReader(part((0..<10).map { Float($0) }), batchSize: 2, order: order)
    var seen: [Float] = []
    while let batch = try reader.nextBatch() {
      seen += batch.inputs[0]
      #expect(batch.classes.isEmpty && batch.floats.isEmpty)
    }
    #expect(seen == order.flatMap { [Float(2 * $0), Float(2 * $0 + 1)] })
  }

  @Test func weightsComeWithTheirRows() throws {
    let path = try #require(folder).write(
      zip: [
        ("x.npy", npy("|u1", [5, 1], [0, 1, 2, 3, 4])),
        ("sample_weight.npy", npy("<f4", [5], floats([5, 6, 7, 8, 9]))),
      ], method: 0, as: "d.npz")
    let part = try Datasets.open(path).evaluation
    let reader = BatchReader(part, batchSize: 2, order: [4, 0, 1], weights: true)
    var seen: [Float] = []
    while let batch = try reader.nextBatch() { seen += batch.weights.map { Array($0) } ?? [] }
    #expect(seen == [9, 5, 6])
    #expect(try BatchReader(part, batchSize: 2).nextBatch()?.weights == nil)
  }

  @Test func badRowsComeInTheirTurn() throws {
    let reader = try BatchReader(part([0, 1, 2, 3, 4, .nan]), batchSize: 1)
    #expect(try reader.nextBatch()?.count == 1)
    #expect(try reader.nextBatch()?.count == 1)
    for _ in 0..<2 {
      let error = #expect(throws: DataError.self) { try reader.nextBatch() }
      #expect(error?.description.contains("row 2 of 'x'") == true)
    }
  }

  /// Left with a batch on its way.
  @Test func readersMayBeLeft() throws {
    let part = try part((0..<20).map { Float($0) })
    for _ in 0..<50 { _ = try BatchReader(part, batchSize: 3).nextBatch() }
  }
}
