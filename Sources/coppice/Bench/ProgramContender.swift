import Files

/// A program that compresses a file from standard input to standard output, on one thread.
struct ProgramContender: Contender {
  let name: String
  let title: String
  /// What it is told, given the bytes of the file.
  let packing: @Sendable (Int) -> [String]
  /// Variables by which users set other levels.
  let settings: [String]

  static let gzip = ProgramContender(
    name: "gzip", title: "gzip -9", packing: { _ in ["-9", "-c"] }, settings: ["GZIP"])
  // Told how long its input is, zstd suits itself to it, as it does where it opens a file itself.
  static let zstd = ProgramContender(
    name: "zstd", title: "zstd -19",
    packing: { ["-19", "-T1", "-q", "-c", "--stream-size=\($0)"] },
    settings: ["ZSTD_CLEVEL", "ZSTD_NBTHREADS"])
  static let xz = ProgramContender(
    name: "xz", title: "xz -9e", packing: { _ in ["-9e", "-T1", "-q", "-c"] },
    settings: ["XZ_OPT", "XZ_DEFAULTS"])

  func trial(on subject: BenchSubject) throws -> Trial {
    guard let program = Program(named: name) else { throw Absent(reason: "not installed") }
    let run = try run(program, on: subject.path, bytes: subject.bytes)
    try run.back.require(holding: [subject.plain.file], program: name)
    return Trial(bytes: run.packed.size, packing: run.packing, unpacking: run.unpacking)
  }

  /// Both ways: what the program made of the file at `path`, what it gave back, and the seconds.
  func run(_ program: Program, on path: String, bytes: Int) throws -> (
    packed: OutputFile, back: OutputFile, packing: Double, unpacking: Double
  ) {
    let packed = try Scratch.file()
    let packing = Stopwatch()
    try Scratch.run(
      program, self.packing(bytes), input: path, output: packed, hiding: settings)
    let inSeconds = packing.seconds

    let back = try Scratch.file()
    let unpacking = Stopwatch()
    try Scratch.run(
      program, ["-d", "-c"], input: packed.temporaryPath, output: back, hiding: settings)
    return (packed, back, inSeconds, unpacking.seconds)
  }
}
