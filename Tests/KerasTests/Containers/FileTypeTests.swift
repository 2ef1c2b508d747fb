import Documents
import Files
import Testing

@testable import Keras

struct FileTypeTests {
  let folder = try? TemporaryFolder()

  func failure(_ bytes: [UInt8]) throws -> KerasError? {
    let file = try #require(folder).write(bytes, as: "model.h5")
    return #expect(throws: KerasError.self) { try ModelFile.open(file, name: "model.h5") }
  }

  @Test(arguments: [
    ("", "empty"), ("version https://git-lfs.github.com/spec/v1\noid", "LFS"),
    ("<!DOCTYPE html>\n<html>", "HTML"),
    ("\n <html><head>", "HTML"), ("{\"error\": 1}", "JSON"), ("\u{1f}", "nothing that is known"),
    ("keras", "nothing that is known"),
  ])
  func strangersAreNamed(text: String, word: String) throws {
    let error = try failure(Array(text.utf8))
    #expect(error?.description.contains(word) == true)
    #expect(error?.description.contains("not HDF5, not .keras, not .csrm") == true)
    #expect(error?.fault == .damaged)
  }

  @Test(
    arguments: [
      ([0x1F, 0x8B, 8, 0], "gzip"), ([0x80, 4, 0x95, 11], "pickle"),
      ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz"),
      ([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D, 0x20, 0], "safetensors"), ([0x89], "nothing"),
      ([UInt8](repeating: 0, count: 4096), "nothing"),
    ] as [([UInt8], String)])
  func binaryStrangersAreNamed(bytes: [UInt8], word: String) throws {
    #expect(try failure(bytes)?.description.contains(word) == true)
  }

  /// A member of an archive may begin where HDF5 would behind a block of the user's.
  @Test func archivesWithHDF5AtARoundPlaceAreArchives() throws {
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    let padding = [UInt8](repeating: 0, count: 1020)
    #expect(
      try FileType(of: MemoryBytes([0x50, 0x4B, 3, 4] + padding + signature + padding)) == .zip)
    #expect(try FileType(of: MemoryBytes([0, 0, 0, 0] + padding + signature + padding)) == .hdf5)
  }

  @Test func layoutsOfHDF5() {
    func kind(_ build: (inout DraftDocument) -> Void) -> ContainerKind {
      var draft = DraftDocument()
      build(&draft)
      return HDF5File.kind(of: draft.document())
    }
    #expect(HDF5File.kind(of: twoDenseFile().document()) == .kerasH5)
    #expect(HDF5File.kind(of: twoDenseFile(nil).document()) == .kerasH5)
    #expect(
      kind {
        $0.group("", Attribute.names("layer_names", ["vars"]))
        $0.group("vars")
        $0.group("model_weights")
      } == .kerasWeightsH5)
    #expect(kind { $0.group("layers/dense/vars") } == .keras3WeightsH5)
    #expect(kind { $0.group("vars") } == .keras3WeightsH5)
    #expect(kind { $0.group("_layer_checkpoint_dependencies/dense/vars") } == .keras3WeightsH5)
    #expect(kind { $0.group("layers/geology") } == .hdf5)
    #expect(kind { $0.add(numbers(3), at: "experiment/temperature") } == .hdf5)
  }

  @Test func plainTreesOfTensors() throws {
    var draft = DraftDocument()
    draft.add(numbers(3), at: "b/vector")
    draft.add(numbers(2, 2), at: "a/matrix")
    let found = try readModel(draft.document().container)
    #expect(found.tensors.map(\.name) == ["a/matrix", "b/vector"])
    #expect(found.tensors.map(\.isPrunable) == [true, false])
    #expect(found.notes.contains { $0.contains("no Keras model") })
    let error = #expect(throws: KerasError.self) {
      try readModel(DraftDocument().document().container)
    }
    #expect(error?.description.contains("no model") == true)
  }

  @Test func configurationWithoutWeights() {
    var draft = DraftDocument()
    draft.group("", [.text("model_config", twoDense.text())])
    let error = #expect(throws: KerasError.self) { try readModel(draft.document().container) }
    #expect(error?.description.contains("model_weights") == true)
  }
}
