import ArgumentParser

/// What options that take a number of epochs have in common.
enum EpochCount {
  /// More are a slip of the hand, and sums of them would not fit.
  static let most = 1_000_000_000

  /// Throws where `epochs`, given as `option`, are no number of epochs.
  static func check(_ epochs: Int?, _ option: String, from least: Int = 1) throws {
    if let epochs, !(least...most ~= epochs) {
      throw ValidationError("\(option) takes a whole number from \(least) to \(most)")
    }
  }
}
