import Documents
import Files
import JSON
import Tensors
import Testing

@testable import Keras
@testable import Network

/// Whole models on calibration samples.
struct CalibrationTests {
  /// All rows that a stop's kernel is given, of one side.
  private func rows(_ stop: KernelStop, _ side: KernelStop.Side = .current) -> [[Float]] {
    var rows: [[Float]] = []
    for chunk in 0..<stop.chunks {
      stop.giveRows(chunk: chunk, of: side) { x, count, stride, _ in
        for row in 0..<count {
          rows.append((0..<stop.matrices.inputs).map { x[row * stride + $0] })
        }
      }
    }
    return rows
  }

  private func calibration(_ model: Model, _ x: [Float], count: Int) throws -> Calibration {
    try Calibration(model, path: "m.keras", count: count) { inputs in
      for (i, value) in x.enumerated() { inputs[0][i] = value }
    }
  }

  @Test func sumsOfInputs() throws {
    let opened = try ModelFile.open("fixtures/models/lenet_300_100.keras")
    let x = wave([300, 28, 28, 1]).values
    let calibration = try calibration(opened.model, x, count: 300)
    let inputs = try calibration.inputs()
    #expect(
      inputs.map { opened.model.tensors[$0.tensor].shape } == [
        [784, 300], [300, 100], [100, 10],
      ])
    #expect(inputs.allSatisfy { $0.rows == 300 })
    for i in [0, 1, 783] {
      let sum = (0..<300).reduce(0.0) { $0 + Double(x[$1 * 784 + i]) * Double(x[$1 * 784 + i]) }
      #expect(abs(inputs[0].squares[i] - sum) < 1e-9 * sum)
    }
  }

  /// Every normalisation has the mean and variance of what it is given in the end.
  @Test func statisticsAreThoseOfTheChangedNetwork() throws {
    let opened = try ModelFile.open("fixtures/models/dsconv.keras")
    let model = opened.model
    let x = wave([48, 28, 28, 1]).values.map(abs)
    let calibration = try calibration(model, x, count: 48)
    let place = try #require(model.tensors.firstIndex { $0.role == .kernel })
    let source = try #require(model.tensors[place].source)
    var mask = Mask(count: model.tensors[place].count, keeping: true)
    for i in stride(from: 0, to: mask.count, by: 2) { mask[i] = false }
    let masked = TensorValues(MaskedBytes(source, mask: mask, elementSize: 4), type: .float32)
    let walk = try CalibrationWalk(calibration, values: [place: masked], seesDense: false)
    try walk.run(recalibrates: true)
    #expect(walk.count == 48)
    let roles = Set(walk.changes.map { model.tensors[$0.tensor].role })
    #expect(roles == [.movingMean, .movingVariance])

    let network = try Network(model, path: opened.path, shapes: nil, fusing: false)
    try network.setValues(ofTensor: place, to: masked)
    for change in walk.changes {
      let bytes = change.values.withUnsafeBytes { Array($0) }
      try network.setValues(
        ofTensor: change.tensor, to: TensorValues(MemoryBytes(bytes), type: .float32))
    }
    network.refresh()
    var checked = 0
    try x.withUnsafeBufferPointer { x in
      let base = try #require(x.baseAddress)
      let check = SampleWalk(network, samples: [base], count: 48, chunk: 7)
      for node in network.plan.nodes.indices {
        if let layer = network.plan.nodes[node].layer as? any Recalibrated {
          let moments = ChannelMoments.of(layer, node, in: check)
          for i in 0..<layer.movingMean.count {
            let (mean, variance) = (layer.movingMean.values[i], layer.movingVariance.values[i])
            #expect(abs(Float(moments.means[i]) - mean) <= 1e-4 * (1 + abs(mean)))
            #expect(abs(Float(moments.variance(i)) - variance) <= 1e-3 * (1e-3 + variance))
          }
          checked += 1
        }
        try check.run(node: node)
      }
    }
    #expect(checked > 4)
  }

  @Test func stopsSeeWhatEarlierOnesChanged() throws {
    let opened = try ModelFile.open("fixtures/models/lenet_300_100.keras")
    let x = wave([40, 28, 28, 1]).values
    let calibration = try calibration(opened.model, x, count: 40)
    let walk = try CalibrationWalk(calibration, values: [:], seesDense: true)
    var seen = 0
    try walk.run(recalibrates: false) { stop in
      seen += 1
      #expect(stop.isLast && stop.bias != nil && !stop.isNormalised)
      let (current, dense) = (rows(stop), rows(stop, .dense))
      #expect(current.count == 40 && dense.count == 40)
      // The first kernel becomes nothing, and its bias rises by one.
      if stop.use == 0, stop.matrices.inputs == 784 {
        #expect(current == dense)
        return .init(
          kernel: [Float](repeating: 0, count: stop.matrices.count),
          shifts: [Double](repeating: 1, count: 300))
      }
      if stop.matrices.inputs == 300 {
        #expect(current != dense)
        #expect(current.allSatisfy { $0 == current[0] })
      }
      return nil
    }
    #expect(seen == 3)
    #expect(walk.changes.map { opened.model.tensors[$0.tensor].shape } == [[784, 300], [300]])
  }

  /// A convolution right before a normalisation that is measured anew can be off by any constant.
  @Test func whatANormalisationTakesAway() throws {
    let opened = try ModelFile.open("fixtures/models/mlperf_tiny_resnet8.h5")
    let calibration = try calibration(
      opened.model, wave([2, 32, 32, 3]).values.map { 128 + 100 * $0 }, count: 2)
    for recalibrates in [true, false] {
      let walk = try CalibrationWalk(calibration, values: [:], seesDense: false)
      var found: [String: Bool] = [:]
      try walk.run(recalibrates: recalibrates) { stop in
        found[stop.layer] = stop.isNormalised
        return nil
      }
      // The two convolutions of the shortcuts go into sums, and the last layer into nothing.
      let normalised = found.filter(\.value).count
      #expect(found.count == 10 && normalised == (recalibrates ? 7 : 0), "\(found)")
      #expect(found["dense"] == false)
    }
  }

  /// x → twice → twice → last, all Dense without bias; `twice` is one layer.
  private func shared() -> Model {
    func dense(_ name: String, units: Int, from: [Name]) -> LayerGraph.Layer {
      LayerGraph.Layer(
        name: name, isNamed: true, className: "Dense", module: nil, registeredName: nil,
        config: JSON.Object([("units", .integer(units)), ("use_bias", .bool(false))]),
        calls: from.map { layer in
          .init([.tensor(.init(layer: layer, call: 0, output: 0))])
        }, content: .plain)
    }
    let input = LayerGraph.Layer(
      name: "x", isNamed: true, className: "InputLayer", module: nil, registeredName: nil,
      config: JSON.Object([("batch_shape", .array([.null, 3]))]), calls: [], content: .plain)
    var last = dense("last", units: 2, from: ["twice"])
    last.calls = [.init([.tensor(.init(layer: "twice", call: 1, output: 0))])]
    var model = Model()
    model.age = .three
    model.graph = LayerGraph(
      className: "Functional", name: "m",
      layers: [input, dense("twice", units: 3, from: ["x", "twice"]), last],
      inputs: .tensor(.init(layer: "x", call: 0, output: 0)),
      outputs: .tensor(.init(layer: "last", call: 0, output: 0)), isSequential: false,
      isTrainable: true)
    for (place, (layer, shape)) in [("twice", [3, 3]), ("last", [3, 2])].enumerated() {
      let values = wave(shape, seed: Double(place)).values
      model.tensors.append(
        ModelTensor(
          name: "\(layer)/kernel", path: layer, part: 0, object: place, layer: layer,
          layerClass: "Dense", role: .kernel, shape: shape, type: .float32, typeName: "float32",
          source: MemoryBytes(values.withUnsafeBytes { Array($0) }), count: values.count))
      model.variables.append(
        Variable(
          layer: layer, inside: nil, owner: "Dense", name: "kernel", role: .kernel, tensor: place,
          isTrainable: true))
    }
    return model
  }

  @Test func layersCalledTwiceChangeForBothCalls() throws {
    let x = wave([20, 3]).values
    let calibration = try calibration(shared(), x, count: 20)
    #expect(try calibration.inputs().map(\.rows) == [40, 20])
    let walk = try CalibrationWalk(calibration, values: [:], seesDense: false)
    var lasts: [Bool] = []
    try walk.run(recalibrates: false) { stop in
      lasts.append(stop.isLast)
      guard stop.tensor == 1 else {
        // Every input, twice as large.
        return .init(kernel: [2, 0, 0, 0, 2, 0, 0, 0, 2])
      }
      // Both calls have the new kernel behind them.
      #expect(agree(rows(stop).flatMap { $0 }, x.map { 4 * $0 }))
      return nil
    }
    #expect(lasts == [false, true, true])
    #expect(walk.changes.map(\.tensor) == [0])
  }

  @Test func maskedPositionsAreNoPartOfTheMoments() throws {
    let trial = LayerTrial(
      className: "BatchNormalization", config: "{}",
      variables: [
        "gamma": ([2], [1, 1]), "beta": ([2], [0, 0]), "moving_mean": ([2], [0, 0]),
        "moving_variance": ([2], [1, 1]),
      ], masks: [([1, 3], [1, 0, 1])])
    var found: ChannelMoments?
    _ = try trial.outputs([([1, 3, 2], [1, 2, 100, 200, 3, 6])]) { layer, frame in
      if let layer = layer as? any Recalibrated { found = ChannelMoments(layer, frame) }
    }
    var moments = try #require(found)
    #expect(moments.means == [2, 4] && moments.variance(0) == 1 && moments.variance(1) == 4)
    // Two batches of moments are those of all values.
    moments.add(moments)
    #expect(moments.means == [2, 4] && moments.variance(1) == 4 && moments.count == 4)
  }
}
