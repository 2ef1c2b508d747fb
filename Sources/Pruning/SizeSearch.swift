/// Finds the smallest number in `range` whose size is at most `target`, when sizes fall as numbers
/// rise. Where they rise here and there, the number found is still one whose size fits, and the one
/// before it is one whose size does not.
///
/// Interpolates between the ends (packed sizes are nearly straight lines), with Illinois's weights,
/// and halves the range after each guess that has not. `size` is asked once a number.
///
/// Returns nil, and the size at the upper end, where even that does not fit.
func smallestFitting(
  _ range: ClosedRange<Int>, target: Int, size: (Int) throws -> Int
) rethrows -> (found: Int?, size: Int) {
  var (low, high) = (range.lowerBound, range.upperBound)
  let lowSize = try size(low)
  if lowSize <= target { return (low, lowSize) }
  guard low < high else { return (nil, lowSize) }
  var highSize = try size(high)
  if highSize > target { return (nil, highSize) }
  // How far each end is off the target, over and under.
  var over = Double(lowSize - target)
  var under = Double(target - highSize) + 1
  var halves = false
  while high - low > 1 {
    let width = high - low
    let way = (Double(width) * over / (over + under)).rounded()
    let guess = low + (halves ? width / 2 : max(1, min(width - 1, Int(way))))
    let found = try size(guess)
    if found > target {
      low = guess
      over = Double(found - target)
      under /= 2
    } else {
      high = guess
      highSize = found
      under = Double(target - found) + 1
      over /= 2
    }
    halves = !halves && high - low > width / 2
  }
  return (high, highSize)
}
