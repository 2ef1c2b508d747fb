import Testing

@testable import coppice

struct ArgumentTests {
  @Test(arguments: [
    ("0.9", 0.9), ("90%", 0.9), ("1", 1), ("0", 0), ("100%", 1), ("99.5%", 0.995),
  ])
  func readsASparsity(text: String, fraction: Double) throws {
    #expect(try #require(Sparsity(argument: text)).fraction == fraction)
  }

  @Test(arguments: ["90", "-0.1", "1.1", "101%", "nan", "", "%", "half"])
  func refusesWhatIsNoShare(text: String) {
    #expect(Sparsity(argument: text) == nil)
  }

  @Test(arguments: [
    ("0", 0), ("200", 200), ("200KB", 200_000), ("200kb", 200_000), ("1.5MB", 1_500_000),
    ("1MiB", 1_048_576), ("2G", 2_000_000_000),
  ])
  func readsASize(text: String, bytes: Int) throws {
    #expect(try #require(ByteSize(argument: text)).bytes == bytes)
  }

  @Test(arguments: ["", "KB", "-1", "1XB", "1e99TB", "1.2.3"])
  func refusesWhatIsNoSize(text: String) {
    #expect(ByteSize(argument: text) == nil)
  }

  @Test func readsAPattern() throws {
    let pattern = try #require(PatternArgument(argument: "2:4"))
    #expect((pattern.kept, pattern.of) == (2, 4))
    for text in ["4:2", "2:0", "2", "2:4:8", "a:b", "-1:4"] {
      #expect(PatternArgument(argument: text) == nil)
    }
  }

  @Test func readsATensorTarget() throws {
    let target = try #require(TensorTarget(argument: "conv=1/*=50%"))
    #expect(target.pattern == "conv=1/*")
    #expect(target.sparsity.fraction == 0.5)
    #expect(TensorTarget(argument: "=0.5") == nil)
    #expect(TensorTarget(argument: "conv") == nil)
  }

  @Test func readsARequirement() throws {
    let size = try #require(Requirement(argument: "bytes <= 200KB"))
    #expect(size.holds(for: 200_000))
    #expect(!size.holds(for: 200_001))
    let sparsity = try #require(Requirement(argument: "sparsity>=90%"))
    #expect(sparsity.holds(for: 0.9))
    #expect(!sparsity.holds(for: 0.89))
    for text in ["bytes=3", "speed>=1", "ratio>=fast", ""] {
      #expect(Requirement(argument: text) == nil)
    }
  }

  @Test func everyReaderOfPackedFilesTakesMemory() throws {
    let arguments = ["-M", "32MB", "a.csrm", "b.csrm"]
    for reading in [
      try Inspect.parse(arguments).reading, try Unpack.parse(arguments).reading,
      try Verify.parse(arguments).reading, try Diff.parse(arguments).reading,
    ] {
      #expect(Inputs.limits(reading).memory == 32_000_000)
    }
    let pack = try Pack.parse(arguments)
    #expect(try pack.packing.options(pack.reading, pack.layouts).memory == 32_000_000)
    #expect(Inputs.limits(try Inspect.parse(["a.csrm"]).reading).memory == nil)
    #expect(throws: (any Error).self) { try Inspect.parse(["-M", "15.9MB", "a.csrm"]) }
  }

  @Test func calibrationNeedsDataAndSomethingToDo() throws {
    let data = ["--data", "d.npz"]
    let wanted = ["--sparsity", "0.5", "m.keras"]
    for options in [["--reconstruct"], ["--bn-recalibrate"], ["--criterion", "wanda"]] {
      #expect(throws: (any Error).self) { try Prune.parse(options + wanted) }
      let prune = try Prune.parse(options + data + wanted)
      #expect(prune.calibrating.samples == 512)
      #expect(prune.calibrating.changesModel == (options.count == 1))
      let few = try Prune.parse(options + data + wanted + ["--calibration-samples", "9"])
      #expect(few.calibrating.samples == 9)
    }
    #expect(throws: (any Error).self) {
      try Prune.parse(data + wanted + ["--calibration-samples", "9"])
    }
    #expect(throws: (any Error).self) {
      try Prune.parse(data + ["--reconstruct", "--target-size", "1KB", "m.keras"])
    }
  }

  @Test func scopesByTheCriterionUnlessTheyAreGiven() throws {
    #expect(try Prune.parse(["m.keras"]).ranking.scope == nil)
    for scope in RankingScope.allCases {
      let prune = try Prune.parse(["--scope", scope.rawValue, "m.keras"])
      #expect(prune.ranking.scope?.scope.rawValue == scope.rawValue)
    }
  }
}
