import Documents
import Files
import Testing

@testable import Keras

/// HDF5 files without a Keras model: a tree of arrays, of which some are no numbers.
struct PlainTreeTests {
  private func container(_ others: [(String, Dataset)]) -> Container {
    var draft = DraftDocument()
    draft.add(numbers(3, 2), at: "w")
    for (path, dataset) in others { draft.add(dataset, at: path) }
    return draft.document().container
  }

  /// Nothing needs them, so they are no problem: they are left alone, with the reason.
  @Test func arraysThatAreNoNumbersAreLeftAlone() throws {
    let text = Dataset(
      type: .string(length: 2, padding: .nullPadded, isUTF8: false), space: .simple([2]),
      value: .plain(MemoryBytes([97, 98, 99, 0])))
    let empty = Dataset(type: .float(.init(ieee: 4)), space: .null, value: .unwritten)
    let reference = Dataset(type: .objectReference, space: .simple([1]), value: .portable([1]))
    let model = try readModel(
      container([("names", text), ("nothing", empty), ("where", reference)]))
    #expect(model.problems.isEmpty)
    #expect(throws: Never.self) { try model.checkSound(path: "x.h5") }
    #expect(model.tensors.filter(\.isPrunable).map(\.name) == ["w"])
    #expect(model.tensors.filter { !$0.isPrunable }.allSatisfy { $0.whyNot != nil })
  }

  /// Values that cannot be decoded could not be written again.
  @Test func whatCannotBeDecodedIsAProblem() throws {
    let packed = Dataset(
      type: .float(.init(ieee: 4)), space: .simple([2, 2]),
      value: .unreadable(reason: "filter 32015"))
    let model = try readModel(container([("x", packed)]))
    #expect(model.problems.map(\.kind) == [.unsupported])
  }
}
