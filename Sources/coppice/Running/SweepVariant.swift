import Pruning
import Studies

/// What `--fair best-of-grid` tries for every schedule: three learning rates, each with the steps and
/// patience of the defaults and with half as many steps and twice the patience, since a larger cut
/// heals more slowly. One shot has no steps to halve, and gets the patience alone.
struct SweepVariant {
  /// Of the learning rate.
  let factor: Double
  let isCoarse: Bool

  static let all = [1.0, 1.0 / 3, 3].flatMap { factor in
    [false, true].map { SweepVariant(factor: factor, isCoarse: $0) }
  }

  /// Of an equal budget.
  static let plain = SweepVariant(factor: 1, isCoarse: false)

  var name: String {
    let rate = factor < 1 ? "third-rate" : factor > 1 ? "triple-rate" : "rate"
    return rate + (isCoarse ? "-coarse" : "-fine")
  }

  /// A schedule by its name.
  func schedule(_ name: String, to p: Double) -> any Schedule {
    guard isCoarse else { return SweepOptions.schedule(name, to: p) }
    let steps = max(1, (Schedules.defaultSteps(to: p) + 1) / 2)
    return switch name {
    case "constant": Constant(steps: steps)
    case "geometric": Geometric(steps: steps)
    case "hybrid": Hybrid(tailSteps: 2)
    case "polynomial": Polynomial(steps: steps)
    default: OneShot()
    }
  }

  func patience(for kind: ScheduleKind) throws -> PatienceList {
    let standard = PatienceList.standard(for: kind)
    return isCoarse ? try PatienceList(standard.values.map { $0 * 2 }) : standard
  }
}
