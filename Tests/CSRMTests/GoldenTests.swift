import Files
import Foundation
import Testing

@testable import CSRM

struct GoldenTests {
  private static let records = ProcessInfo.processInfo.environment["COPPICE_RECORD"] != nil

  @Test(arguments: Golden.good.map(\.name)) func goodFilesHoldWhatTheyHeld(name: String) throws {
    let golden = try #require(Golden.good.first { $0.name == name })
    let path = Golden.folder.appending(components: "good", "\(name).csrm")
    let expected = Golden.folder.appending(components: "good", "\(name).json")
    let made = try golden.make()
    if GoldenTests.records {
      try Data(made).write(to: path)
      let json = try JSONSerialization.data(
        withJSONObject: Golden.expectation(Models.open(made)),
        options: [.prettyPrinted, .sortedKeys])
      try (json + Data("\n".utf8)).write(to: expected)
      Issue.record("\(name).csrm was written anew: look at the difference, then run again")
      return
    }
    let file = try PackedFile(MappedFile(path: path.path), name: name)
    #expect(file.verify().damage == [])
    let found = try JSONSerialization.data(
      withJSONObject: Golden.expectation(file), options: [.prettyPrinted, .sortedKeys])
    #expect(try found + Data("\n".utf8) == Data(contentsOf: expected))
    // A writer of this version makes the same file of the same container. (Deflate streams are
    // those of zlib 1.2.13 and 1.3; another zlib may find shorter ones.)
    #expect(try Data(made) == Data(contentsOf: path))
  }

  @Test(arguments: Golden.refused.map(\.name)) func refusedFilesAreRefused(name: String) throws {
    let golden = try #require(Golden.refused.first { $0.name == name })
    let path = Golden.folder.appending(components: "refused", "\(name).csrm")
    let made = try golden.make()
    if GoldenTests.records {
      try Data(made).write(to: path)
      Issue.record("\(name).csrm was written anew")
      return
    }
    #expect(try Data(made) == Data(contentsOf: path))
    let source = try MappedFile(path: path.path)
    #expect(PackedFile.recognises(source))
    // Refused when it is opened; only what lies inside a block shows later.
    if let file = try? PackedFile(source, name: name) {
      #expect(["bitmask-count", "levels-level", "name-marks-missing", "static-state"].contains(name))
      #expect(!file.verify().isWhole)
    }
  }

  @Test func everyFileHasItsTest() throws {
    for (folder, names) in [
      ("good", Golden.good.map(\.name)), ("refused", Golden.refused.map(\.name)),
    ] {
      let files = try FileManager.default.contentsOfDirectory(
        atPath: Golden.folder.appending(component: folder).path)
      #expect(Set(files.filter { $0.hasSuffix(".csrm") }) == Set(names.map { "\($0).csrm" }))
    }
    let index = try String(
      contentsOf: Golden.folder.appending(component: "INDEX.md"), encoding: .utf8)
    for name in Golden.good.map(\.name) + Golden.refused.map(\.name) {
      #expect(index.contains("`\(name)`"), "\(name)")
    }
  }
}
