import Keras
import Testing

@testable import Network

/// Expected numbers are those of Keras 3.15 for the layer and the same values.
struct PreprocessingTests {
  /// `keras.layers.Resizing(3, 2)` of the image `[[1, 2, 3], [4, 5, 6]]`.
  @Test func imagesOfAnotherSize() throws {
    let image: LayerTrial.Array = ([1, 2, 3, 1], [1, 2, 3, 4, 5, 6])
    var trial = LayerTrial(className: "Resizing", config: #"{"height": 3, "width": 2}"#)
    #expect(agree(try trial.output(image).values, [1.25, 2.75, 2.75, 4.25, 4.25, 5.75]))
    trial.config = #"{"height": 3, "width": 2, "interpolation": "nearest"}"#
    #expect(try trial.output(image).values == [1, 3, 4, 6, 4, 6])
    for option in ["\"antialias\": true", "\"interpolation\": \"lanczos3\"", "\"width\": 0"] {
      trial.config = "{\"height\": 3, \"width\": 2, \(option)}"
      #expect(throws: (any Error).self, "\(option)") { try trial.output(image) }
    }
  }

  @Test func theMiddleOfImages() throws {
    var trial = LayerTrial(className: "CenterCrop", config: #"{"height": 1, "width": 2}"#)
    let image: LayerTrial.Array = ([1, 3, 3, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(try trial.output(image).values == [4, 5])
    trial.config = #"{"height": 4, "width": 2}"#
    #expect(throws: LayerFault.self) { try trial.output(image) }
  }

  @Test(
    arguments: [
      ("CategoryEncoding", #"{"num_tokens": 3}"#, [1, 0, 1]),
      ("CategoryEncoding", #"{"num_tokens": 3, "output_mode": "count"}"#, [1, 0, 2]),
      (
        "CategoryEncoding", #"{"num_tokens": 3, "output_mode": "one_hot"}"#,
        [0, 0, 1, 1, 0, 0, 0, 0, 1]
      ),
      ("Discretization", #"{"bin_boundaries": [0, 2]}"#, [2, 1, 2]),
      ("Discretization", #"{"bin_boundaries": [0.5, 3], "output_mode": "multi_hot"}"#, [1, 1, 0]),
    ] as [(String, String, [Float])])
  func numbersAsCodes(name: String, config: String, expected: [Float]) throws {
    let trial = LayerTrial(className: name, config: config)
    #expect(try trial.output(([1, 3], [2, 0, 2])).values == expected)
  }

  @Test(
    arguments: [
      ("CategoryEncoding", "{}"), ("CategoryEncoding", #"{"num_tokens": 3, "sparse": true}"#),
      ("CategoryEncoding", #"{"num_tokens": 3, "output_mode": "int"}"#),
      ("Discretization", #"{"num_bins": 3}"#), ("Discretization", #"{"bin_boundaries": [2, 1]}"#),
    ])
  func codesThatAreRefused(name: String, config: String) throws {
    let trial = LayerTrial(className: name, config: config)
    #expect(throws: LayerFault.self) { try trial.output(([1, 3], [2, 0, 2])) }
  }
}
