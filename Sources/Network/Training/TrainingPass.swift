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
  let chunk: Int
  let memory: TrainingMemory
  let base: UnsafeMutablePointer<Float>
  let parameters: [Parameter]
  /// By parameter, floats from the start of a lane's slot; nil where no lane adds to it.
  let slots: [Int?]
  let slotSize: Int
  let slotBase: UnsafeMutablePointer<Float>
  /// By parameter: the gradient of the batch.
  let gradients: [UnsafeMutablePointer<Float>?]
  private let gradientBase: UnsafeMutablePointer<Float>
  let sums: UnsafeMutablePointer<Double>
  let sumPlaces: [Int]
  let sumSize: Int
  /// By row, one layer that penalizes after the other.
  private let penalties: UnsafeMutablePointer<Double>
  /// By step, where its penalties begin and how many there are for a sample; nil for a step without.
  private let penaltyPlaces: [(start: Int, each: Int)?]
  private var rowsOfStep = 1
  let settled: UnsafeMutablePointer<Float>
  let settledPlaces: [Int]
  private(set) var workspaces: [LaneWorkspace] = []

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
    var penaltyCount = 0
    penaltyPlaces = plan.steps.map { step in
      guard plan.trains, step.trainable?.penalizes == true else { return nil }
      defer { penaltyCount += batch * step.node.rowsPerSample }
      return (penaltyCount, step.node.rowsPerSample)
    }
    penalties = .allocate(capacity: max(1, penaltyCount))
    penalties.initialize(repeating: 0, count: max(1, penaltyCount))
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
    penalties.deallocate()
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
    rowsOfStep = rows
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
      if let fault = fault { return fault }
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

  func forEachLane(_ body: @escaping (Int) -> Void) {
    let work = UncheckedBody(body: body)
    // Nothing in the work throws.
    try? Parallel.forEach(lanes) { work.body($0) }
  }

  func forEachChunk(_ lane: Int, _ body: (Range<Int>) -> Void) {
    let range = workspaces[lane].range
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(range.upperBound, start + chunk)
      body(start..<end)
      start = end
    }
  }

  func stepRange(_ part: Int) -> Range<Int> {
    let first = plan.steps.firstIndex { $0.part >= part } ?? plan.steps.count
    let end = plan.steps.firstIndex { $0.part > part } ?? plan.steps.count
    return first..<max(first, end)
  }

  private var fault: DataFaults.Fault? {
    for workspace in workspaces {
      if let fault = workspace.faults.first { return fault }
    }
    return nil
  }

  // MARK: Places

  func pointer(_ value: Int, _ inputs: [UnsafePointer<Float>], _ row: Int)
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

  func frame(
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
      firstRow: row * step.node.rowsPerSample, batchRows: rowsOfStep,
      penalties: penaltyPlaces[index].map { penalties + $0.start + row * $0.each },
      trains: plan.trains, random: random(index),
      settled: settled + settledPlaces[index], gradients: workspace.gradients,
      inputGradients: workspace.targets, parameterGradients: workspace.parameters)
  }

  /// What penalties add to the mean loss of the step.
  var penalty: Double {
    var sum = 0.0
    for place in penaltyPlaces {
      guard let place else { continue }
      for row in 0..<rowsOfStep * place.each { sum += penalties[place.start + row] }
    }
    return sum / Double(rowsOfStep)
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
