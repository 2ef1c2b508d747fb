import JSON
import Keras
import Testing

@testable import Network

struct PenaltyTests {
  /// `keras.regularizers.get(…)` of every age; the derivative is `l1·sign(x) + 2·l2·x`.
  @Test(
    arguments: [
      ("null", nil),
      (#""l2""#, Regularizer(l2: 0.01)),
      (#"{"class_name":"L1","config":{"l1":0.3}}"#, Regularizer(l1: 0.3)),
      (#"{"class_name":"L2","config":{"l2":[0.0001]}}"#, Regularizer(l2: 0.0001)),
      (#"{"class_name":"L1L2","config":{"l1":0.0,"l2":0.0002}}"#, Regularizer(l2: 0.0002)),
      (#"{"class_name":"L1L2","config":{"l1":0.0,"l2":0.0}}"#, nil),
      (#"{"name":"WeightRegularizer","l1":0.1,"l2":0.2}"#, Regularizer(l1: 0.1, l2: 0.2)),
    ] as [(String, Regularizer?)])
  func regularizersOfAllAgesAreRead(json: String, expected: Regularizer?) throws {
    #expect(try Regularizer(JSON.parse(json)) == expected)
  }

  @Test(
    arguments: [
      #"{"class_name":"OrthogonalRegularizer","config":{}}"#, #""mine""#, "3",
      #"{"class_name":"L2","config":{"l2":"x"}}"#,
    ])
  func otherRegularizersAreRefused(json: String) {
    #expect(throws: LayerFault.self) { try Regularizer(JSON.parse(json)) }
  }

  @Test func penaltiesAddToLossAndGradient() {
    let both = Regularizer(l1: 0.5, l2: 0.25)
    let x: [Float] = [2, -1, 0]
    var gradient: [Float] = [1, 1, 1]
    x.withUnsafeBufferPointer { x in
      #expect(both.penalty(on: x.baseAddress!, in: 0..<3) == 0.5 * 3 + 0.25 * 5)
      gradient.withUnsafeMutableBufferPointer {
        both.addGradient(of: x.baseAddress!, in: 0..<3, to: $0.baseAddress!)
        both.addGradient(of: x.baseAddress!, scale: 2, in: 1..<2, to: $0.baseAddress!)
      }
    }
    #expect(gradient == [2.5, -2, 1])
  }

  @Test func settingsBelongToTheirVariables() throws {
    func reading(_ name: String, _ config: String, age: KerasAge) throws -> LayerReading {
      LayerReading(name, try #require(try JSON.parse(config).objectValue), age: age)
    }
    let l2 = #"{"class_name":"L2","config":{"l2":0.5}}"#
    let dense = try reading(
      "Dense",
      #"{"kernel_regularizer":\#(l2),"bias_regularizer":null,"activity_regularizer":"l1","bias_constraint":"non_neg"}"#,
      age: .three)
    #expect(try Penalties.regularizer(of: "kernel", in: dense) == Regularizer(l2: 0.5))
    #expect(try Penalties.regularizer(of: "query/kernel", in: dense) == Regularizer(l2: 0.5))
    #expect(try Penalties.regularizer(of: "bias", in: dense) == nil)
    #expect(try Penalties.activity(of: dense) == Regularizer(l1: 0.01))
    #expect(try Penalties.constraint(of: "kernel", in: dense) == nil)
    #expect(try Penalties.constraint(of: "query/bias", in: dense)?.kind == .nonNegative)
    let old = try reading(
      "LSTM", #"{"W_regularizer":\#(l2),"U_regularizer":{"name":"WeightRegularizer","l1":1}}"#,
      age: .one)
    #expect(try Penalties.regularizer(of: "kernel_i", in: old) == Regularizer(l2: 0.5))
    #expect(try Penalties.regularizer(of: "recurrent_kernel_i", in: old) == Regularizer(l1: 1))
    #expect(try Penalties.regularizer(of: "bias_i", in: old) == nil)
    let norm = try reading("BatchNormalization", #"{"gamma_regularizer":\#(l2)}"#, age: .two)
    #expect(try Penalties.regularizer(of: "gamma", in: norm) == Regularizer(l2: 0.5))
    #expect(try Penalties.regularizer(of: "beta", in: norm) == nil)
    let activity = try reading("ActivityRegularization", #"{"l1":0.0,"l2":0.5}"#, age: .three)
    #expect(try Penalties.activity(of: activity) == Regularizer(l2: 0.5))
  }

  /// `keras.constraints.NAME(…)(w)`, Keras 3.15.1.
  @Test(
    arguments: [
      (
        #"{"class_name":"MaxNorm","config":{"max_value":2,"axis":0}}"#,
        [0.630488336, -1.94028509, 1.89146495, 0.485071272, -0.157622084, 0]
      ),
      (
        #"{"name":"MaxNorm","m":2,"axis":0}"#,
        [0.630488336, -1.94028509, 1.89146495, 0.485071272, -0.157622084, 0]
      ),
      (#"{"class_name":"NonNeg","config":{}}"#, [1, 0, 3, 0.5, 0, 0]),
      (
        #"{"class_name":"UnitNorm","config":{"axis":0}}"#,
        [0.315244168, -0.970142543, 0.945732474, 0.242535636, -0.078811042, 0]
      ),
      (
        #"{"class_name":"UnitNorm","config":{"axis":-1}}"#,
        [0.44721359, -0.89442718, 0.986393869, 0.164398983, -0.999999642, 0]
      ),
      (
        #"{"class_name":"MinMaxNorm","config":{"min_value":0.75,"max_value":1.5,"rate":0.5,"axis":[0,1]}}"#,
        [0.698245585, -1.39649117, 2.09473681, 0.349122792, -0.174561396, 0]
      ),
    ] as [(String, [Float])])
  func constraintsAreThoseOfKeras(json: String, expected: [Float]) throws {
    let constraint = try #require(try Constraint(JSON.parse(json)))
    try constraint.check(shape: [3, 2])
    var weights: [Float] = [1, -2, 3, 0.5, -0.25, 0]
    weights.withUnsafeMutableBufferPointer {
      constraint.apply(to: $0.baseAddress!, shape: [3, 2])
    }
    for (value, wanted) in zip(weights, expected) { #expect(abs(value - wanted) < 1e-6) }
  }

  @Test func otherConstraintsAreRefused() throws {
    #expect(throws: LayerFault.self) {
      try Constraint(JSON.parse(#"{"class_name":"RadialConstraint","config":{}}"#))
    }
    let far = try #require(
      try Constraint(JSON.parse(#"{"class_name":"UnitNorm","config":{"axis":2}}"#)))
    #expect(throws: LayerFault.self) { try far.check(shape: [3, 2]) }
  }
}
