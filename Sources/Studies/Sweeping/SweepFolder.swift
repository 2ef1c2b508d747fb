import Files
import JSON

/// A folder of a sweep: the plan, and a file for each run that is finished. Several shards may share
/// one, or have one each.
public struct SweepFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  private var planPath: String { path + "/sweep.json" }
  private func path(of coordinates: SweepCoordinates) -> String {
    path + "/" + coordinates.id + ".json"
  }

  /// Writes the plan, or sees that the one that is there is the same. Throws
  /// `StudyError.otherPlan` where it is not, and `FileError`.
  public func begin(_ plan: SweepPlan) throws {
    do {
      try write(plan.json, to: planPath, replacing: false)
    } catch FileError.exists {
      guard try self.plan() == plan else { throw StudyError.otherPlan(path: planPath) }
    }
  }

  /// The plan that is there. Throws `StudyError.notASweepPoint`, `.noSweep`, and `FileError`.
  public func plan() throws -> SweepPlan {
    do {
      return try SweepPlan(json: json(planPath), path: planPath)
    } catch FileError.notFound(_, let reason) {
      throw StudyError.noSweep(path: path, plan: planPath, reason: reason)
    }
  }

  /// Writes a run that is finished, whole or not at all.
  public func write(_ point: SweepPoint) throws {
    try write(point.json, to: path(of: point.coordinates), replacing: true)
  }

  /// The run, where it is finished. Throws `StudyError.notASweepPoint` for a file that is none or
  /// another's, and `FileError`.
  public func point(_ coordinates: SweepCoordinates) throws -> SweepPoint? {
    let file = path(of: coordinates)
    let found: JSON.Value
    do {
      found = try json(file)
    } catch FileError.notFound {
      return nil
    }
    let point = try SweepPoint(json: found, path: file)
    guard point.coordinates == coordinates else { throw StudyError.notASweepPoint(path: file) }
    return point
  }

  /// The finished runs of the plan, in its order.
  public func points(of plan: SweepPlan) throws -> [SweepPoint] {
    try plan.coordinates.compactMap(point)
  }

  /// What the folders of all shards say together. Throws `StudyError.otherPlan` where their plans
  /// differ, and what reading and `SweepTable` throw.
  public static func table(of folders: [SweepFolder]) throws -> SweepTable? {
    guard let plan = try folders.first?.plan() else { return nil }
    for folder in folders.dropFirst() where try folder.plan() != plan {
      throw StudyError.otherPlan(path: folder.planPath)
    }
    return try SweepTable(plan, folders.flatMap { try $0.points(of: plan) })
  }

  private func json(_ file: String) throws -> JSON.Value {
    let bytes = try MappedFile(path: file).bytes()
    guard let value = try? JSON.parse(bytes, options: .python) else {
      throw StudyError.notASweepPoint(path: file)
    }
    return value
  }

  private func write(_ value: JSON.Value, to file: String, replacing: Bool) throws {
    let output = try OutputFile(path: file, replacing: replacing)
    try Array((value.text(.pretty) + "\n").utf8).withUnsafeBytes { try output.write($0) }
    try output.commit()
  }
}
