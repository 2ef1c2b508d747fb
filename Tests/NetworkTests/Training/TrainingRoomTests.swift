import Keras
import Testing

@testable import Network

/// A batch that would not fit is refused before room for it is asked for.
struct TrainingRoomTests {
  /// LeNet-300-100 keeps at least what its two hidden layers give, 400 floats a row, for the way back.
  @Test func batchesHaveToFit() throws {
    let opened = try ModelFile.open("fixtures/models/lenet_300_100.keras")
    let network = try Network(opened.model, path: opened.path)
    func training(batch: Int, memory: Int?) throws -> Training {
      var options = Training.Options()
      options.memory = memory
      return try Training(
        network, of: opened.model, targets: [.classes], batch: batch, options: options)
    }
    #expect(try training(batch: 100, memory: 100 << 20).batch == 100)
    #expect(try training(batch: 100, memory: nil).batch == 100)
    let error = #expect(throws: NetworkError.self) {
      try training(batch: 100, memory: 4 * 400 * 100)
    }
    #expect(error?.fault == .usage && error?.description.contains("--batch-size") == true)
    // 1.5 TiB at least, which nobody may ask for.
    #expect(throws: NetworkError.self) { try training(batch: 1 << 30, memory: 1 << 40) }
  }
}
