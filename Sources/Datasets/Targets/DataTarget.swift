import Documents
import Tensors

/// The labels of one output of the model, over all rows of a part.
///
/// After `DataSet.fitted`, an item is `positions` vectors of `width` values of the output, and
/// can be read as class numbers (one a position) and as floats (`width` a position), whichever way
/// they are stored.
public struct DataTarget: Sendable {
  enum Rows: Sendable {
    case numbers(NumberRows)
    /// Class numbers of words, `itemCount` an item.
    case words([Int32])
  }

  /// The model's output where it is known, else the array's name.
  public let name: String
  /// Of an item as stored, without the axis of rows.
  public let itemShape: [Int]
  /// The words that the classes are, where labels are words.
  public let classNames: [String]?
  /// Nil before the labels are fitted to an output.
  public let form: TargetForm?
  public let positions: Int
  /// The last length of the output: its classes, or the values of a regression. 0 before the labels
  /// are fitted.
  public let width: Int
  /// Which of the model's outputs these are for.
  public let output: Int

  let place: String?
  let file: String
  /// The name of the array, of each set.
  let arrayNames: [String]
  let segments: [Rows]
  let labels: DataOptions.Labels

  var itemCount: Int { itemShape.reduce(1, *) }

  init(
    name: String, place: String?, file: String, arrayNames: [String], itemShape: [Int],
    classNames: [String]?, segments: [Rows], labels: DataOptions.Labels,
    fit: (form: TargetForm, positions: Int, width: Int, output: Int)? = nil
  ) {
    self.name = name
    self.place = place
    self.file = file
    self.arrayNames = arrayNames
    self.itemShape = itemShape
    self.classNames = classNames
    self.segments = segments
    self.labels = labels
    form = fit?.form
    positions = fit?.positions ?? 1
    width = fit?.width ?? 0
    output = fit?.output ?? 0
  }

  /// One array from each of the sets that the part is made of.
  init(
    _ members: [ArraySet.Member], words: [String: (names: [String], numbers: [Int32])],
    labels: DataOptions.Labels
  ) throws(DataError) {
    let first = members[0].array
    var segments: [Rows] = []
    var names: [String]?
    for member in members {
      let array = member.array
      guard array.itemShape.isAlike(first.itemShape) else {
        throw .mismatch(
          file: array.file,
          what:
            "labels of '\(array.name.printable())' are \(shapeText(array.itemShape)) and of '\(first.name.printable())' \(shapeText(first.itemShape))",
          advice: "Parts of one set of data must have labels of one shape.")
      }
      if case .strings = array.values, let known = words[array.key] {
        names = known.names
        segments.append(.words(known.numbers))
      } else {
        segments.append(.numbers(try array.numbers()))
      }
    }
    self.init(
      name: members[0].place ?? first.name, place: members[0].place, file: first.file,
      arrayNames: members.map(\.array.name), itemShape: first.itemShape, classNames: names,
      segments: segments, labels: labels)
  }

  /// The same for an output of the model.
  func fitted(to wanted: ModelShape, output: Int) throws(DataError) -> DataTarget {
    let labels = classNames == nil ? self.labels : .sparse
    guard
      let (form, positions, width) = TargetForm.of(
        item: itemShape, wanted: wanted.shape, labels: labels)
    else {
      let asked = labels == .auto ? "" : " as \(labels == .sparse ? "class numbers" : "one-hot")"
      throw .mismatch(
        file: file,
        what:
          "labels of '\(arrayNames[0].printable())' are \(shapeText(itemShape)), which does not fit\(asked) output '\(wanted.name.printable())' of the model, \(shapeText(wanted.shape))",
        advice: "Name other labels with --y, or say how they are stored with --labels.")
    }
    if let classNames, let width, classNames.count > max(2, width) {
      throw .mismatch(
        file: file,
        what:
          "labels of '\(arrayNames[0].printable())' are \(classNames.count) different words, and output '\(wanted.name.printable())' of the model has \(width) values",
        advice: "The model was made for other data.")
    }
    return DataTarget(
      name: wanted.name, place: place, file: file, arrayNames: arrayNames, itemShape: itemShape,
      classNames: classNames, segments: segments, labels: labels,
      fit: (form, positions, width ?? 1, output))
  }
}

extension StoredArray {
  /// What tells one array of all files from another.
  var key: String { "\(file)\u{0}\(name)" }
}
