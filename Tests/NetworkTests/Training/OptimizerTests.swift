import JSON
import Keras
import Testing

@testable import Network

/// Expected numbers: Keras 3.15.1, `keras.optimizers.NAME(0.1, …)`, three calls of `apply` on two
/// variables, float32.
struct OptimizerTests {
  static let weights: [Float] = [1, -0.5, 0.25, 2]
  static let gradients: [[Float]] = [
    [0.5, -1, 0.125, 0], [0.25, 2, -0.5, 1], [-3, 0.5, 0.0625, -0.25],
  ]

  @Test(
    arguments: [
      ("SGD", "{}", [1.22500002, -0.650000036, 0.28125, 1.92499995], 1.4000001),
      (
        "sgd", #"{"momentum":0.9}"#, [1.11699998, -0.658999979, 0.304875016, 1.83500004],
        0.968000054
      ),
      (
        "SGD", #"{"momentum":0.9,"nesterov":true}"#,
        [1.33029997, -0.793099999, 0.330637485, 1.77649999], 1.82120001
      ),
      (
        "SGD", #"{"momentum":0.9,"weight_decay":0.05}"#,
        [1.10292363, -0.65198499, 0.301074684, 1.80564976], 0.963932514
      ),
      ("Adam", "{}", [0.856398404, -0.478175849, 0.241192773, 1.8852855], 0.35639751),
      (
        "Adam", #"{"beta_1":0.8,"beta_2":0.9,"epsilon":1e-3,"amsgrad":true}"#,
        [0.863271713, -0.486204833, 0.24531287, 1.88667321], 0.362436354
      ),
      // The decay that AdamW has by itself.
      ("AdamW", "{}", [0.855316162, -0.477641404, 0.24095051, 1.88291621], 0.35591504),
      (
        "Custom>AdamW", #"{"weight_decay":0.1}"#,
        [0.829619586, -0.46494925, 0.235197961, 1.82662773], 0.34446919
      ),
      ("RMSprop", "{}", [0.848108888, -0.542731524, 0.201261282, 1.76435459], 0.348108023),
      (
        "RMSprop", #"{"rho":0.8,"momentum":0.9,"centered":true,"epsilon":1e-3}"#,
        [0.319921434, -0.282779396, 0.0843268335, 1.58870578], -0.191035762
      ),
      (
        "RMSprop", #"{"momentum":0.5}"#, [0.537217617, -0.448417902, 0.117943928, 1.60624075],
        0.0372162461
      ),
      (
        "RMSprop", #"{"centered":true}"#, [0.826474845, -0.531029999, 0.192597494, 1.74907815],
        0.326473892
      ),
      ("Adagrad", "{}", [0.974343896, -0.514832139, 0.28564766, 1.92784071], 0.455221146),
      // Adadelta(1.0)
      (
        "Adadelta", #"{"learning_rate":1.0}"#,
        [0.999814928, -0.500983715, 0.250186414, 1.99908268], 0.499814898
      ),
      ("Adamax", "{}", [0.85539335, -0.456465662, 0.211936146, 1.92335916], 0.35539335),
      ("Nadam", "{}", [0.944647312, -0.509337008, 0.234624416, 1.91544008], 0.444647342),
      ("Lion", "{}", [0.899999976, -0.600000024, 0.150000006, 2], 0.400000006),
      (
        "SGD", #"{"clipnorm":1.0}"#, [1.04299629, -0.514264524, 0.258534282, 1.96480453],
        0.400000006
      ),
      (
        "SGD", #"{"global_clipnorm":1.0}"#,
        [0.992488742, -0.540062308, 0.263948649, 1.96221757], 0.469955087
      ),
      (
        "SGD", #"{"clipvalue":0.3}"#, [0.975000024, -0.529999971, 0.261249989, 1.995],
        0.469999999
      ),
    ] as [(String, String, [Float], Float)])
  func stepsAreThoseOfKeras(
    name: String, config: String, expected: [Float], other: Float
  ) throws {
    let settings = OptimizerSettings(
      name: name, config: try #require(try JSON.parse(config).objectValue))
    let rate = settings.config["learning_rate"]?.doubleValue ?? 0.1
    let (values, _) = try train(settings, rate: rate)
    for (value, wanted) in zip(values[0], expected) {
      #expect(abs(value - wanted) <= 2e-6, "\(value), \(wanted)")
    }
    #expect(abs(values[1][0] - other) <= 2e-6, "\(values[1][0]), \(other)")
  }

  /// A pruned weight is +0 with fresh slots after every step of every optimizer, even where it was -0
  /// and its gradient is NaN; what is kept goes as if it were alone; pieces give the same bits.
  @Test func prunedWeightsStayZero() throws {
    for type in OptimizerList.all {
      let settings = OptimizerSettings(
        name: type.names[0],
        config: JSON.Object([("momentum", type.names[0] == "Lion" ? .null : 0.9)]))
      var gradients = Self.gradients
      for step in gradients.indices { gradients[step][1] = step == 1 ? .nan : 3 }
      let (masked, state) = try train(
        settings, weights: [1, -0.0, 0.25, 2], gradients: gradients, mask: [1, 0, 1, 1])
      let (kept, _) = try train(settings, pieces: [0..<1, 1..<3, 3..<4])
      #expect(masked[0][1].bitPattern == 0, "\(type)")
      for i in [0, 2, 3] {
        #expect(masked[0][i].bitPattern == kept[0][i].bitPattern, "\(type), weight \(i)")
      }
      for slot in state.slots where slot.parameter == 0 {
        #expect(slot.values[1] == state.optimizer.initialSlot, "\(type), \(slot.name)")
      }
    }
  }

  /// Two steps, a checkpoint, a third: the same bits as three steps.
  @Test func stateIsSavedAndRestored() throws {
    for type in OptimizerList.all {
      let settings = OptimizerSettings(name: type.names[0])
      let (whole, _) = try train(settings)
      let (first, state) = try train(settings, gradients: Array(Self.gradients[..<2]))
      let resumed = OptimizerState(state.optimizer, counts: [4, 1])
      #expect(resumed.restore(state.slots, iteration: state.iteration))
      #expect(resumed.slots == state.slots)
      let (second, _) = try train(
        settings, weights: first[0], other: first[1][0],
        gradients: Array(Self.gradients[2...]), state: resumed)
      #expect(second == whole, "\(type)")
    }
    let adam = OptimizerState(try OptimizerList.make(OptimizerSettings(name: "Adam")), counts: [2])
    let nadam = OptimizerState(
      try OptimizerList.make(OptimizerSettings(name: "SGD")), counts: [2])
    #expect(!adam.restore(nadam.slots, iteration: 1))
    #expect(!adam.restore(adam.slots, iteration: -1))
    let other = OptimizerState(adam.optimizer, counts: [3])
    #expect(!other.restore(adam.slots, iteration: 1))
  }

  /// `torch.optim.SGD([w], lr=0.1, momentum=0.9, weight_decay=0.05)`, first step: v = g + λw.
  @Test func decayOfTheCommandIsOfKernels() throws {
    let sgd = try OptimizerList.make(
      OptimizerSettings(name: "SGD", config: JSON.Object([("momentum", 0.9)])))
    let adam = try OptimizerList.make(OptimizerSettings(name: "Adam"))
    var step = UpdateStep(rate: 0.1)
    WeightDecay.kernels(0.05).apply(to: &step, of: .kernel, with: sgd)
    #expect(step.pull == 0.05 && step.decay == 0)
    WeightDecay.kernels(0.05).apply(to: &step, of: .bias, with: sgd)
    #expect(step.pull == 0 && step.decay == 0)
    WeightDecay.kernels(0.05).apply(to: &step, of: .recurrentKernel, with: adam)
    #expect(step.pull == 0 && abs(step.decay - 0.005) < 1e-9)
    WeightDecay.keras(0.05).apply(to: &step, of: .bias, with: sgd)
    #expect(step.pull == 0 && abs(step.decay - 0.005) < 1e-9)
    let (values, _) = try train(
      OptimizerSettings(name: "SGD", config: JSON.Object([("momentum", 0.9)])),
      gradients: [Self.gradients[0]], decay: .kernels(0.05))
    #expect(abs(values[0][0] - (1 - 0.1 * (0.5 + 0.05))) < 1e-7)
  }

  /// Training configurations of Keras 0.x, 1, 2 and 3.
  @Test func settingsOfAllAgesAreRead() throws {
    func settings(_ json: String) throws -> OptimizerSettings? {
      OptimizerSettings(trainingConfig: try JSON.parse(json))
    }
    let two = try #require(
      try settings(
        #"{"optimizer_config":{"class_name":"SGD","config":{"lr":0.01,"momentum":0.9,"decay":0.0,"nesterov":true}}}"#
      ))
    #expect(two.name == "SGD" && two.config["nesterov"] == true && two.standardRate == 0.01)
    let three = try settings(
      #"{"optimizer":{"module":"keras.optimizers","class_name":"Adam","config":{"name":"adam","learning_rate":{"class_name":"CosineDecay","config":{}},"weight_decay":null},"registered_name":null}}"#
    )
    #expect(three?.name == "Adam" && three?.standardRate == 0.001)
    #expect(try settings(#"{"optimizer":"rmsprop"}"#)?.name == "rmsprop")
    #expect(try settings(#"{"optimizer":{"name":"Adagrad","lr":0.01}}"#)?.name == "Adagrad")
    let scaled = try settings(
      #"{"optimizer":{"class_name":"LossScaleOptimizer","config":{"inner_optimizer":{"class_name":"Lion","config":{}}}}}"#
    )
    #expect(scaled?.name == "Lion")
    #expect(try settings(#"{"loss":"mse"}"#) == nil)
    #expect(OptimizerSettings(trainingConfig: nil) == nil)
  }

  @Test(
    arguments: [
      ("ftrl", "the optimizer 'ftrl'"),
      (
        #"{"class_name":"SGD","config":{"use_ema":true}}"#,
        "an average of the weights (use_ema of SGD)"
      ),
      (
        #"{"class_name":"Adam","config":{"gradient_accumulation_steps":4}}"#,
        "gradients of several steps taken together (gradient_accumulation_steps of Adam)"
      ),
      (
        #"{"class_name":"SGD","config":{"momentum":1.5}}"#, "momentum 1.5 of the optimizer SGD"
      ),
      (#"{"class_name":"Adam","config":{"beta_2":1}}"#, "beta_2 1 of the optimizer Adam"),
      (
        #"{"class_name":"Adam","config":{"epsilon":"x"}}"#, #"epsilon "x" of the optimizer Adam"#
      ),
      ("{3", "the optimizer {3"),
    ])
  func whatIsNotTrainedWithIsRefused(text: String, what: String) {
    #expect(throws: OptimizerFault(what: what)) { try OptimizerSettings(option: text) }
  }

  /// Trains two variables, and gives their values and the state.
  private func train(
    _ settings: OptimizerSettings, rate: Double = 0.1, weights: [Float] = Self.weights,
    other: Float = 0.5, gradients: [[Float]] = Self.gradients, mask: [UInt8]? = nil,
    pieces: [Range<Int>] = [0..<4], decay: WeightDecay? = nil, state: OptimizerState? = nil
  ) throws -> ([[Float]], OptimizerState) {
    let optimizer = try OptimizerList.make(settings)
    let state = state ?? OptimizerState(optimizer, counts: [4, 1])
    let clipping = try GradientClipping(settings)
    let decay = try decay ?? settings.weightDecay().map { .keras($0) }
    var values = [weights, [other]]
    for gradient in gradients {
      let gradients = [gradient, [gradient[0] * 4]]
      let masks = [mask, nil]
      let squares = gradients.enumerated().map { place, gradient in
        gradient.withUnsafeBufferPointer {
          GradientClipping.squares(of: $0.baseAddress!, mask: nil, in: 0..<gradient.count)
        }
      }
      var step = state.step(rate: rate)
      step.limit = clipping.limit
      let factors = clipping.factors(squares: squares)
      for place in 0..<2 {
        step.factor = factors[place]
        decay?.apply(to: &step, of: .kernel, with: optimizer)
        values[place].withUnsafeMutableBufferPointer { weights in
          gradients[place].withUnsafeBufferPointer { gradient in
            func run(_ mask: UnsafePointer<UInt8>?) {
              let target = state.target(
                place, weights: weights.baseAddress!, gradient: gradient.baseAddress!, mask: mask)
              for piece in place == 0 ? pieces : [0..<1] {
                optimizer.update(piece, of: target, by: step)
              }
            }
            if let mask = masks[place] {
              mask.withUnsafeBufferPointer { run($0.baseAddress) }
            } else {
              run(nil)
            }
          }
        }
      }
      state.finishStep()
    }
    return (values, state)
  }
}
