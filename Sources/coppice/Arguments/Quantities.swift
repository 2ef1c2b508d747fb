import ArgumentParser

/// A share of the prunable weights, 0…1, typed as `0.9` or `90%`.
struct Sparsity: ExpressibleByArgument, ArgumentText {
  let fraction: Double
  let argumentText: String

  init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    let digits = isPercent ? argument.dropLast() : argument[...]
    guard let number = Double(digits), number.isFinite else { return nil }
    let value = isPercent ? number / 100 : number
    guard value >= 0, value <= 1 else { return nil }
    fraction = value
    argumentText = argument
  }

  var defaultValueDescription: String { argumentText }
}

/// A number of bytes, typed as `200000`, `200KB`, `1.5MB` (powers of 1,000) or `1MiB` (of 1,024).
struct ByteSize: ExpressibleByArgument, ArgumentText {
  let bytes: Int
  let argumentText: String

  init?(argument: String) {
    let digits = argument.prefix { $0.isNumber || $0 == "." }
    let unit = argument.dropFirst(digits.count).lowercased()
    let scales: [String: Double] = [
      "": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12,
      "tb": 1e12,
      "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776,
    ]
    guard let number = Double(digits), let scale = scales[unit] else { return nil }
    let value = (number * scale).rounded()
    guard value >= 0, value < 9e18 else { return nil }
    bytes = Int(value)
    argumentText = argument
  }

  var defaultValueDescription: String { argumentText }
}

/// N weights kept of every M along the inputs, typed as `2:4`.
struct PatternArgument: ExpressibleByArgument, ArgumentText {
  let kept: Int
  let of: Int
  let argumentText: String

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let n = Int(parts[0]), let m = Int(parts[1]), n >= 0, m > 0, n <= m
    else {
      return nil
    }
    kept = n
    of = m
    argumentText = argument
  }
}

/// The sparsity of the tensors that a pattern names, typed as `'conv*=0.5'`.
struct TensorTarget: ExpressibleByArgument, ArgumentText {
  let pattern: String
  let sparsity: Sparsity
  let argumentText: String

  init?(argument: String) {
    // The pattern may hold "=" itself; the number cannot.
    guard let equals = argument.lastIndex(of: "="),
      let sparsity = Sparsity(argument: String(argument[argument.index(after: equals)...]))
    else { return nil }
    pattern = String(argument[..<equals])
    self.sparsity = sparsity
    argumentText = argument
    guard !pattern.isEmpty else { return nil }
  }
}

/// A condition on the result, typed as `'sparsity>=0.9'` or `'bytes<=200KB'`.
struct Requirement: ExpressibleByArgument, ArgumentText {
  enum Metric: String, CaseIterable { case accuracy, loss, sparsity, ratio, bytes }

  let metric: Metric
  let atLeast: Bool
  let bound: Double
  let argumentText: String

  init?(argument: String) {
    for (sign, atLeast) in [(">=", true), ("<=", false)] {
      guard let range = argument.firstRange(of: sign) else { continue }
      let name = argument[..<range.lowerBound].filter { $0 != " " }
      let text = argument[range.upperBound...].filter { $0 != " " }
      guard let metric = Metric(rawValue: String(name)) else { return nil }
      let number: Double? =
        switch metric {
        case .bytes: ByteSize(argument: text).map { Double($0.bytes) }
        case .sparsity, .accuracy: Sparsity(argument: text)?.fraction
        case .ratio, .loss: Double(text)
        }
      guard let number else { return nil }
      self.metric = metric
      self.atLeast = atLeast
      bound = number
      argumentText = argument
      return
    }
    return nil
  }

  func holds(for value: Double, slack: Double = 0) -> Bool {
    atLeast ? value >= bound - slack : value <= bound + slack
  }
}
