import Foundation
import Testing

@testable import Files

struct OutputFileTests {
  /// An empty folder of its own, gone after the test.
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path())
  }

  private func listing(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func appearsOnlyWhenCommitted() throws {
    try inFolder { folder in
      let path = folder + "/out"
      let output = try OutputFile(path: path, replacing: false)
      try output.write([1, 2, 3])
      #expect(!FileManager.default.fileExists(atPath: path))
      try output.commit()
      #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == [1, 2, 3])
      #expect(try listing(folder) == ["out"])
    }
  }

  /// Whether or not something is there, and by whatever way a path goes.
  @Test func placesAreOneHoweverTheyAreSpelt() throws {
    try inFolder { folder in
      let name = folder.split(separator: "/").last.map(String.init) ?? ""
      let (path, other) = (folder + "/out", folder + "/./../\(name)/out")
      #expect(OutputFile.isSamePlace(path, other))
      #expect(!OutputFile.isSamePlace(path, folder + "/in"))
      #expect(!OutputFile.isSamePlace(path, folder + "/nowhere/out"))
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: path)
      #expect(OutputFile.isSamePlace(folder + "/link", path))
      let output = try OutputFile(path: path, replacing: false)
      try output.commit()
      try FileManager.default.linkItem(atPath: path, toPath: folder + "/twin")
      #expect(OutputFile.isSamePlace(other, folder + "/twin"))
      #expect(!OutputFile.isSamePlace(folder + "/in", path))
    }
  }

  @Test func leavesNothingWhenDropped() throws {
    try inFolder { folder in
      do {
        let output = try OutputFile(path: folder + "/out", replacing: false)
        try output.write([1])
      }
      #expect(try listing(folder) == [])
    }
  }

  @Test func refusesWhatIsThere() throws {
    try inFolder { folder in
      let path = folder + "/out"
      try Data([9]).write(to: URL(filePath: path))
      #expect(throws: FileError.exists(path: path)) { try OutputFile(path: path, replacing: false) }
      let output = try OutputFile(path: path, replacing: true)
      try output.write([1])
      try output.commit()
      #expect(try Data(contentsOf: URL(filePath: path)) == Data([1]))
    }
  }

  /// What can be done about it differs by command.
  @Test func whatIsThereCanBeReplacedAndSometimesPassedOver() {
    let plain = FileError.exists(path: "a.npy").description
    #expect(plain == "a.npy: exists. Use --force to replace it.")
    let batch = FileError.exists(path: "a.h5", canBeSkipped: true).description
    #expect(batch == "a.h5: exists. Use --force to replace it or --skip-existing to pass over it.")
  }

  /// Two runs at once: the one that comes second is told, and the first one's bytes stay.
  @Test func ofTwoAtOnceTheSecondIsRefused() throws {
    try inFolder { folder in
      let path = folder + "/out"
      let first = try OutputFile(path: path, replacing: false)
      let second = try OutputFile(path: path, replacing: false)
      try first.write([1])
      try second.write([2])
      try first.commit()
      #expect(throws: FileError.exists(path: path)) { try second.commit() }
      #expect(try Data(contentsOf: URL(filePath: path)) == Data([1]))
    }
  }

  @Test func replacesWhatALinkPointsTo() throws {
    try inFolder { folder in
      try Data([9]).write(to: URL(filePath: folder + "/real"))
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: "real")
      let output = try OutputFile(path: folder + "/link", replacing: true)
      try output.write([1])
      try output.commit()
      #expect(try Data(contentsOf: URL(filePath: folder + "/real")) == Data([1]))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "real")
    }
  }

  /// A link that leads nowhere yet is one to a file that will be there.
  @Test func makesWhatALinkLeadsTo() throws {
    try inFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "/deep", withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: "deep/next")
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/deep/next", withDestinationPath: "real")
      #expect(throws: FileError.exists(path: folder + "/link")) {
        try OutputFile(path: folder + "/link", replacing: false)
      }
      let output = try OutputFile(path: folder + "/link", replacing: true)
      try output.write([1])
      try output.commit()
      #expect(try Data(contentsOf: URL(filePath: folder + "/deep/real")) == Data([1]))
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "deep/next")
      #expect(try listing(folder + "/deep") == ["next", "real"])
    }
  }

  @Test func linksInALoopLeadNowhere() throws {
    try inFolder { folder in
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/loop", withDestinationPath: "loop")
      for replacing in [false, true] {
        let error = #expect(throws: FileError.self) {
          try OutputFile(path: folder + "/loop", replacing: replacing)
        }
        #expect(error?.fault == .cannotCreate)
      }
      #expect(try listing(folder) == ["loop"])
    }
  }

  /// What is there and no regular file stays, whoever runs this and whatever is allowed.
  @Test func neverReplacesAFIFOOrAFolder() throws {
    try inFolder { folder in
      #expect(mkfifo(folder + "/fifo", 0o600) == 0)
      try FileManager.default.createDirectory(
        atPath: folder + "/folder", withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: "fifo")
      for (name, kind) in [
        ("fifo", "a FIFO (named pipe)"), ("folder", "a directory"), ("link", "a FIFO (named pipe)"),
      ] {
        for replacing in [false, true] {
          #expect(
            throws: FileError.cannotCreate(path: folder + "/" + name, reason: "is \(kind)")
          ) { try OutputFile(path: folder + "/" + name, replacing: replacing) }
        }
      }
      #expect(try listing(folder) == ["fifo", "folder", "link"])
      #expect(FileIdentity(folder + "/fifo")?.isRegular == false)
    }
  }

  @Test func aCheckLeavesNothing() throws {
    try inFolder { folder in
      try OutputFile.check(folder + "/out", replacing: false)
      #expect(try listing(folder) == [])
      #expect(throws: FileError.self) {
        try OutputFile.check(folder + "/absent/out", replacing: false)
      }
    }
  }

  @Test func namesAMissingFolder() throws {
    try inFolder { folder in
      let error = #expect(throws: FileError.self) {
        try OutputFile(path: folder + "/absent/out", replacing: false)
      }
      #expect(error?.fault == .cannotCreate)
    }
  }

  /// Long runs are sent to the disk on the way, in whatever order they come.
  @Test func longRunsAtAnyPlaceComeBack() throws {
    try inFolder { folder in
      let run = (0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 / 251) }
      let output = try OutputFile(path: folder + "/out", replacing: false)
      try run.withUnsafeBytes { try output.write($0, at: run.count + 5) }
      try run.withUnsafeBytes { try output.write($0, at: 5) }
      try output.commit()
      let found = try [UInt8](Data(contentsOf: URL(filePath: folder + "/out")))
      #expect(found == [0, 0, 0, 0, 0] + run + run)
    }
  }
}
