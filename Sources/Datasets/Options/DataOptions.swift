/// What the user said of the data: the options of cli.md's "Data", and what the model adds to them.
public struct DataOptions: Sendable {
  /// Which rows `DataSet.evaluation` is.
  public enum Split: String, Sendable, CaseIterable {
    /// The test part where there is one, else all.
    case automatic = "auto"
    case test, train, all
  }

  /// How the labels are stored.
  public enum Labels: String, Sendable, CaseIterable {
    /// As the shapes say.
    case auto
    /// A class number an item.
    case sparse
    /// A vector an item, a single 1 in it.
    case oneHot = "onehot"
  }

  /// Which axis of an image is its channels.
  public enum Layout: String, Sendable, CaseIterable {
    case nhwc, nchw
  }

  /// The three forms of `keras.applications.imagenet_utils.preprocess_input`, for RGB bytes.
  public enum Preprocessing: String, Sendable, CaseIterable {
    /// BGR, less the mean of ImageNet.
    case caffe
    /// -1…1.
    case tf
    /// 0…1, then less the mean of ImageNet, then over its standard deviation.
    case torch
  }

  /// The arrays of the inputs, of the labels. Empty: as the file's own names say.
  ///
  /// A name with commas in it that nothing is called by is a list of names.
  public var x: [ArrayName] = []
  public var y: [ArrayName] = []
  /// What rows weigh in a loss: the name of an array or column, or of the file that holds it, where
  /// labels have one of their own; then a second one is for the test file. Empty: an array called
  /// `sample_weight`, where there is one.
  public var sampleWeights: [String] = []
  /// The test part, where it is a file of its own.
  public var testFile: String?
  public var split = Split.automatic
  /// The share of the training rows kept for validation, 0…<1.
  ///
  /// Which rows those are is drawn with `seed`, without regard to classes; both parts keep the
  /// order of the file.
  public var validation = 0.0
  /// The most rows of a part: its first ones. For training this is before the validation rows are
  /// taken out.
  public var limit: Int?
  public var seed: UInt64 = 0

  /// Values are first scaled, then preprocessed, then the mean is subtracted, then they are divided
  /// by the deviation; a mean or deviation is one number or one a channel (the last axis).
  public var scale: ValueScale?
  public var preprocessing: Preprocessing?
  public var mean: [Float] = []
  public var deviation: [Float] = []
  /// Nil: as the shapes say, channels last.
  public var layout: Layout?
  public var labels = Labels.auto

  /// Names of the model's inputs in order. Where `x` is empty and there are several, arrays of these
  /// names are looked for.
  public var modelInputs: [String] = []
  /// Leaves NaN and infinite values alone instead of refusing them.
  public var allowsNonfinite = false

  public init() {}

  /// Throws `DataError.usage` where an option cannot be.
  func check(_ file: String) throws(DataError) {
    func refuse(_ what: String, _ advice: String) -> DataError {
      .usage(file: file, what: what, advice: advice)
    }
    guard validation >= 0, validation < 1 else {
      throw refuse("a validation share of \(validation) cannot be", "Give one from 0 to below 1.")
    }
    if let limit, limit < 1 {
      throw refuse("a limit of \(limit) rows leaves nothing", "Give 1 or more.")
    }
    guard deviation.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw refuse("a standard deviation has to be positive", "Check --std.")
    }
    guard mean.allSatisfy(\.isFinite) else {
      throw refuse("a mean has to be a finite number", "Check --mean.")
    }
    try checkPlaces(file)
  }

  /// The same with the lists among `x` and `y` told from names with commas in them, where `isThere` tells
  /// what there is. Throws where names contradict each other.
  func naming(_ file: String, _ isThere: (String) -> Bool) throws(DataError) -> DataOptions {
    var options = self
    options.x = ArrayName.lists(x, isThere)
    options.y = ArrayName.lists(y, isThere)
    try options.checkPlaces(file)
    return options
  }

  private func checkPlaces(_ file: String) throws(DataError) {
    func refuse(_ what: String, _ advice: String) -> DataError {
      .usage(file: file, what: what, advice: advice)
    }
    for names in [x, y] {
      let places = names.compactMap(\.place)
      guard places.isEmpty || places.count == names.count else {
        throw refuse(
          "some arrays are given with the name of an input and some without",
          "Name all of them, as input=array, or none.")
      }
      guard Set(places).count == places.count else {
        throw refuse("two arrays are given for one input or output", "Name each once.")
      }
    }
  }
}
