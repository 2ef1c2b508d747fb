import JSON

/// Whether every byte of a file is right, or whether two files hold the same model: schema
/// `coppice.verify/1`.
public struct VerifyReport: Sendable, Equatable {
  public static let schema = "coppice.verify/1"

  public struct Damage: Sendable, Equatable {
    /// A tensor, a part of the file, an offset.
    public var place: String
    public var what: String

    public init(place: String, what: String) {
      self.place = place
      self.what = what
    }
  }

  public var file: String
  public var container: String
  /// The file that it was compared with.
  public var against: String?
  /// Bytes that a checksum or the comparison covered.
  public var checkedBytes: Int
  /// Empty when all is well.
  public var damage: [Damage]
  public var notes: [String] = []

  public init(
    file: String, container: String, against: String? = nil, checkedBytes: Int,
    damage: [Damage] = []
  ) {
    self.file = file
    self.container = container
    self.against = against
    self.checkedBytes = checkedBytes
    self.damage = damage
  }

  /// The exit code is 0 when this holds, else 1.
  public var isOK: Bool { damage.isEmpty }

  public var json: JSON.Value {
    var object = JSON.Object([
      ("schema", .string(Self.schema)), ("file", .string(file)), ("container", .string(container)),
      ("against", .optional(against)), ("ok", .bool(isOK)),
      ("checked_bytes", .integer(checkedBytes)),
      (
        "damage",
        .array(damage.map { ["where": .string($0.place), "what": .string($0.what)] })
      ),
    ])
    if !notes.isEmpty { object["notes"] = .strings(notes) }
    return .object(object)
  }

  /// One record for each damage; one with empty fields where there is none.
  public var csv: CSV {
    var csv = CSV(columns: ["file", "against", "ok", "checked_bytes", "where", "what"])
    let start: [CSV.Field] = [
      .text(file), .optional(against), .boolean(isOK), .integer(checkedBytes),
    ]
    for item in damage { csv.add(start + [.text(item.place), .text(item.what)]) }
    if damage.isEmpty { csv.add(start + [.empty, .empty]) }
    return csv
  }
}

extension VerifyReport: Report {
  public func text(width: Int?, color: Bool) -> String {
    var text = headline(line, isOK ? .good : .bad, width: width, color: color)
    for item in damage {
      text += "  " + Paint.bold(visible(item.place), color: color) + ": \(visible(item.what))\n"
    }
    return text + notes.map { noteText($0, width: width, color: color) }.joined()
  }

  public var line: String {
    let checked = "\(grouped(checkedBytes)) bytes checked"
    if let against {
      let same = isOK ? "the same model as" : "not the same model as"
      let places = isOK ? "" : " (\(counted(damage.count, "difference")))"
      return "\(visible(file)): \(same) \(visible(against))\(places), \(checked)"
    }
    return isOK
      ? "\(visible(file)): ok, \(checked)"
      : "\(visible(file)): damaged in \(counted(damage.count, "place")), \(checked)"
  }
}
