import Keras
import Testing

@testable import Network

struct EmbeddingTests {
  private let table = wave([4, 2], seed: 1)

  private func model(_ age: KerasAge) -> ModelTrial {
    ModelTrial(
      age: age,
      layers: [("Embedding", #"{"name": "e", "input_dim": 4, "output_dim": 2, "mask_zero": true}"#)]
    )
  }

  @Test func indicesAreRowsOfTheTable() throws {
    var layer = LayerTrial(
      className: "Embedding", config: #"{"input_dim": 4, "output_dim": 2, "mask_zero": true}"#)
    layer.variables = ["embeddings": table]
    let y = try layer.outputs([([1, 3], [3, 0, 1.9])])
    let t = table.values
    #expect(y[0].shape == [1, 3, 2] && y[0].values == [t[6], t[7], t[0], t[1], t[2], t[3]])
    #expect(y[1].values == [1, 0, 1])
  }

  /// Keras 3 counts what is below zero from the end.
  @Test func indicesBelowZero() throws {
    let y = try model(.three).outputs(([1, 2], [-1, -4]))[0].values
    let t = table.values
    #expect(y == [t[6], t[7], t[0], t[1]])
    #expect(throws: NetworkError.self) { try model(.two).outputs(([1, 2], [-1, 0])) }
  }

  /// The first sample that cannot be run is named, whatever thread came upon it first.
  @Test(arguments: [Float(4), -5, .nan, .infinity, 1e20])
  func whatIsOutsideIsSaid(index: Float) throws {
    var x = [Float](repeating: 1, count: 2000)
    x[1801] = index
    x[1403] = index
    #expect {
      try model(.three).outputs(([1000, 2], x))
    } throws: { error in
      guard case NetworkError.badInput(_, let what) = error else { return false }
      return what.hasPrefix("sample 701 (counted from 0)") && what.contains("0 to 3")
        && what.contains("'e'")
    }
  }

  @Test func maskingMakesPaddingZero() throws {
    let layer = LayerTrial(className: "Masking", config: #"{"mask_value": 2.0}"#)
    let y = try layer.outputs([([1, 3, 2], [1, 2, 2, 2, 0, 0])])
    #expect(y[0].values == [1, 2, 0, 0, 0, 0] && y[1].values == [1, 0, 1])
  }
}
