/// One thread's memory for running a plan, and the places of all values in it.
final class Workspace {
  private let plan: Plan
  private let arena: Arena
  private let faults = DataFaults()
  private let memory: UnsafeMutablePointer<Float>
  private let scratch: UnsafeMutablePointer<Float>
  private let values: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
  private let masks: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>

  init(_ plan: Plan, _ arena: Arena) {
    self.plan = plan
    self.arena = arena
    memory = Floats.allocate(arena.count)
    scratch = Floats.allocate(arena.scratch + Arena.guarded)
    values = .allocate(capacity: max(1, plan.values.count))
    masks = .allocate(capacity: max(1, plan.values.count))
    for (i, value) in plan.values.enumerated() {
      (values + i).initialize(to: place(of: value.storage) ?? memory)
      (masks + i).initialize(to: value.mask.flatMap { place(of: $0.storage) })
    }
  }

  deinit {
    memory.deallocate()
    scratch.deallocate()
    values.deallocate()
    masks.deallocate()
  }

  private func place(of storage: Int) -> UnsafeMutablePointer<Float>? {
    arena.offsets[storage].map { memory + $0 }
  }

  /// Runs all nodes on `samples` samples (at most the arena's), which lie at `inputs`. `observe` is
  /// called before every node. Returns what a layer found wrong with the data, which ends the run.
  func run(
    _ inputs: [UnsafeMutablePointer<Float>], samples: Int,
    observe: ((Plan.Node, Frame) -> Void)? = nil
  ) -> DataFaults.Fault? {
    begin(inputs)
    for (i, node) in plan.nodes.enumerated() {
      observe?(node, frame(of: i, samples: samples))
      if let fault = run(node: i, samples: samples) { return fault }
    }
    return nil
  }

  /// Begins a run on samples that lie at `inputs`, and stay there until its end.
  func begin(_ inputs: [UnsafeMutablePointer<Float>]) {
    faults.reset()
    for (i, value) in plan.values.enumerated() {
      if case .input(let index) = plan.storages[value.storage].kind { values[i] = inputs[index] }
      if let mask = value.mask, case .input(let index) = plan.storages[mask.storage].kind {
        masks[i] = inputs[index]
      }
    }
  }

  /// The memory of the node's call, whose inputs are there once all nodes before it have run.
  func frame(of node: Int, samples: Int) -> Frame {
    faults.node = node
    let node = plan.nodes[node]
    return Frame(
      call: node.call, outputs: node.outputs, rows: samples * node.rowsPerSample,
      scratch: scratch, values: values, masks: masks, inputPlaces: node.inputPlaces,
      outputPlaces: node.outputPlaces, faults: faults)
  }

  /// Runs one node, the next of the run.
  func run(node index: Int, samples: Int) -> DataFaults.Fault? {
    let node = plan.nodes[index]
    #if DEBUG
      setGuards(node)
    #endif
    node.layer.forward(frame(of: index, samples: samples))
    #if DEBUG
      checkGuards(node)
    #endif
    return faults.first
  }

  /// Where the rows of the plan's output of this index are after a run.
  func output(_ index: Int) -> UnsafeMutablePointer<Float> { values[plan.outputs[index]] }

  /// Where its mask is; nil where it has none.
  func mask(ofOutput index: Int) -> UnsafeMutablePointer<Float>? { masks[plan.outputs[index]] }

  #if DEBUG
    /// What lies behind the storages that `node` writes, and behind the scratch memory. An overrun in
    /// an arena looks like rounding (engine.md, section I.1): this finds it where it happens.
    private func guards(_ node: Plan.Node) -> [UnsafeMutablePointer<Float>] {
      node.outputPlaces.compactMap { value in
        let storage = plan.values[value].storage
        return place(of: storage).map {
          $0 + Floats.rounded(plan.storages[storage].floats * arena.samples)
        }
      } + [scratch + arena.scratch]
    }

    private func setGuards(_ node: Plan.Node) {
      for place in guards(node) { place.update(repeating: Arena.pattern, count: Arena.guarded) }
    }

    private func checkGuards(_ node: Plan.Node) {
      for place in guards(node) {
        let isWhole = (0..<Arena.guarded).allSatisfy { place[$0] == Arena.pattern }
        precondition(isWhole, "layer '\(node.name)' (\(node.className)) wrote past its memory")
      }
    }
  #endif
}
