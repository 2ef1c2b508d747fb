import CKernels
import Parallel

/// The end of a step: gradients of kernels as products over the batch, and the sum of what the lanes
/// left.
extension TrainingPass {
  /// Takes the products over the whole batch, and adds up what the lanes left.
  func addUp(_ inputs: [UnsafePointer<Float>], rows: Int) {
    var tasks: [() -> Void] = []
    for step in plan.steps {
      for product in step.deferred {
        guard let gradient = gradients[product.kernel.place],
          let place = memory.gradients[
            plan.values[step.node.outputPlaces[product.output]].storage]
        else { continue }
        let x = pointer(step.node.inputPlaces[product.input], inputs, 0)
        let dy = base + place
        let (m, n) = (product.inputWidth, product.outputWidth)
        let count =
          rows * plan.values[step.node.inputPlaces[product.input]].floats / product.inputWidth
        // Pieces of some megaflops each, cut by the shape alone.
        let pieces = max(1, min(8, m / 32, count * m * n / 4_000_000))
        let each = ((m + pieces - 1) / pieces + 15) & ~15
        for start in stride(from: 0, to: m, by: each) {
          tasks.append {
            Product.multiplyTransposed(
              x + start, stride: m, columns: min(each, m - start), rows: count, dy, stride: n,
              width: n, into: gradient + start * n)
          }
        }
      }
    }
    let block = 1 << 14
    for (place, slot) in slots.enumerated() {
      guard let slot, let gradient = gradients[place] else { continue }
      for start in stride(from: 0, to: parameters[place].count, by: block) {
        let count = min(block, parameters[place].count - start)
        tasks.append { [self] in
          for lane in 0..<lanes where !workspaces[lane].range.isEmpty {
            Sums.add(
              slotBase + lane * slotSize + slot + start, to: gradient + start, count: count)
          }
        }
      }
    }
    let work = UncheckedTasks(tasks: tasks)
    // A kernel of a layer that is called twice is added to twice: in order.
    let isShared =
      plan.steps.flatMap(\.deferred).count
      != Set(plan.steps.flatMap(\.deferred).map(\.kernel.place)).count || hasMixed
    if isShared {
      for task in tasks { task() }
    } else {
      try? Parallel.forEach(tasks.count) { work.tasks[$0]() }
    }
  }

  /// Whether some parameter has both a slot and deferred products.
  private var hasMixed: Bool {
    plan.steps.contains { $0.deferred.contains { slots[$0.kernel.place] != nil } }
  }
}

struct UncheckedTasks: @unchecked Sendable {
  let tasks: [() -> Void]
}

/// Element by element.
enum Sums {
  /// `to[i] += from[i]`
  static func add(
    _ from: UnsafePointer<Float>, to: UnsafeMutablePointer<Float>, count: Int
  ) {
    ck_combine(ck_operation(CK_ADD), UnsafePointer(to), from, to, count)
  }
}
