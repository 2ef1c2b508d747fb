import ArgumentParser
import CSRM
import Documents

/// How `.csrm` files are packed.
struct PackingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How hard to pack (default: default).", valueName: "level"))
  var level: PackingLevel?

  @Flag(help: "Keep what it takes to give back the very file, byte for byte.")
  var bytesExact = false

  @Flag(help: "Store -0.0 as +0.0.")
  var canonicalZero = false

  @Option(
    help: ArgumentHelp(
      "Precision of the stored weights: exact, f16, bf16, int8, codebook:K, rd or rd:λ; auto, with --data and --require 'accuracy>=0.98', finds the fewest bits that hold it, tensor by tensor.",
      valueName: "precision"))
  var values = "exact"

  @Flag(help: "Make weights that are past what --values holds the largest that it does.")
  var saturate = false

  @Option(help: ArgumentHelp("Rows a block (default: about 1,048,576 weights).", valueName: "n"))
  var blockRows: Int?

  /// The very file has its optimizer state in it, so both cannot be meant.
  func check(stripsOptimizer: Bool) throws {
    if bytesExact && stripsOptimizer {
      throw ValidationError("--bytes-exact keeps the whole file: it goes without --strip-optimizer")
    }
    let choice = try choice
    if !choice.isExact && bytesExact {
      throw ValidationError("--bytes-exact keeps every bit: it goes without --values \(values)")
    }
    if saturate && !choice.saturates {
      throw ValidationError("--saturate is about --values f16, bf16 and int8")
    }
  }

  /// Throws where the precision is to be found and nothing says what has to hold.
  func checkAutomatic(_ reporting: ReportOptions, hasData: Bool) throws {
    guard case .automatic = try choice else { return }
    let holds = reporting.require.contains { $0.metric == ($0.atLeast ? .accuracy : .loss) }
    guard hasData, holds else {
      throw ValidationError(
        "--values auto needs --data, and --require 'accuracy>=X' (or 'loss<=X') to hold on them")
    }
  }

  /// What `--values` says.
  var choice: ValuesChoice {
    get throws {
      if values == "exact" { return .exact }
      if values == "auto" { return .automatic }
      guard let rounding = ValueRoundings.parse(values) else {
        let family = String(values.prefix { $0 != ":" })
        if let syntax = ValueRoundings.syntax(of: family) {
          throw ValidationError("--values \(values): takes \(syntax)")
        }
        throw ValidationError(
          "--values \(values): not a precision. Give exact, auto, \(ValueRoundings.syntaxes)")
      }
      return .rounded(rounding)
    }
  }

  /// Throws where something is asked for that only a packed output could have.
  func check(for kind: ContainerKind, _ layouts: LayoutOptions) throws {
    guard kind != .csrm else { return }
    let given = [
      (level.map { "--level \($0.rawValue)" }, level != nil), ("--bytes-exact", bytesExact),
      ("--canonical-zero", canonicalZero), ("--block-rows", blockRows != nil),
      ("--layout csr", layouts.packing == .csr),
    ]
    if let option = given.first(where: \.1)?.0 {
      throw UsageFault("\(option) is for .csrm outputs, and this one is \(kind.rawValue)")
    }
  }

  /// As the format's room takes them. Throws where a precision is asked for that this version does
  /// not write.
  func options(_ reading: ReadingOptions, _ layouts: LayoutOptions) throws -> PackOptions {
    if let level, level != .fast, layouts.packing == .csr {
      throw UsageFault(
        "--layout csr stores arrays to be used where they lie: it goes without --level \(level.rawValue)"
      )
    }
    if try !choice.isExact, layouts.packing == .csr {
      throw UsageFault(
        "--layout csr stores weights as they are computed with: it goes without --values \(values)")
    }
    var options = PackOptions()
    options.layout = layouts.packing
    options.level = (level ?? .standard).packing
    options.canonicalZero = canonicalZero
    options.bytesExact = bytesExact
    options.blockRows = blockRows
    if let memory = reading.memory { options.memory = memory.bytes }
    return options
  }

  func validate() throws {
    if let blockRows, blockRows < 1 {
      throw ValidationError("--block-rows takes a whole number from 1")
    }
  }
}

/// What `--values` asks for.
enum ValuesChoice {
  case exact
  /// The fewest bits that hold what is required.
  case automatic
  case rounded(any ValueRounding)

  var isExact: Bool { if case .exact = self { true } else { false } }
  var saturates: Bool {
    switch self {
    case .exact: false
    case .automatic: true
    case .rounded(let way): way.saturates
    }
  }
  /// Whether it is worth knowing what an error of each weight costs.
  var weighs: Bool {
    switch self {
    case .exact: false
    case .automatic: true
    case .rounded(let way): way.precision == .rateDistortion
    }
  }
}

/// How much work goes into size.
enum PackingLevel: String, ExpressibleByArgument, CaseIterable {
  case fast
  case standard = "default"
  case max

  var packing: PackOptions.Level {
    switch self {
    case .fast: .fast
    case .standard: .standard
    case .max: .max
    }
  }
}
