import Documents
import Files
import Foundation
import Testing

@testable import Keras

struct ModelFileTests {
  let folder = try? TemporaryFolder()

  /// What `fixtures/INDEX.md` says of the files.
  @Test(arguments: [
    ("lenet_300_100.keras", "keras-archive", 266_610, 3, "3."),
    ("dsconv.keras", "keras-archive", 19_434, 10, "3."),
    ("row_lstm.keras", "keras-archive", 57_482, 5, "3."),
    ("patch_transformer.weights.h5", "keras3-weights-h5", 76_042, 22, nil),
    ("mmsplice_intron3.h5", "keras-h5", 13_825, 2, "2.1.3"),
    ("mnist_mlp_98.15.h5", "keras-weights-h5", 118_282, 3, nil),
    ("deepxplore_mnist_model3.h5", "keras-weights-h5", 107_786, 5, "2.0.8"),
    ("str_ww_ref_model.h5", "keras-h5", 47_707, 9, "2.14.0"),
  ])
  func fixtures(name: String, kind: String, parameters: Int, prunable: Int, version: String?) throws
  {
    let opened = try ModelFile.open("\(KerasTests.fixtures)/models/\(name)")
    #expect(opened.storedAs.rawValue == kind && opened.container.kind == opened.storedAs)
    #expect(opened.model.problems.isEmpty)
    let weights = opened.model.tensors.filter { $0.role != .optimizer }
    #expect(weights.reduce(0) { $0 + $1.count } == parameters)
    #expect(weights.count { $0.isPrunable } == prunable)
    #expect(weights.allSatisfy { $0.role != .other })
    #expect(weights.allSatisfy { $0.isPrunable == ($0.whyNot == nil) })
    if let version {
      #expect(opened.model.kerasVersion?.hasPrefix(version) == true)
    } else {
      #expect(opened.model.kerasVersion == nil)
    }
    #expect(Set(weights.map(\.name)).count == weights.count)
  }

  /// Files of Keras 1.2.2 and 2.2.4: every tensor has a role, and the weights stand in the order of
  /// `get_weights`, whose shapes the file beside tells.
  @Test(arguments: ["1.2.2", "2.2.4"])
  func oldFiles(version: String) throws {
    let folder = "\(KerasTests.fixtures)/keras-old/\(version)"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
      $0.hasSuffix(".h5")
    }
    #expect(names.count > 20)
    for name in names {
      let whole = name.replacing(".weights_legacy.h5", with: ".h5")
      let options = OpenOptions(configFrom: name == whole ? nil : "\(folder)/\(whole)")
      let model = try ModelFile.open("\(folder)/\(name)", options: options).model
      #expect(model.problems.isEmpty, "\(name): \(model.problems)")
      #expect(model.graph != nil)
      let weights = model.tensors.filter { $0.role != .optimizer }
      #expect(weights.allSatisfy { $0.role != .other }, "\(name)")
      #expect(weights.contains { $0.isPrunable })
    }
  }

  /// Written again as what it is, a file means the same, and its tensors hold the same bytes.
  @Test(arguments: [
    "dsconv.keras", "row_lstm.keras", "mmsplice_intron3.h5", "patch_transformer.weights.h5",
    "mnist_mlp_98.15.h5",
  ])
  func writtenAgain(name: String) throws {
    let opened = try ModelFile.open("\(KerasTests.fixtures)/models/\(name)")
    let path = try #require(folder).file(name)
    let output = try OutputFile(path: path, replacing: false)
    try ModelFile.write(opened, as: opened.container.kind, to: output)
    try output.commit()
    let again = try ModelFile.open(path)
    #expect(again.container.kind == opened.container.kind)
    #expect(again.model.tensors.map(\.path) == opened.model.tensors.map(\.path))
    for (one, other) in zip(opened.model.tensors, again.model.tensors) {
      let (a, b) = (try #require(one.source), try #require(other.source))
      #expect(try a.isSame(as: b))
    }
    #expect(again.container.parts.map(\.name) == opened.container.parts.map(\.name))
    #expect(again.container.parts.map(\.member) == opened.container.parts.map(\.member))
    #expect(again.model.config == opened.model.config)
    #expect(try FileManager.default.contentsOfDirectory(atPath: #require(folder).path) == [name])
  }

  @Test func tensorsOfStoredMembersLieInTheFile() throws {
    let opened = try ModelFile.open("\(KerasTests.fixtures)/models/lenet_300_100.keras")
    let bytes = try opened.file.bytes()
    for tensor in opened.model.tensors {
      let source = try #require(tensor.source)
      let offset = try #require(source.fileOffset)
      #expect(try Array(bytes[offset..<offset + source.count]) == source.bytes())
    }
  }

  @Test func architectureFromElsewhere() throws {
    let models = "\(KerasTests.fixtures)/models"
    let json = try ModelFile.open(
      "\(models)/mnist_mlp_98.15.h5",
      options: OpenOptions(configFrom: "\(models)/mnist_mlp_98.15.json"))
    #expect(json.model.graph?.layers.count ?? 0 > 2)
    #expect(json.model.tensors[0].layerClass == "Dense" && json.model.problems.isEmpty)
    #expect(throws: KerasError.self) {
      try ModelFile.open(
        "\(models)/mnist_mlp_98.15.h5",
        options: OpenOptions(configFrom: "\(models)/deepxplore_mnist_model3.h5"))
    }
    let wrong = try ModelFile.open(
      "\(models)/mnist_mlp_98.15.h5",
      options: OpenOptions(configFrom: "\(models)/mmsplice_intron3.h5"))
    #expect(!wrong.model.problems.isEmpty)
  }

  @Test func damagedArchives() throws {
    let file = try MappedFile(path: "\(KerasTests.fixtures)/models/lenet_300_100.keras")
    let folder = try #require(folder)
    func failure(_ bytes: [UInt8]) throws -> (any Reportable)? {
      let path = folder.file("damaged-\(bytes.count).keras")
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      do {
        _ = try ModelFile.open(path)
        return nil
      } catch let error as any Reportable {
        return error
      }
    }
    var bytes = try file.bytes()
    bytes[bytes.count / 2] ^= 1
    #expect(try failure(bytes)?.description.contains("CRC") == true)
    #expect(try failure(Array(bytes.dropLast(100)))?.fault == .damaged)
    #expect(try failure(Array(bytes.prefix(100)))?.description.contains("truncated") == true)
  }
}
