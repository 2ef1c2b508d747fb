/// `total` divided in proportion to `sizes`: each part is within one of its exact share and the parts
/// add up to `total` exactly. What whole numbers leave over goes to the largest remainders, of equal
/// ones to the first (Hamilton's method). `total` is at most the sum of the sizes.
func apportion(_ total: Int, over sizes: [Int]) -> [Int] {
  let whole = sizes.reduce(0, +)
  guard whole > 0 else { return sizes }
  precondition(total >= 0 && total <= whole)
  var parts: [Int] = []
  var remainders: [Int] = []
  for size in sizes {
    let product = size.multipliedFullWidth(by: total)
    let (quotient, remainder) = whole.dividingFullWidth(product)
    parts.append(quotient)
    remainders.append(remainder)
  }
  let order = sizes.indices.sorted { (-remainders[$0], $0) < (-remainders[$1], $1) }
  for index in order.prefix(total - parts.reduce(0, +)) { parts[index] += 1 }
  return parts
}

/// The same with a limit to each part, which holds: what a limit cuts off is divided over the others.
/// Nil where the limits together are below `total`.
func apportion(_ total: Int, over sizes: [Int], limits: [Int]) -> [Int]? {
  guard total <= limits.reduce(0, +) else { return nil }
  var result = sizes.map { _ in 0 }
  var open = Array(sizes.indices)
  var rest = total
  while true {
    let parts = apportion(rest, over: open.map { sizes[$0] })
    let over = zip(open, parts).filter { limits[$0.0] < $0.1 }.map(\.0)
    if over.isEmpty {
      for (index, part) in zip(open, parts) { result[index] = part }
      return result
    }
    for index in over {
      result[index] = limits[index]
      rest -= limits[index]
    }
    open.removeAll { over.contains($0) }
  }
}
