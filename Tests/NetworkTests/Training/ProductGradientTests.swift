import JSON
import Testing

@testable import Network

/// Gradients of sums of products, beside differences of what they give.
struct ProductGradientTests {
  @Test(arguments: [
    ("abc,cd->abd", [3, 2], "d", [2]), ("ab...,bc->ac...", [4, 2], "c", [2]),
    ("abc,cde->abde", [3, 2, 2], "de", [2, 2]), ("abc,bcd->abd", [4, 3, 2], "d", [2]),
    ("abc,cd->adb", [3, 2], "d", [2, 1]), ("abc,bd->ad", [4, 2], "d", [2]),
  ])
  func dense(equation: String, kernel: [Int], axes: String, bias: [Int]) throws {
    for activation in ["tanh", "gelu"] {
      let trial = LayerTrial(
        className: "EinsumDense",
        config:
          #"{"equation": "\#(equation)", "bias_axes": "\#(axes)", "activation": "\#(activation)"}"#,
        variables: ["kernel": wave(kernel, seed: 1), "bias": wave(bias, seed: 2)])
      #expect(try GradientTrial(trial: trial).worst([wave([3, 4, 3])]).share < 2e-3)
    }
  }
}
