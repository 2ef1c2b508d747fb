/// The share of items with fewer than k outputs larger than that of their class, as
/// `keras.ops.in_top_k` counts: classes that tie across the border are all in.
struct TopKAccuracy: Metric {
  let k: Int
  private var correct = 0
  private var total = 0

  init(k: Int) { self.k = k }

  mutating func add(_ items: Items) {
    total += items.count
    for item in 0..<items.count where isIn(items, item) { correct += 1 }
  }

  private func isIn(_ items: Items, _ item: Int) -> Bool {
    let outputs = items.outputs + item * items.width
    let own = outputs[items.targetClass(item)]
    var larger = 0
    for place in 0..<items.width {
      if outputs[place].isNaN { return false }
      if outputs[place] > own { larger += 1 }
    }
    return larger < k
  }

  var scores: [Score] { [.share("top\(k)", correct, of: total)] }
}
