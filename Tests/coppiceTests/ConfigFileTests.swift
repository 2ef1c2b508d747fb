import Foundation
import Testing

@testable import coppice

struct ConfigFileTests {
  private func with(_ json: String, _ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data(json.utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path())
  }

  @Test func takesTheCommandObjectOfAReport() throws {
    let report = """
      {"schema": "coppice.prune/1", "command": {"name": "prune", "files": ["a.h5"], "sparsity": "0.9",
       "exclude": ["conv1", "dense*"], "skip-first": true, "seed": 7, "output": "b.csrm"}}
      """
    try with(report) { path in
      let prune = try #require(try ConfigFile.parse(["--config", path]) as? Prune)
      #expect(prune.files == ["a.h5"])
      #expect(prune.target.sparsity?.fraction == 0.9)
      #expect(prune.selecting.exclude.map(\.argumentText) == ["conv1", "dense*"])
      #expect(prune.selecting.skipFirst)
      #expect(prune.ranking.seed == 7)
      #expect(prune.placing.output == "b.csrm")
    }
  }

  /// A command of two words, typed or in the file.
  @Test(arguments: [
    [], ["bench", "size"], ["bench", "size", "--rounds", "2"],
  ])
  func aCommandOfTwoWords(typed: [String]) throws {
    try with(#"{"name": "bench size", "rounds": 2, "files": ["a.h5"]}"#) { path in
      let bench = try #require(
        try ConfigFile.parse(typed + ["--config", path]) as? BenchSize)
      #expect(bench.rounds == 2 && bench.files == ["a.h5"])
    }
  }

  @Test func whatWasTypedWins() throws {
    try with(#"{"sparsity": 0.5, "files": ["a.h5"]}"#) { path in
      let typed = ["prune", "--config", path, "--sparsity", "0.8", "c.h5"]
      let prune = try #require(try ConfigFile.parse(typed) as? Prune)
      #expect(prune.target.sparsity?.fraction == 0.8)
      #expect(prune.files == ["c.h5"])
    }
  }

  /// The record that a report carries gives the same options again.
  @Test func aRecordGivesTheSameRun() throws {
    let line = [
      "prune", "a.h5", "b.h5", "--sparsity", "90%", "--set", "conv*=0.5", "--criterion", "lamp",
      "--skip-last", "--output-dir", "out", "--jobs", "2", "--store", "deflate", "--to", "keras-h5",
    ]
    let first = try #require(try ConfigFile.parse(line) as? Prune)
    let record = CommandRecord.json(of: first)
    try with(record.text()) { path in
      let second = try #require(try ConfigFile.parse(["--config", path]) as? Prune)
      #expect(CommandRecord.json(of: second) == record)
      #expect(second.files == ["a.h5", "b.h5"])
      #expect(second.target.set.map(\.pattern) == ["conv*"])
    }
  }

  @Test(arguments: [
    "[]", "{", #"{"sparsity": {"x": 1}}"#, #"{"config": "x"}"#, #"{"unknown-option": 1}"#,
  ])
  func refusesWhatIsNoOptions(json: String) throws {
    try with(json) { path in
      let error = #expect(throws: (any Error).self) {
        try ConfigFile.parse(["prune", "--config", path])
      }
      #expect(error.map { ExitStatus($0) } == .usage)
    }
  }
}
