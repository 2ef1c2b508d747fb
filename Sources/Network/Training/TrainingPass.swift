import CKernels
import Parallel

/// The memory of training on batches of up to `batch` rows, and the passes over it.
///
/// A batch is cut in lanes, whose number follows from the network and the size of the batch alone.
/// Between calls that stop all rows, a thread takes one lane through all layers, chunk by chunk;
/// what every lane adds to gradients lies apart, and is put together in the order of the lanes. So
/// the same bytes come out on any number of threads.
final class TrainingPass: @unchecked Sendable {
  let plan: TrainingPlan
  let batch: Int
  let lanes: Int
  private let chunk: Int
  private let memory: TrainingMemory
  private let base: UnsafeMutablePointer<Float>
  private let parameters: [Parameter]
  /// By parameter, floats from the start of a lane's slot; nil where no lane adds to it.
  private let slots: [Int?]
  private let slotSize: Int
  private let slotBase: UnsafeMutablePointer<Float>
  /// By parameter: the gradient of the batch.
  let gradients: [UnsafeMutablePointer<Float>?]
  private let gradientBase: UnsafeMutablePointer<Float>
  private let sums: UnsafeMutablePointer<Double>
  private let sumPlaces: [Int]
  private let sumSize: Int
  private let settled: UnsafeMutablePointer<Float>
  private let settledPlaces: [Int]
  private var workspaces: [LaneWorkspace] = []

  /// What a lane has of its own.
  private final class LaneWorkspace {
    let scratch: UnsafeMutablePointer<Float>
    /// Where the gradient of an input goes that is added to another one.
    let added: UnsafeMutablePointer<Float>
    let values: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    let masks: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    let gradients: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    let targets: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    let parameters: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    let faults = DataFaults()
    /// The lane's rows of this step.
    var range = 0..<0

    init(
      scratch: Int, added: Int, values: Int, inputs: Int, parameters: Int,
      placeholder: UnsafeMutablePointer<Float>
    ) {
      self.scratch = Floats.allocate(scratch)
      self.added = Floats.allocate(added)
      self.values = .allocate(capacity: max(1, values))
      self.values.initialize(repeating: placeholder, count: max(1, values))
      masks = .allocate(capacity: max(1, values))
      masks.initialize(repeating: nil, count: max(1, values))
      gradients = .allocate(capacity: max(1, values))
      gradients.initialize(repeating: nil, count: max(1, values))
      targets = .allocate(capacity: max(1, inputs))
      targets.initialize(repeating: nil, count: max(1, inputs))
      self.parameters = .allocate(capacity: max(1, parameters))
      self.parameters.initialize(repeating: nil, count: max(1, parameters))
    }

    deinit {
      scratch.deallocate()
      added.deallocate()
      values.deallocate()
      masks.deallocate()
      gradients.deallocate()
      targets.deallocate()
      parameters.deallocate()
    }
  }

  init(
    _ plan: TrainingPlan, parameters: [Parameter], isTrained: (Parameter) -> Bool, batch: Int,
    lanes wantedLanes: Int? = nil
  ) {
    self.plan = plan
    self.batch = batch
    self.parameters = parameters
    memory = TrainingMemory(plan, batch: batch)
    base = Floats.allocate(memory.count)
    let deferred = Set(plan.steps.flatMap(\.deferred).map(\.kernel.place))
    let own = Self.ownDeferred(plan)
    var slots = [Int?](repeating: nil, count: parameters.count)
    var places = [Int?](repeating: nil, count: parameters.count)
    var (slotSize, gradientSize) = (0, 0)
    for parameter in parameters where isTrained(parameter) {
      places[parameter.place] = gradientSize
      gradientSize += Floats.rounded(parameter.count)
      // One that a layer adds to besides has a slot too.
      if !deferred.contains(parameter.place) || own.contains(parameter.place) {
        slots[parameter.place] = slotSize
        slotSize += Floats.rounded(parameter.count)
      }
    }
    self.slots = slots
    self.slotSize = slotSize
    lanes = wantedLanes ?? Self.lanes(plan, batch: batch, slot: slotSize)
    slotBase = Floats.allocate(slotSize * lanes)
    gradientBase = Floats.allocate(gradientSize)
    let gradientBase = gradientBase
    gradients = places.map { place in place.map { gradientBase + $0 } }
    var (sumCount, settledCount) = (0, 0)
    var (sumPlaces, settledPlaces): ([Int], [Int]) = ([], [])
    for step in plan.steps {
      sumPlaces.append(sumCount)
      settledPlaces.append(settledCount)
      if let batched = step.batched {
        sumCount += (batched.sums(step.node.call) + 7) & ~7
        settledCount += Floats.rounded(batched.settled(step.node.call))
      }
    }
    self.sumPlaces = sumPlaces
    self.settledPlaces = settledPlaces
    sumSize = sumCount
    sums = .allocate(capacity: max(1, sumCount * lanes))
    sums.initialize(repeating: 0, count: max(1, sumCount * lanes))
    settled = Floats.allocate(settledCount)
    chunk = Self.chunk(plan, rows: (batch + lanes - 1) / lanes)
    var (scratch, added, inputs) = (0, 0, 1)
    for step in plan.steps {
      let (call, rows) = (step.node.call, chunk * step.node.rowsPerSample)
      scratch = max(
        scratch, step.node.layer.scratch(call, rows: rows),
        step.trainable?.trainingScratch(call, rows: rows) ?? 0)
      inputs = max(inputs, step.node.inputPlaces.count)
      let more = step.node.inputPlaces.indices.filter { step.goesBack && step.targets[$0] == .add }
        .reduce(0) { $0 + Floats.rounded(plan.values[step.node.inputPlaces[$1]].floats * chunk) }
      added = max(added, more)
    }
    for _ in 0..<lanes {
      workspaces.append(
        LaneWorkspace(
          scratch: scratch, added: added, values: plan.values.count, inputs: inputs,
          parameters: parameters.count, placeholder: base))
    }
  }

  deinit {
    base.deallocate()
    slotBase.deallocate()
    gradientBase.deallocate()
    sums.deallocate()
    settled.deallocate()
  }

  /// Parameters of which some call has a deferred product and another adds as it goes.
  private static func ownDeferred(_ plan: TrainingPlan) -> Set<Int> {
    var own: Set<Int> = []
    for step in plan.steps where step.goesBack {
      let deferred = Set(step.deferred.map(\.kernel.place))
      for parameter in step.node.layer.parameters where !deferred.contains(parameter.place) {
        own.insert(parameter.place)
      }
    }
    return own
  }

  /// Multiply-adds of a sample on the way forward, about.
  private static func work(_ plan: TrainingPlan) -> Int {
    plan.steps.reduce(0) { sum, step in
      let positions = max(
        step.node.call.inputs.first?.outer ?? 1, step.node.outputs.first?.outer ?? 1)
      let kernels = step.node.layer.parameters.filter { $0.shape.count > 1 }
      return sum + step.node.rowsPerSample * positions * kernels.reduce(0) { $0 + $1.count }
    }
  }

  /// As many lanes as keep cores busy, unless each would have next to nothing to do or the memory for
  /// gradients grew past reason.
  private static func lanes(_ plan: TrainingPlan, batch: Int, slot: Int) -> Int {
    let byWork = batch * work(plan) / 8_000_000
    let byMemory = (64 << 20) / max(1, slot)
    return max(1, min(batch, max(2, min(8, byWork, byMemory))))
  }

  /// Rows that go through the layers together: few enough for a core's second-level cache.
  private static func chunk(_ plan: TrainingPlan, rows: Int) -> Int {
    var floats = 1
    for step in plan.steps {
      let all = (step.node.inputPlaces + step.node.outputPlaces).reduce(0) {
        $0 + plan.values[$1].floats
      }
      floats = max(floats, 2 * all + step.kept * step.node.rowsPerSample)
    }
    let most = max(1, (1 << 18) / floats)
    let pieces = (rows + most - 1) / most
    return max(1, (rows + pieces - 1) / pieces)
  }

  // MARK: A step

  /// Writes for the output of this index the gradients of the loss of some rows.
  typealias LossGradient = (
    _ output: Int, _ rows: Range<Int>, _ values: UnsafePointer<Float>,
    _ mask: UnsafePointer<Float>?, _ gradient: UnsafeMutablePointer<Float>
  ) -> Void

  /// Goes through the network and back on `rows` rows.
  ///
  /// - Parameters:
  ///   - inputs: one pointer an input, `[rows][shape…]`.
  ///   - random: numbers of this step, by call.
  ///   - loss: called for rows of an output when they are there; from several threads, on different
  ///     rows. Nil goes forward only.
  ///   - between: called once between both ways, where all outputs have to be there first.
  ///
  /// Returns what a layer found wrong with the data.
  func run(
    _ inputs: [UnsafePointer<Float>], rows: Int, random: @escaping (Int) -> RandomStream,
    loss: LossGradient?, between: (() -> Void)? = nil
  ) -> DataFaults.Fault? {
    precondition(rows > 0 && rows <= batch, "a batch of 1…\(batch) rows")
    let each = (rows + lanes - 1) / lanes
    for (lane, workspace) in workspaces.enumerated() {
      workspace.range = min(rows, lane * each)..<min(rows, (lane + 1) * each)
      workspace.faults.reset()
    }
    if loss != nil {
      slotBase.update(repeating: 0, count: slotSize * lanes)
      for (place, gradient) in gradients.enumerated() {
        gradient?.update(repeating: 0, count: parameters[place].count)
      }
    }
    let last = plan.parts - 1
    for part in 0...last {
      let steps = stepRange(part)
      if let first = steps.first, plan.steps[first].batched != nil {
        settle(first, rows: rows, isBack: false)
      }
      let next = plan.steps.indices.contains(steps.upperBound) ? steps.upperBound : nil
      let goesBack = part == last && loss != nil && between == nil
      forEachLane { [self] lane in
        forEachChunk(lane) { chunk in
          for step in steps { forward(step, lane, chunk, inputs, random) }
          if let next { gather(next, lane, chunk, inputs, random, isBack: false) }
          if goesBack, let loss { back(part, lane, chunk, inputs, random, loss) }
        }
      }
      if let fault = fault(each: each) { return fault }
    }
    guard let loss else { return nil }
    if let between {
      between()
      forEachLane { [self] lane in
        forEachChunk(lane) { back(last, lane, $0, inputs, random, loss) }
      }
    }
    var part = last
    while part > 0 {
      settle(stepRange(part).lowerBound, rows: rows, isBack: true)
      part -= 1
      let now = part
      forEachLane { [self] lane in
        forEachChunk(lane) { back(now, lane, $0, inputs, random, nil) }
      }
    }
    addUp(inputs, rows: rows)
    return nil
  }

  private func forEachLane(_ body: @escaping (Int) -> Void) {
    let work = UncheckedBody(body: body)
    // Nothing in the work throws.
    try? Parallel.forEach(lanes) { work.body($0) }
  }

  private func forEachChunk(_ lane: Int, _ body: (Range<Int>) -> Void) {
    let range = workspaces[lane].range
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(range.upperBound, start + chunk)
      body(start..<end)
      start = end
    }
  }

  private func stepRange(_ part: Int) -> Range<Int> {
    let first = plan.steps.firstIndex { $0.part >= part } ?? plan.steps.count
    let end = plan.steps.firstIndex { $0.part > part } ?? plan.steps.count
    return first..<max(first, end)
  }

  private func fault(each: Int) -> DataFaults.Fault? {
    for workspace in workspaces {
      if let fault = workspace.faults.first { return fault }
    }
    return nil
  }

  // MARK: Places

  private func pointer(_ value: Int, _ inputs: [UnsafePointer<Float>], _ row: Int)
    -> UnsafeMutablePointer<Float>
  {
    let value = plan.values[value]
    let storage = plan.storages[value.storage]
    switch storage.kind {
    case .input(let index):
      return UnsafeMutablePointer(mutating: inputs[index]) + row * storage.floats
    case .arena: return base + (memory.values[value.storage] ?? 0) + row * storage.floats
    }
  }

  private func frame(
    _ index: Int, _ lane: Int, _ chunk: Range<Int>, _ inputs: [UnsafePointer<Float>],
    _ random: (Int) -> RandomStream, isBack: Bool
  ) -> TrainingFrame {
    let step = plan.steps[index]
    let workspace = workspaces[lane]
    let row = chunk.lowerBound
    for value in step.node.inputPlaces + step.node.outputPlaces {
      workspace.values[value] = pointer(value, inputs, row)
      workspace.masks[value] = plan.values[value].mask.map { mask in
        let storage = plan.storages[mask.storage]
        if case .input(let index) = storage.kind {
          return UnsafeMutablePointer(mutating: inputs[index]) + row * storage.floats
        }
        return base + (memory.values[mask.storage] ?? 0) + row * storage.floats
      }
      guard isBack else { continue }
      let storage = plan.values[value].storage
      workspace.gradients[value] = memory.gradients[storage].map {
        base + $0 + row * plan.storages[storage].floats
      }
    }
    if isBack {
      for (place, slot) in slots.enumerated() {
        workspace.parameters[place] = slot.map { slotBase + lane * slotSize + $0 }
      }
      var place = 0
      for (k, value) in step.node.inputPlaces.enumerated() {
        switch step.targets[k] {
        case .unwanted: workspace.targets[k] = nil
        case .write: workspace.targets[k] = workspace.gradients[value]
        case .add:
          workspace.targets[k] = workspace.added + place
          place += Floats.rounded(plan.values[value].floats * self.chunk)
        }
      }
    }
    workspace.faults.node = index
    return TrainingFrame(
      frame: Frame(
        call: step.node.call, outputs: step.node.outputs,
        rows: chunk.count * step.node.rowsPerSample, scratch: workspace.scratch,
        values: workspace.values, masks: workspace.masks, inputPlaces: step.node.inputPlaces,
        outputPlaces: step.node.outputPlaces, faults: workspace.faults),
      kept: base + memory.kept[index] + row * step.kept * step.node.rowsPerSample,
      firstRow: row * step.node.rowsPerSample, trains: plan.trains, random: random(index),
      settled: settled + settledPlaces[index], gradients: workspace.gradients,
      inputGradients: workspace.targets, parameterGradients: workspace.parameters)
  }

  // MARK: Ways

  private func forward(
    _ index: Int, _ lane: Int, _ chunk: Range<Int>, _ inputs: [UnsafePointer<Float>],
    _ random: (Int) -> RandomStream
  ) {
    let frame = frame(index, lane, chunk, inputs, random, isBack: false)
    if let trainable = plan.steps[index].trainable {
      trainable.train(frame)
    } else {
      plan.steps[index].node.layer.forward(frame.frame)
    }
  }

  private func gather(
    _ index: Int, _ lane: Int, _ chunk: Range<Int>, _ inputs: [UnsafePointer<Float>],
    _ random: (Int) -> RandomStream, isBack: Bool
  ) {
    guard let batched = plan.steps[index].batched else { return }
    let place = sums + lane * sumSize + sumPlaces[index]
    if chunk.lowerBound == workspaces[lane].range.lowerBound {
      place.update(repeating: 0, count: batched.sums(plan.steps[index].node.call))
    }
    let frame = frame(index, lane, chunk, inputs, random, isBack: isBack)
    if isBack {
      fillUnreached(plan.steps[index], frame)
      batched.gatherBack(frame, into: place)
    } else {
      batched.gather(frame, into: place)
    }
  }

  /// Puts the sums of the lanes together and has the layer make of them what it needs.
  private func settle(_ index: Int, rows: Int, isBack: Bool) {
    let step = plan.steps[index]
    guard let batched = step.batched, !isBack || step.goesBack else { return }
    let count = batched.sums(step.node.call)
    let total = sums + sumPlaces[index]
    for lane in 1..<max(1, lanes) where !workspaces[lane].range.isEmpty {
      let other = total + lane * sumSize
      for i in 0..<count { total[i] += other[i] }
    }
    let (call, place) = (step.node.call, settled + settledPlaces[index])
    let count2 = rows * step.node.rowsPerSample
    if isBack {
      batched.settleBack(call, sums: total, rows: count2, into: place) { gradients[$0.place] }
    } else {
      batched.settle(call, sums: total, rows: count2, into: place)
    }
  }

  private func fillUnreached(_ step: TrainingPlan.Step, _ frame: TrainingFrame) {
    for output in step.unreached {
      frame.outputGradient(output)
        .update(repeating: 0, count: frame.rows * step.node.outputs[output].count)
    }
  }

  /// The way back through a part, from the call that stops all rows behind it to its first.
  private func back(
    _ part: Int, _ lane: Int, _ chunk: Range<Int>, _ inputs: [UnsafePointer<Float>],
    _ random: (Int) -> RandomStream, _ loss: LossGradient?
  ) {
    let steps = stepRange(part)
    if let loss {
      for (k, output) in plan.outputs.enumerated() {
        let value = plan.values[output]
        guard plan.hasGradient[value.storage], let place = memory.gradients[value.storage] else {
          continue
        }
        let mask = value.mask.map {
          UnsafePointer(base + (memory.values[$0.storage] ?? 0))
            + chunk.lowerBound * plan.storages[$0.storage].floats
        }
        loss(
          k, chunk, UnsafePointer(pointer(output, inputs, chunk.lowerBound)), mask,
          base + place + chunk.lowerBound * value.floats)
      }
    } else if plan.steps.indices.contains(steps.upperBound) {
      backward(steps.upperBound, lane, chunk, inputs, random)
    }
    for index in steps.reversed() {
      if plan.steps[index].batched != nil, index == steps.lowerBound {
        if plan.steps[index].goesBack {
          gather(index, lane, chunk, inputs, random, isBack: true)
        }
      } else {
        backward(index, lane, chunk, inputs, random)
      }
    }
  }

  private func backward(
    _ index: Int, _ lane: Int, _ chunk: Range<Int>, _ inputs: [UnsafePointer<Float>],
    _ random: (Int) -> RandomStream
  ) {
    let step = plan.steps[index]
    guard step.goesBack, let trainable = step.trainable else { return }
    let frame = frame(index, lane, chunk, inputs, random, isBack: true)
    if step.batched == nil { fillUnreached(step, frame) }
    if let epilogue = step.epilogue {
      let gradient = frame.outputGradient()
      epilogue.backpropagate(
        x: nil, y: frame.output(), gradient, into: gradient,
        rows: frame.rows * step.node.outputs[0].outer, width: step.node.outputs[0].width)
    }
    trainable.backward(frame)
    for (k, value) in step.node.inputPlaces.enumerated() where step.targets[k] == .add {
      let workspace = workspaces[lane]
      guard let from = workspace.targets[k], let to = workspace.gradients[value] else { continue }
      Sums.add(from, to: to, count: plan.values[value].floats * chunk.count)
    }
  }

  // MARK: Gradients

  /// Takes the products over the whole batch, and adds up what the lanes left.
  private func addUp(_ inputs: [UnsafePointer<Float>], rows: Int) {
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

  /// Works out what the passes keep of the variables.
  func prepare() {
    var wanted: [ObjectIdentifier: (layer: any Layer, wantsInputs: Bool)] = [:]
    var order: [ObjectIdentifier] = []
    for step in plan.steps {
      let id = ObjectIdentifier(step.node.layer)
      if wanted[id] == nil { order.append(id) }
      let wants = step.goesBack && step.targets.contains { $0 != .unwanted }
      wanted[id] = (step.node.layer, wants || wanted[id]?.wantsInputs ?? false)
    }
    let work = UncheckedTasks(
      tasks: order.compactMap { wanted[$0] }.map { entry in
        {
          if let trainable = entry.layer as? any Trainable {
            trainable.prepareForTraining(wantsInputs: entry.wantsInputs)
          } else {
            entry.layer.prepare()
          }
        }
      })
    try? Parallel.forEach(work.tasks.count) { work.tasks[$0]() }
  }

  func hasMask(ofOutput index: Int) -> Bool { plan.values[plan.outputs[index]].mask != nil }

  /// What a layer found wrong with the data.
  func error(_ fault: DataFaults.Fault, path: String) -> NetworkError {
    let node = plan.steps[fault.node].node
    return .badInput(
      path: path,
      what:
        "a sample cannot be run: \(fault.what) (layer '\(node.name.printable())', class \(node.className.printable(limit: 40)))"
    )
  }

  /// The rows of the plan's output of this index after a run.
  func output(_ index: Int, _ inputs: [UnsafePointer<Float>]) -> UnsafePointer<Float> {
    UnsafePointer(pointer(plan.outputs[index], inputs, 0))
  }

  /// Its mask; nil where it has none.
  func mask(ofOutput index: Int) -> UnsafePointer<Float>? {
    plan.values[plan.outputs[index]].mask.map {
      UnsafePointer(base + (memory.values[$0.storage] ?? 0))
    }
  }
}

private struct UncheckedBody: @unchecked Sendable {
  let body: (Int) -> Void
}

private struct UncheckedTasks: @unchecked Sendable {
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
