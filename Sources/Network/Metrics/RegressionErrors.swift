/// Mean absolute and squared errors over all values, and R²: 1 - Σ(y - t)² ÷ Σ(t - t̄)², the mean of
/// it over the places of an item (Keras's `R2Score` with `uniform_average`).
struct RegressionErrors: Metric {
  /// Of the targets at one place, by Welford's recurrence, which does not lose digits where they are
  /// large and close together.
  private struct Place {
    var mean = 0.0
    var spread = 0.0
    var squaredError = 0.0
  }

  private var places: [Place]
  private var items = 0
  private var absoluteError = 0.0

  init(width: Int) { places = [Place](repeating: Place(), count: width) }

  mutating func add(_ items: Items) {
    for item in 0..<items.count {
      self.items += 1
      for place in 0..<items.width {
        let target = items.target(item, place)
        let error = items.output(item, place) - target
        absoluteError += abs(error)
        places[place].squaredError += error * error
        let before = target - places[place].mean
        places[place].mean += before / Double(self.items)
        places[place].spread += before * (target - places[place].mean)
      }
    }
  }

  var scores: [Score] {
    let count = Double(items * places.count)
    guard count > 0 else { return [.count("total", 0)] }
    let squared = places.reduce(0) { $0 + $1.squaredError } / count
    var scores: [Score] = [
      .number("mae", absoluteError / count), .number("mse", squared),
      .number("rmse", squared.squareRoot()),
    ]
    // Of targets that are all the same, no share of their variance can be explained.
    if places.allSatisfy({ $0.spread > 0 }) {
      let sum = places.reduce(0) { $0 + (1 - $1.squaredError / $1.spread) }
      scores.append(.number("r2", sum / Double(places.count)))
    }
    return scores + [.count("total", items)]
  }
}
