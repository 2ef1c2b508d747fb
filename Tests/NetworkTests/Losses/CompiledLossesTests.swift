import JSON
import Testing

@testable import Network

/// Training configurations as Keras 1 to 3 write them for models of one and of two outputs.
struct CompiledLossesTests {
  private func losses(_ loss: String, weights: String? = nil, outputs: [String] = ["a", "b"])
    throws -> CompiledLosses
  {
    try CompiledLosses(
      JSON.parse(loss), weights: weights.map { try JSON.parse($0) }, outputs: outputs)
  }

  @Test func oneLossIsForAllOutputs() throws {
    let found = try losses(#""mse""#)
    #expect(found.settings.map { $0?.name } == ["mse", "mse"])
    #expect(found.weights == [1, 1])
  }

  @Test func listsGoInOrder() throws {
    let found = try losses(
      #"["mse", {"class_name": "Huber", "config": {"delta": 2.0, "fn": "huber"}}]"#,
      weights: "[1, 0.5]")
    #expect(found.settings.map { $0?.name } == ["mse", "Huber"])
    #expect(found.settings[1]?.config["delta"] == 2.0)
    #expect(found.weights == [1, 0.5])
    #expect(try losses(#"[null, "mae"]"#).settings.map { $0?.name } == [nil, "mae"])
    #expect(try losses(#"["mae"]"#, outputs: ["a"]).settings.map { $0?.name } == ["mae"])
  }

  @Test func objectsGoByName() throws {
    let found = try losses(
      #"{"b": "mse", "a": {"module": "keras.losses", "class_name": "CategoricalCrossentropy", "config": {"label_smoothing": 0.1}, "registered_name": null}}"#,
      weights: #"{"a": 1.0, "b": 0.2}"#)
    #expect(found.settings.map { $0?.name } == ["CategoricalCrossentropy", "mse"])
    #expect(found.weights == [1, 0.2])
    #expect(try losses(#"{"b": "mse"}"#).settings.map { $0?.name } == [nil, "mse"])
  }

  @Test func noLossIsNoLoss() throws {
    #expect(try losses("null") == CompiledLosses(outputs: 2))
    #expect(try CompiledLosses(nil, weights: nil, outputs: ["a"]) == CompiledLosses(outputs: 1))
  }

  @Test(arguments: [#"["mse"]"#, #"{"c": "mse"}"#, "3", #"[{"config": {}}, "mse"]"#])
  func whatFitsNoOutputsIsRefused(loss: String) throws {
    #expect(throws: LossFault.self) { try losses(loss) }
    #expect(throws: LossFault.self) { try losses(#""mse""#, weights: "[1]") }
    #expect(throws: LossFault.self) { try losses(#""mse""#, weights: #"["x", 1]"#) }
  }
}
