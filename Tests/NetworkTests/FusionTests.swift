import Keras
import Testing

@testable import Network

struct FusionTests {
  private func outputs(_ network: Network, _ x: [Float], rows: Int, width: Int) throws -> [Float] {
    var y = [Float](repeating: 0, count: rows * width)
    try x.withUnsafeBufferPointer { x in
      try y.withUnsafeMutableBufferPointer { y in
        guard let from = x.baseAddress, let to = y.baseAddress else { return }
        try network.predict([from], rows: rows, into: [to])
      }
    }
    return y
  }

  /// Normalisations, sums and activations go into the convolutions before them, and nothing changes
  /// but the last bits.
  @Test(arguments: ["mlperf_tiny_resnet8.h5", "dsconv.keras", "str_ww_ref_model.h5"])
  func fusedNetworksComputeTheSame(name: String) throws {
    let opened = try ModelFile.open("fixtures/models/\(name)")
    let plain = try Network(opened.model, path: name, shapes: nil, fusing: false)
    let fused = try Network(opened.model, path: name, shapes: nil, fusing: true)
    func kinds(_ network: Network) -> [String: Int] {
      Dictionary(network.plan.nodes.map { ("\(type(of: $0.layer))", 1) }, uniquingKeysWith: +)
    }
    #expect(kinds(plain)["BatchNormalization"] != nil)
    #expect(kinds(fused)["BatchNormalization"] == nil)
    #expect(fused.plan.nodes.count < plain.plan.nodes.count)
    let shape = fused.inputs[0].shape.compactMap(\.self)
    let width = fused.outputs[0].shape.compactMap(\.self).reduce(1, *)
    let x = wave([3] + shape).values
    let a = try outputs(plain, x, rows: 3, width: width)
    let b = try outputs(fused, x, rows: 3, width: width)
    #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 + 1e-4 * abs($0) })
    #expect(a.contains { $0 != 0 })
  }

  /// A sample gives the same bits in whatever company, and on however many threads.
  @Test func rowsStandByThemselves() throws {
    let opened = try ModelFile.open("fixtures/models/dsconv.keras")
    let network = try Network(opened.model, path: opened.path)
    let x = wave([300, 28, 28, 1]).values
    let together = try outputs(network, x, rows: 300, width: 10)
    for row in [0, 7, 130, 299] {
      let alone = try outputs(
        network, Array(x[row * 784..<(row + 1) * 784]), rows: 1, width: 10)
      #expect(alone == Array(together[row * 10..<(row + 1) * 10]))
    }
  }
}
