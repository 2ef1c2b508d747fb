import Keras
import Testing

@testable import Network

struct NetworkTests {
  @Test func lenet300IsDenseLayersOverFlattenedPixels() throws {
    let opened = try ModelFile.open("fixtures/models/lenet_300_100.keras")
    let network = try Network(opened.model, path: opened.path)
    #expect(network.inputs.map(\.shape) == [[28, 28, 1]])
    #expect(network.outputs.map(\.shape) == [[10]])
    #expect(network.parameters.count == 6)
    let x = [Float](repeating: 0.5, count: 3 * 784)
    var y = [Float](repeating: 0, count: 30)
    try x.withUnsafeBufferPointer { x in
      try y.withUnsafeMutableBufferPointer { y in
        try network.predict([x.baseAddress!], rows: 3, into: [y.baseAddress!])
      }
    }
    #expect(y[0..<10].elementsEqual(y[10..<20]) && y.contains { $0 != 0 })
  }
}
