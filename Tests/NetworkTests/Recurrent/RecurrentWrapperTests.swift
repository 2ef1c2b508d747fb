import Keras
import Testing

@testable import Network

/// Expected numbers are Keras 3.15.1's on TensorFlow, on `sin(arange(n))` and with variable `i` of the
/// model set to the same from `i + 1` on.
struct RecurrentWrapperTests {
  private let x = wave([2, 3, 2])

  private func bidirectional(
    _ className: String, _ options: String, mode: String, version: String? = nil,
    masking: Bool = false
  ) -> ModelTrial {
    func layer(_ name: String, backwards: Bool) -> String {
      #"{"class_name": "\#(className)", "config": {"name": "\#(name)", "units": 2, "#
        + #""go_backwards": \#(backwards), \#(options)}}"#
    }
    let age = version.flatMap { KerasAge(version: $0) } ?? .three
    let config =
      #"{"name": "b", "merge_mode": \#(mode), "layer": \#(layer("f", backwards: false))"#
      + (age == .three ? #", "backward_layer": \#(layer("r", backwards: true))}"# : "}")
    return ModelTrial(
      age: age, kerasVersion: version,
      layers: (masking ? [("Masking", #"{"name": "k", "trainable": true, "mask_value": 2}"#)] : [])
        + [("Bidirectional", config)])
  }

  private func check(_ y: LayerTrial.Array, _ shape: [Int], _ expected: [Float]) {
    #expect(y.shape == shape)
    #expect(agree(y.values, expected), "\(y.values)")
  }

  /// Two layers' outputs, the second's turned back into the order of time.
  @Test func bothDirections() throws {
    let y = try bidirectional("GRU", #""return_sequences": true"#, mode: #""concat""#).outputs(x)[0]
    let forward: [Float] = [
      -0.02836718, 0.3922184, -0.07038608, 0.5406111, 0.5193632, 0.9508799, 0.1025936, 0.5388445,
      0.03764604, 0.5368266, 0.5054536, 0.9426372,
    ]
    let backward: [Float] = [
      -0.1134125, -0.542663, -0.03171872, -0.3877653, -0.4252122, -0.05855486, -0.2731555,
      -0.5495499, 0.2295844, -0.4054613, -0.4566036, -0.06813595,
    ]
    var both: [Float] = []
    for step in 0..<6 {
      both += forward[2 * step..<2 * step + 2]
      both += backward[2 * step..<2 * step + 2]
    }
    check(y, [2, 3, 4], both)
    let product = try bidirectional("GRU", #""return_sequences": true"#, mode: #""mul""#).outputs(x)
    check(product[0], [2, 3, 2], zip(forward, backward).map { $0 * $1 })
  }

  /// TensorFlow's Keras makes masked steps zero, older ones repeat what came before.
  @Test(arguments: ["2.2.4", "2.2.4-tf", "2.15.0"])
  func maskedSteps(version: String) throws {
    var given = x
    given.values.replaceSubrange(2..<4, with: [2, 2])
    let y = try bidirectional(
      "SimpleRNN", #""return_sequences": true"#, mode: #""concat""#, version: version,
      masking: true
    ).outputs(given)[0].values
    let (before, masked) = (Array(y[0..<2]), Array(y[4..<6]))
    #expect(masked == (version == "2.2.4" ? before : [0, 0]))
  }

  @Test func twoLayersInOneDirectionAreRefused() {
    let layer = #"{"class_name": "GRU", "config": {"name": "f", "units": 2}}"#
    let trial = ModelTrial(layers: [
      ("Bidirectional", #"{"name": "b", "layer": \#(layer), "backward_layer": \#(layer)}"#)
    ])
    #expect(throws: NetworkError.self) { try trial.outputs(x) }
  }

  /// A list of cells is a chain of layers, here from the last step to the first.
  @Test func cells() throws {
    let cells = #"""
      [{"class_name": "LSTMCell", "config": {"name": "a", "units": 2}},
       {"class_name": "GRUCell", "config": {"name": "b", "units": 3}}]
      """#
    let trial = ModelTrial(layers: [
      (
        "RNN",
        #"{"name": "r", "go_backwards": true, "return_sequences": true, "cell": {"class_name": "StackedRNNCells", "config": {"name": "s", "cells": \#(cells)}}}"#
      )
    ])
    check(
      try trial.outputs(x)[0], [2, 3, 3],
      [
        -0.08920079, 0.1461314, 0.2514262, -0.1068199, 0.2990354, 0.4326349, -0.1822681, 0.2067399,
        0.3557491, -0.08976306, 0.1447783, 0.2501649, -0.1072362, 0.2994791, 0.434633, -0.1732401,
        0.2291227, 0.3675833,
      ])
  }

  @Test func stepsOfSteps() throws {
    let trial = ModelTrial(layers: [
      (
        "TimeDistributed",
        #"{"name": "t", "layer": {"class_name": "LSTM", "config": {"name": "l", "units": 2}}}"#
      )
    ])
    check(
      try trial.outputs(wave([1, 2, 3, 2]))[0], [1, 2, 2],
      [0.0625544, 0.0852131, 0.06863414, 0.09659775])
  }

  @Test func ownCellsAreRefused() {
    let trial = ModelTrial(layers: [
      ("RNN", #"{"name": "r", "cell": {"class_name": "MyCell", "config": {"name": "c"}}}"#)
    ])
    #expect(throws: NetworkError.self) { try trial.outputs(x) }
  }
}
