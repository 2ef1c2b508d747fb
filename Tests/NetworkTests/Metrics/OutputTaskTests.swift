import Testing

@testable import Network

struct OutputTaskTests {
  @Test func lossesOfClassesAndDecisionsSettleTheTask() {
    func task(
      _ meaning: LossMeaning?, _ activation: OutputActivation, _ width: Int, _ numbers: Bool
    )
      -> [OutputTask]
    {
      OutputTask.candidates(meaning, activation, width: width, classNumbers: numbers)
    }
    #expect(task(.classes, .linear, 10, true) == [.classification])
    #expect(task(.classes, .softmax, 10, false) == [.classification])
    #expect(task(.decisions, .sigmoid, 1, false) == [.binary])
    #expect(task(.decisions, .sigmoid, 4, true) == [.classification])
    #expect(task(.decisions, .sigmoid, 4, false) == [.classification, .multiLabel])
    #expect(task(.numbers, .sigmoid, 1, false) == [.binary, .regression])
    #expect(task(.numbers, .linear, 1, false) == [.regression])
    #expect(task(.numbers, .softmax, 3, false) == [.classification, .regression])
    #expect(task(nil, .softmax, 3, false) == [.classification])
    #expect(task(nil, .linear, 3, true) == [.classification])
  }

  @Test func targetsAreAskedWhatTheyAre() {
    func facts(_ values: [Float], width: Int) -> (binary: Bool, oneHot: Bool) {
      var facts = TargetFacts()
      values.withUnsafeBufferPointer { values in
        facts.add(
          Items(
            outputs: values.baseAddress!, targets: .values(values.baseAddress!),
            count: values.count / width, width: width))
      }
      return (facts.areBinary, facts.areOneHot)
    }
    #expect(facts([1, 0, 0, 1], width: 2) == (true, true))
    #expect(facts([1, 1, 0, 0], width: 2) == (true, false))
    #expect(facts([1, 0, 0.5, 0.5], width: 2) == (false, false))
    #expect(facts([0, 1], width: 1) == (true, false))
  }

  @Test func itemsThatDoNotCountAreLeftOut() {
    var room = KeptItems()
    let outputs: [Float] = [1, 2, 3, 4, 5, 6]
    let classes: [Int32] = [0, 1, 0]
    let mask: [Float] = [1, 1, 0]
    func kept(masked: Bool, ignored: Int?) -> [Float] {
      var found: [Float] = []
      outputs.withUnsafeBufferPointer { outputs in
        classes.withUnsafeBufferPointer { classes in
          mask.withUnsafeBufferPointer { mask in
            room.withItems(
              of: Items(
                outputs: outputs.baseAddress!, targets: .classes(classes.baseAddress!), count: 3,
                width: 2), mask: masked ? mask.baseAddress! : nil, ignored: ignored
            ) { items, _ in
              for i in 0..<items.count * items.width { found.append(items.outputs[i]) }
            }
          }
        }
      }
      return found
    }
    #expect(kept(masked: false, ignored: nil) == outputs)
    #expect(kept(masked: true, ignored: nil) == [1, 2, 3, 4])
    #expect(kept(masked: false, ignored: 0) == [3, 4])
    #expect(kept(masked: true, ignored: 1) == [1, 2])
  }

  /// Two rows of two items, of which a mask leaves out the first and the last; rows weigh 2 and 0.5. The mean is
  /// over the items that are left, not over the weights (Keras's `sum_over_batch_size`), and metrics leave
  /// weights alone.
  @Test(arguments: [(false, [2, 2, 0.5, 0.5]), (true, [0, 2, 0.5, 0])])
  func rowsWeighInTheLossAlone(masked: Bool, itemWeights: [Double]) throws {
    let outputs: [Float] = [1, 2, 3, 5]
    let targets: [Float] = [0, 0, 1, 1]
    let mask: [Float] = [0, 1, 1, 0]
    let weights: [Float] = [2, 0.5]
    let squares = zip(outputs, targets).map { Double(($0 - $1) * ($0 - $1)) }
    var evaluation = OutputEvaluation(
      name: "o", shape: [2, 1], loss: try MeanSquaredError(LossSettings(.string("mse"))),
      lossName: "mse", weight: 1, candidates: [.regression], topK: nil, wantsClasses: false,
      wantsConfusion: false)
    outputs.withUnsafeBufferPointer { outputs in
      targets.withUnsafeBufferPointer { targets in
        mask.withUnsafeBufferPointer { mask in
          weights.withUnsafeBufferPointer { weights in
            evaluation.add(
              outputs.baseAddress!, targets: .values(targets.baseAddress!),
              mask: masked ? mask.baseAddress : nil, weights: weights.baseAddress, rows: 2)
          }
        }
      }
    }
    let items = masked ? 2.0 : 4.0
    let result = evaluation.result
    #expect(result.loss == zip(itemWeights, squares).map { $0 * $1 }.reduce(0, +) / items)
    let kept = masked ? squares[1...2] : squares[...]
    #expect(result.scores.contains(.number("mse", kept.reduce(0, +) / items)))
  }
}
