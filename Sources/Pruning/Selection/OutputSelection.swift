import Parallel
import Tensors

/// The lowest weights of each output of one tensor by itself, in the order (key, place in the output).
///
/// Zeros that are there already count for their output. Outputs of a kernel all have as many weights;
/// what a number of zeros leaves over goes to the first outputs.
struct OutputSelection {
  /// Everything up to this one goes.
  private struct Cut {
    var key: UInt64
    var row: Int
    /// Keeps all but zeros.
    static let none = Cut(key: 0, row: .max)

    func takes(_ other: UInt64, _ place: Int) -> Bool { (other, place) <= (key, row) }
  }

  private let keys: any KeySource
  private let layout: KernelLayout
  private let survey: Ranking.Survey

  init(_ keys: any KeySource, layout: KernelLayout, survey: Ranking.Survey) {
    precondition(keys.count == layout.rows * layout.outputs)
    self.keys = keys
    self.layout = layout
    self.survey = survey
  }

  /// `count` zeros in all, more than there are.
  func selecting(_ count: Int) throws -> Selected {
    let surveys = try surveyedOutputs()
    let parts = divided(count, over: surveys)
    let blocks = Parallel.pieces(of: layout.outputs, size: OutputSelection.together)
    let found = try Parallel.map(blocks.count) { try cuts(of: blocks[$0], parts) }
    return Selected(try mask(below: found.flatMap { $0 }), survey)
  }

  /// Neighbouring outputs are read together, since they lie together.
  private static let together = 16

  /// How many zeros each output has, and how many it can have.
  private func surveyedOutputs() throws -> [(zeros: Int, most: Int)] {
    var counts = [(zeros: Int, most: Int)](
      repeating: (0, layout.rows), count: layout.outputs)
    guard survey.zeros > 0 || survey.nonfinite > 0 else { return counts }
    for block in Parallel.pieces(of: keys.count, size: TensorBlock.size) {
      try keys.withKeys(block) { base in
        for i in 0..<block.count {
          let key = keys.width.key(base, i)
          let output = layout.output(of: block.lowerBound + i)
          if key == 0 { counts[output].zeros += 1 }
          if key >= keys.width.infinite { counts[output].most -= 1 }
        }
      }
    }
    return counts
  }

  /// `count` divided over the outputs: to equal parts, but for outputs that have more zeros already
  /// or cannot have as many.
  private func divided(_ count: Int, over outputs: [(zeros: Int, most: Int)]) -> [Int] {
    var parts = outputs.map(\.zeros)
    var open = Array(outputs.indices)
    while !open.isEmpty {
      let settled = parts.reduce(0, +) - open.reduce(0) { $0 + parts[$1] }
      let size = layout.rows * open.count
      let wanted = apportion(
        min(size, max(0, count - settled)), over: open.map { _ in layout.rows })
      // Outputs that have too many zeros take from the rest first; only then is it known which of
      // those cannot have as many as are left to them.
      let over = zip(open, wanted).filter { $0.1 < outputs[$0.0].zeros }.map(\.0)
      let under = zip(open, wanted).filter { $0.1 > outputs[$0.0].most }.map(\.0)
      if over.isEmpty, under.isEmpty {
        for (output, part) in zip(open, wanted) { parts[output] = part }
        break
      }
      let closed = over.isEmpty ? under : over
      for output in closed {
        parts[output] = over.isEmpty ? outputs[output].most : outputs[output].zeros
      }
      open.removeAll { closed.contains($0) }
    }
    return parts
  }

  private func cuts(of outputs: Range<Int>, _ parts: [Int]) throws -> [Cut] {
    var columns = outputs.map { _ in [(key: UInt64, row: Int)]() }
    for row in 0..<layout.rows {
      for (i, output) in outputs.enumerated() where parts[output] > 0 {
        let place = layout.index(row: row, output: output)
        let key = try keys.withKeys(place..<place + 1) { keys.width.key($0, 0) }
        columns[i].append((key, row))
      }
    }
    return outputs.enumerated().map { i, output in
      guard parts[output] > 0 else { return .none }
      columns[i].sort { $0 < $1 }
      let last = columns[i][parts[output] - 1]
      return Cut(key: last.key, row: last.row)
    }
  }

  private func mask(below cuts: [Cut]) throws -> Mask {
    var mask = Mask(count: keys.count, keeping: true)
    let blocks = Parallel.pieces(of: keys.count, size: TensorBlock.size)
    try mask.words.withUnsafeMutableBufferPointer { words in
      // Blocks are multiples of 64 elements: no two share a word.
      nonisolated(unsafe) let words = words
      try Parallel.forEach(blocks.count) { index in
        let block = blocks[index]
        try keys.withKeys(block) { base in
          for i in 0..<block.count {
            let element = block.lowerBound + i
            let key = keys.width.key(base, i)
            let output = layout.output(of: element)
            if key == 0 || cuts[output].takes(key, layout.row(of: element)) {
              words[element >> 6] &= ~(1 << UInt64(element & 63))
            }
          }
        }
      }
    }
    return mask
  }
}
