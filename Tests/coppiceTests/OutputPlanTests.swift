import Documents
import Files
import Foundation
import Testing

@testable import coppice

struct OutputPlanTests {
  private func plan(
    _ arguments: [String], standard: OutputPlan.Standard = .own, json: Bool = false
  ) throws -> (OutputPlan, Prune) {
    let prune = try #require(try Coppice.parseAsRoot(["prune"] + arguments) as? Prune)
    return (try OutputPlan(prune.files, prune.placing, standard: standard, json: json), prune)
  }

  /// What `-o NAME` makes of each kind of input.
  @Test(arguments: [
    ("x.csrm", ContainerKind.kerasH5, ContainerKind.csrm), ("x.keras", .kerasH5, .kerasArchive),
    ("x.h5", .kerasH5, .kerasH5), ("x.hdf5", .hdf5, .hdf5),
    ("x.h5", .keras3WeightsH5, .keras3WeightsH5),
    ("x.h5", .kerasArchive, .kerasH5), ("x.weights.h5", .kerasArchive, .keras3WeightsH5),
    ("x.weights.h5", .kerasWeightsH5, .kerasWeightsH5),
  ])
  func theEndingSaysTheKind(name: String, own: ContainerKind, kind: ContainerKind) throws {
    let (plan, _) = try plan(["a.h5", "-o", name])
    let place = try plan.place(for: "a.h5", container: own, storedAs: own)
    #expect(place.kind == kind)
    #expect(place.destination == .file(name))
  }

  @Test func toOverridesTheEnding() throws {
    let (plan, _) = try plan(["a.h5", "-o", "x.bin", "--to", "csrm"])
    #expect(try plan.place(for: "a.h5", container: .kerasH5, storedAs: .kerasH5).kind == .csrm)
  }

  @Test(arguments: [
    ["a.h5"], ["a.h5", "-o", "x.bin"], ["a.h5", "b.h5", "-o", "x.h5"], ["a.h5", "-o", "-"],
    ["d/a.h5", "e/a.h5", "--output-dir", "out"], ["a.h5", "-o", ""], ["a.h5", "--output-dir", ""],
    ["a.h5", "a.keras", "--output-dir", "out", "--to", "csrm"],
  ])
  func refusesWhatCannotBe(arguments: [String]) {
    let error = #expect(throws: (any Error).self) { try plan(arguments) }
    #expect(error.map { ExitStatus($0) } == .usage)
  }

  /// A folder of the test's own.
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func keepsNamesInAFolder() throws {
    try inFolder { out in
      let (own, _) = try plan(["d/a.hdf5", "--output-dir", out])
      #expect(
        try own.place(for: "d/a.hdf5", container: .hdf5, storedAs: .hdf5).destination
          == .file("\(out)/a.hdf5"))
      let (packed, _) = try plan(["d/a.weights.h5", "--output-dir", out], standard: .csrm)
      #expect(
        try packed.place(for: "d/a.weights.h5", container: .hdf5, storedAs: .hdf5).destination
          == .file("\(out)/a.csrm"))
      let (unpacked, _) = try plan(["d/a.csrm", "--output-dir", out], standard: .original)
      #expect(
        try unpacked.place(for: "d/a.csrm", container: .kerasArchive, storedAs: .csrm).destination
          == .file("\(out)/a.keras"))
    }
  }

  /// A place that cannot be is told when it is settled, before any work.
  @Test func aPlaceThatCannotBeIsRefusedAtOnce() throws {
    try inFolder { folder in
      for arguments in [
        ["-o", folder, "--to", "csrm", "--force"], ["-o", "\(folder)/absent/x.csrm"],
        ["--output-dir", "\(folder)/absent"],
      ] {
        let (plan, _) = try plan(["a.h5"] + arguments)
        let error = #expect(throws: FileError.self) {
          try plan.place(for: "a.h5", container: .kerasH5, storedAs: .kerasH5)
        }
        #expect(error?.fault == .cannotCreate)
      }
    }
  }

  /// `--skip-existing` passes over an output, not over something that cannot be one.
  @Test func onlyAFileIsSkipped() throws {
    try inFolder { folder in
      let (plan, _) = try plan(["a.h5", "-o", folder, "--to", "csrm", "--skip-existing"])
      #expect(plan.skipped("a.h5") == nil)
      #expect(throws: FileError.self) {
        try plan.place(for: "a.h5", container: .kerasH5, storedAs: .kerasH5)
      }
    }
  }

  @Test func aDryRunGoesNowhere() throws {
    let (plan, _) = try plan(["a.h5", "-o", "x.csrm", "--dry-run"])
    let place = try plan.place(for: "a.h5", container: .kerasH5, storedAs: .kerasH5)
    #expect(place.destination == .nowhere)
    #expect(place.kind == .csrm)
  }
}
