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
            ) { items in
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
}
