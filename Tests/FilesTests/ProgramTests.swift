import Foundation
import Testing

@testable import Files

struct ProgramTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path())
  }

  private func shell() throws -> Program { try #require(Program(named: "sh")) }

  @Test func isFoundByNameOrNotAtAll() throws {
    #expect(try shell().path.hasSuffix("/sh"))
    #expect(Program(named: "no-such-program-anywhere") == nil)
    #expect(Program(named: "../bin/sh")?.path.hasSuffix("/../bin/sh") ?? true)
  }

  /// What it prints replaces all that was in the file, however long that was.
  @Test func readsOneFileAndWritesAnother() throws {
    try inFolder { folder in
      let (input, output) = (folder + "/in", folder + "/out")
      try Data("abc\n".utf8).write(to: URL(filePath: input))
      try Data(repeating: 9, count: 1000).write(to: URL(filePath: output))
      try shell().run(["-c", "tr a-z A-Z; echo \"$1\"; echo lost >&2", "sh", "$HOME; *"], input: input, output: output)
      #expect(try String(contentsOfFile: output, encoding: .utf8) == "ABC\n$HOME; *\n")
    }
  }

  @Test func readsNothingWhereNothingIsGiven() throws {
    try shell().run(["-c", "! read line"])
  }

  @Test func saysHowItEnded() throws {
    #expect(throws: ProgramError.failed(program: "sh", code: 3)) {
      try shell().run(["-c", "exit 3"])
    }
    #expect(throws: ProgramError.killed(program: "sh", signal: SIGTERM)) {
      try shell().run(["-c", "kill -TERM $$"])
    }
    try inFolder { folder in
      #expect(throws: ProgramError.self) { try shell().run([], input: folder + "/missing") }
    }
  }

  @Test func hidesVariables() throws {
    setenv("COPPICE_PROGRAM_TEST", "1", 1)
    defer { unsetenv("COPPICE_PROGRAM_TEST") }
    let asks = ["-c", "[ \"${COPPICE_PROGRAM_TEST-}\" = 1 ] && [ -n \"$PATH\" ]"]
    try shell().run(asks)
    #expect(throws: ProgramError.failed(program: "sh", code: 1)) {
      try shell().run(asks, hiding: ["COPPICE_PROGRAM_TEST"])
    }
  }

  /// Signals that this process ignores work in a program again.
  @Test func doesNotInheritIgnoredSignals() throws {
    let before = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, before) }
    #expect(throws: ProgramError.killed(program: "sh", signal: SIGPIPE)) {
      try shell().run(["-c", "kill -PIPE $$; exit 0"])
    }
  }
}
