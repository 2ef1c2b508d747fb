import Testing

@testable import Pruning

struct GlobTests {
  @Test(arguments: [
    ("dense", "dense", true), ("dense", "dense_1", false), ("dense", "Dense", false),
    ("dense*", "dense_1", true), ("dense*", "dense/kernel", false), ("*", "", true),
    ("dense*/kernel", "dense_1/kernel", true), ("**", "a/b/c", true),
    ("**/kernel:0", "a/b/kernel:0", true),
    ("**/kernel", "kernel", false), ("a**c", "a/b/c", true), ("a*c", "a/b/c", false),
    ("a*b*c", "axxbyyc", true),
    ("a*b*c", "axxcyyb", false), ("d?", "d1", true), ("d?", "d", false), ("d?", "d/", false),
    ("d[12]", "d2", true), ("d[12]", "d3", false), ("d[0-9][0-9]", "d42", true),
    ("d[!0-9]", "dx", true),
    ("d[!0-9]", "d1", false), ("d[^x]", "d1", true), ("d[!x]", "d/", false), ("d[]x]", "d]", true),
    ("d[x", "d[x", true), ("d[a-]", "d-", true), ("d[z-a]", "dm", false), ("\\*", "*", true),
    ("\\*", "a", false),
    ("a\\", "a\\", true), ("", "", true), ("", "a", false), ("größe*", "größe_1", true),
    ("?", "é", true),
    ("*/*", "a/b", true), ("*/*", "a/b/c", false), ("***", "a/b", true),
  ])
  func matching(pattern: String, name: String, isMatch: Bool) {
    #expect(Glob(pattern).matches(name) == isMatch)
  }

  @Test func aHostilePatternTakesNoTime() {
    let pattern = String(repeating: "*a", count: 200)
    #expect(!Glob(pattern).matches(String(repeating: "a", count: 199) + "b"))
    #expect(Glob(pattern).matches(String(repeating: "a", count: 400)))
  }
}

struct TensorSelectionTests {
  private let model: [TensorDescriptor] = [
    .init(
      name: "embed/table", layer: "embed", path: "embed/embed/table", role: .embedding,
      isPrunable: false, whyNot: "embedding"),
    .init(
      name: "conv/kernel", layer: "conv", path: "mw/conv/kernel:0", role: .kernel, isPrunable: true),
    .init(
      name: "conv/bias", layer: "conv", path: "mw/conv/bias:0", role: .bias, isPrunable: false,
      whyNot: "bias"),
    .init(
      name: "bn/gamma", layer: "bn", path: "mw/bn/gamma:0", role: .other, isPrunable: false,
      whyNot: "normalisation"),
    .init(
      name: "bn/mean", layer: "bn", path: "mw/bn/mean:0", role: .other, isPrunable: true,
      whyNot: "statistics", isNeverPrunable: true),
    .init(
      name: "lstm/kernel", layer: "lstm", path: "mw/lstm/kernel:0", role: .kernel, isPrunable: true),
    .init(
      name: "lstm/recurrent", layer: "lstm", path: "mw/lstm/recurrent:0", role: .kernel,
      isPrunable: true),
    .init(
      name: "out/kernel", layer: "out", path: "mw/out/kernel:0", role: .kernel, isPrunable: true),
  ]

  private func chosen(_ selection: TensorSelection) throws -> [String] {
    zip(model, try selection.choices(among: model)).filter { $1.isChosen }.map(\.0.name)
  }

  private func patterns(_ texts: String...) -> TensorSelection {
    TensorSelection(
      patterns: texts.map { text in
        let glob = Glob(String(text.dropFirst()))
        return text.hasPrefix("+") ? .include(glob) : .exclude(glob)
      })
  }

  private let kernels = ["conv/kernel", "lstm/kernel", "lstm/recurrent", "out/kernel"]

  @Test func byDefaultTheKernels() throws {
    let choices = try TensorSelection().choices(among: model)
    #expect(try chosen(TensorSelection()) == kernels)
    #expect(choices[0] == .leftAlone("embedding") && choices[4] == .leftAlone("statistics"))
  }

  @Test func excludesTakeAway() throws {
    #expect(try chosen(patterns("-lstm")) == ["conv/kernel", "out/kernel"])
    #expect(try chosen(patterns("-lstm/rec*")) == ["conv/kernel", "lstm/kernel", "out/kernel"])
    #expect(try chosen(patterns("-mw/out/*")) == Array(kernels.dropLast()))
    #expect(try chosen(patterns("-**")) == [])
    #expect(try patterns("-out").choices(among: model)[7] == .leftAlone("excluded by out"))
  }

  @Test func aFirstIncludeStartsFromNothing() throws {
    #expect(try chosen(patterns("+conv")) == ["conv/kernel"])
    #expect(try chosen(patterns("+*/*")) == kernels)
    #expect(try chosen(patterns("+conv", "+out/kernel")) == ["conv/kernel", "out/kernel"])
    #expect(try patterns("+conv").choices(among: model)[7] == .leftAlone("not included"))
  }

  @Test func laterOnesWin() throws {
    #expect(try chosen(patterns("-*", "+lstm")) == ["lstm/kernel", "lstm/recurrent"])
    #expect(
      try chosen(patterns("+*", "-lstm", "+lstm/kernel")) == [
        "conv/kernel", "lstm/kernel", "out/kernel",
      ])
    #expect(
      try chosen(patterns("-lstm", "+bn/gamma")) == ["conv/kernel", "bn/gamma", "out/kernel"])
  }

  @Test func aPatternThatNamesAWeightIncludesIt() throws {
    #expect(try chosen(patterns("+*/bias")) == ["conv/bias"])
    #expect(try chosen(patterns("+**/b*:0")) == ["conv/bias"])
    #expect(try chosen(patterns("+conv/*")) == ["conv/kernel"])
  }

  @Test func whatCanNeverBePrunedIsNotIncluded() throws {
    #expect(
      throws: PruningError.patternNotPrunable(
        pattern: "bn/mean", tensor: "bn/mean", reason: "statistics")
    ) {
      try patterns("+bn/mean").choices(among: model)
    }
    #expect(
      throws: PruningError.patternNotPrunable(
        pattern: "bn", tensor: "bn/gamma", reason: "normalisation")
    ) {
      try patterns("+bn").choices(among: model)
    }
    #expect(try chosen(patterns("+bn/[gm]*")) == ["bn/gamma"])
  }

  @Test func patternsThatMatchNothing() {
    #expect(throws: PruningError.patternMatchesNothing(option: "--include", pattern: "dense*")) {
      try patterns("+dense*").choices(among: model)
    }
    #expect(throws: PruningError.patternMatchesNothing(option: "--exclude", pattern: "dense*")) {
      try patterns("+conv", "-dense*").choices(among: model)
    }
    #expect(PruningError.patternMatchesNothing(option: "--set", pattern: "x").fault == .usage)
  }

  @Test func flags() throws {
    #expect(try chosen(TensorSelection(includesBias: true)).contains("conv/bias"))
    #expect(try chosen(TensorSelection(includesEmbeddings: true)).first == "embed/table")
    #expect(try chosen(TensorSelection(skipsFirst: true)) == Array(kernels.dropFirst()))
    #expect(try chosen(TensorSelection(skipsLast: true)) == Array(kernels.dropLast()))
    // The model's first layer counts, not the first of what is chosen.
    var selection = patterns("+lstm")
    selection.skipsFirst = true
    #expect(try chosen(selection) == ["lstm/kernel", "lstm/recurrent"])
    selection.includesBias = true
    selection.patterns = patterns("+conv").patterns
    selection.skipsFirst = false
    #expect(try chosen(selection) == ["conv/kernel", "conv/bias"])
  }

  @Test func overrides() throws {
    let found = try TensorSelection.overrides(
      [(Glob("lstm"), 0.5), (Glob("*/recurrent"), 0.9)], among: model)
    #expect(found == [5: 0.5, 6: 0.9])
    #expect(throws: PruningError.patternMatchesNothing(option: "--set", pattern: "x")) {
      try TensorSelection.overrides([(Glob("x"), 0.5)], among: model)
    }
  }
}
