/// Every N-th run of a sweep: the part of one of several machines.
public struct Shard: Sendable, Equatable {
  /// From 1 to `count`.
  public let index: Int
  public let count: Int

  /// Nil unless 1 <= index <= count.
  public init?(index: Int, count: Int) {
    guard index >= 1, count >= index else { return nil }
    self.index = index
    self.count = count
  }

  /// Reads `2/8`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]) else { return nil }
    self.init(index: index, count: count)
  }

  /// What a SLURM array job says of itself: `SLURM_ARRAY_TASK_ID` of `SLURM_ARRAY_TASK_COUNT`, from
  /// `SLURM_ARRAY_TASK_MIN` on (0 where that is not set) in steps of `SLURM_ARRAY_TASK_STEP`. Nil
  /// where there is no such job; throws `StudyError.shard` where its numbers make no shard, as those
  /// of an array with gaps do not.
  public init?(environment: (String) -> String?) throws(StudyError) {
    guard let id = environment("SLURM_ARRAY_TASK_ID"),
      let count = environment("SLURM_ARRAY_TASK_COUNT")
    else { return nil }
    let least = environment("SLURM_ARRAY_TASK_MIN") ?? "0"
    let step = environment("SLURM_ARRAY_TASK_STEP") ?? "1"
    guard let number = Int(id), let of = Int(count), let first = Int(least), let by = Int(step),
      by > 0, number >= first, first >= 0, (number - first) % by == 0,
      let shard = Shard(index: (number - first) / by + 1, count: of)
    else { throw .shard("SLURM_ARRAY_TASK_ID \(id) of \(count)") }
    self = shard
  }

  /// The runs at places index - 1, index - 1 + count, and so on: neighbours cost alike, so shards
  /// do too.
  public func part<Element>(of all: [Element]) -> [Element] {
    stride(from: index - 1, to: all.count, by: count).map { all[$0] }
  }
}
