import ArgumentParser
import CSRM

/// How `.csrm` files are packed.
struct PackingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How hard to pack (default: default).", valueName: "level"))
  var level: PackingLevel?

  @Flag(help: "Keep what it takes to give back the very file, byte for byte.")
  var bytesExact = false

  @Flag(help: "Store -0.0 as +0.0.")
  var canonicalZero = false

  @Option(help: ArgumentHelp("Precision of the stored values: exact.", valueName: "precision"))
  var values = "exact"

  @Option(help: ArgumentHelp("Rows a block (default: about 1,048,576 weights).", valueName: "n"))
  var blockRows: Int?

  /// The very file has its optimizer state in it, so both cannot be meant.
  func check(stripsOptimizer: Bool) throws {
    if bytesExact && stripsOptimizer {
      throw ValidationError("--bytes-exact keeps the whole file: it goes without --strip-optimizer")
    }
  }

  /// As the format's room takes them. Throws where a precision is asked for that this version does
  /// not write.
  func options(_ reading: ReadingOptions, _ layouts: LayoutOptions) throws -> PackOptions {
    if let level, level != .fast, layouts.packing == .csr {
      throw UsageFault(
        "--layout csr stores arrays to be used where they lie: it goes without --level \(level.rawValue)")
    }
    if values != "exact" {
      let family = values.prefix { $0 != ":" }
      guard ["f16", "bf16", "int8", "codebook", "rd", "auto"].contains(family) else {
        throw UsageFault("--values \(values): not a precision. Give exact")
      }
      throw Unsupported(
        "--values \(values): lossy values are not in this version. --values exact keeps every bit")
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
