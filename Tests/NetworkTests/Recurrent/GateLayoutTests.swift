import Keras
import Testing

@testable import Network

/// Gates in the layouts of other ages give what the usual one gives.
struct GateLayoutTests {
  private let x = wave([2, 3, 3])

  private func trial(
    _ className: String, _ config: String, _ variables: [String: LayerTrial.Array],
    age: KerasAge = .two
  ) -> LayerTrial {
    LayerTrial(className: className, config: config, variables: variables, age: age)
  }

  /// Columns of gate `gate` of a matrix of `gates` gates of two units.
  private func gate(_ gate: Int, of matrix: LayerTrial.Array, gates: Int) -> LayerTrial.Array {
    let rows = matrix.shape.count > 1 ? matrix.shape[0] : 1
    let values = (0..<rows).flatMap { row in
      (0..<2).map { matrix.values[row * 2 * gates + gate * 2 + $0] }
    }
    return (matrix.shape.dropLast() + [2], values)
  }

  /// Keras 1: a matrix a gate.
  @Test(arguments: [("LSTM", "ifco"), ("GRU", "zrh")])
  func variablesOfEachGate(className: String, gates: String) throws {
    let count = gates.count
    let joined: [String: LayerTrial.Array] = [
      "kernel": wave([3, 2 * count], seed: 1), "recurrent_kernel": wave([2, 2 * count], seed: 2),
      "bias": wave([2 * count], seed: 3),
    ]
    var separate: [String: LayerTrial.Array] = [:]
    for (i, letter) in gates.enumerated() {
      for (name, matrix) in joined {
        separate["\(name)_\(letter)"] = gate(i, of: matrix, gates: count)
      }
    }
    let usual = try trial(
      className, #"{"units": 2, "recurrent_activation": "hard_sigmoid", "reset_after": false}"#,
      joined
    ).output(x)
    let old = try trial(
      className, #"{"output_dim": 2, "inner_activation": "hard_sigmoid"}"#, separate, age: .one
    ).output(x)
    #expect(old.values == usual.values && usual.values.contains { $0 != 0 })
  }

  /// NVIDIA's library: each gate's matrix is the transposed one, read row after row, and there are
  /// two biases (`_convert_rnn_weights` of Keras 2.2.4).
  @Test(arguments: [("LSTM", 4), ("GRU", 3)])
  func transposedGates(className: String, gates: Int) throws {
    let fused: [String: LayerTrial.Array] = [
      "kernel": wave([3, 2 * gates], seed: 1), "recurrent_kernel": wave([2, 2 * gates], seed: 2),
      "bias": wave([4 * gates], seed: 3),
    ]
    func turned(_ name: String) throws -> LayerTrial.Array {
      let matrix = try #require(fused[name])
      let rows = matrix.shape[0]
      var values = [Float](repeating: 0, count: matrix.values.count)
      for g in 0..<gates {
        let own = gate(g, of: matrix, gates: gates).values
        for unit in 0..<2 {
          for row in 0..<rows { values[row * 2 * gates + g * 2 + unit] = own[unit * rows + row] }
        }
      }
      return (matrix.shape, values)
    }
    let biases = try #require(fused["bias"]).values
    let bias: LayerTrial.Array =
      className == "GRU"
      ? ([2, 2 * gates], biases)
      : ([2 * gates], zip(biases.prefix(2 * gates), biases.suffix(2 * gates)).map { $0 + $1 })
    let usual = try trial(
      className, #"{"units": 2, "recurrent_activation": "sigmoid", "reset_after": true}"#,
      [
        "kernel": try turned("kernel"), "recurrent_kernel": try turned("recurrent_kernel"),
        "bias": bias,
      ]
    ).output(x)
    let other = try trial("CuDNN\(className)", #"{"units": 2}"#, fused).output(x)
    #expect(agree(other.values, usual.values) && usual.values.contains { $0 != 0 })
  }
}
