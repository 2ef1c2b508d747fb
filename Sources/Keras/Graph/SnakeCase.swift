/// The snake-case of a class name, by which Keras 3 names groups (keras-files.md, section 3, rule 3).
enum SnakeCase {
  /// As Keras's two regular expressions do it: `(.)([A-Z][a-z]+)` and `([a-z])([A-Z])` become
  /// `\1_\2`, from left to right without overlap; then all is lowered.
  static func of(_ className: String) -> String {
    let scalars = className.unicodeScalars.filter {
      $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil
    }.map { $0 }
    var once = String.UnicodeScalarView()
    var i = 0
    while i < scalars.count {
      guard i + 2 < scalars.count, isUpper(scalars[i + 1]), isLower(scalars[i + 2]) else {
        once.append(scalars[i])
        i += 1
        continue
      }
      once.append(contentsOf: [scalars[i], "_", scalars[i + 1]])
      i += 2
      while i < scalars.count, isLower(scalars[i]) {
        once.append(scalars[i])
        i += 1
      }
    }
    let first = Array(once)
    var twice = String.UnicodeScalarView()
    for (j, scalar) in first.enumerated() {
      if j > 0, isUpper(scalar), isLower(first[j - 1]) { twice.append("_") }
      twice.append(scalar)
    }
    return String(twice).lowercased()
  }

  private static func isUpper(_ scalar: Unicode.Scalar) -> Bool { scalar >= "A" && scalar <= "Z" }
  private static func isLower(_ scalar: Unicode.Scalar) -> Bool { scalar >= "a" && scalar <= "z" }
}
