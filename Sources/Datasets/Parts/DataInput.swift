import Documents
import Tensors

/// The items of one input of the model, over all rows of a part.
public struct DataInput: Sendable {
  /// The model's input where it is known, else the array's name.
  public let name: String
  /// The shape of an item as `read` gives it, without the axis of rows.
  public let itemShape: [Int]
  /// How values are stored.
  public let type: ElementType
  /// Values an item.
  public let itemCount: Int
  /// The shape of an item as stored.
  public let storedShape: [Int]

  /// The input that the user named.
  let place: String?
  let segments: [NumberRows]
  let adaptation: Adaptation
  let preparation: Preparation
  let allowsNonfinite: Bool
  let layout: DataOptions.Layout?

  var file: String { segments[0].file }
  var arrayName: String { segments[0].name }

  /// One array from each of the sets that the part is made of. Throws where their items differ.
  init(_ members: [ArraySet.Member], _ options: DataOptions) throws(DataError) {
    var segments: [NumberRows] = []
    for member in members { segments.append(try member.array.numbers()) }
    let first = segments[0]
    for other in segments where !other.itemShape.isAlike(first.itemShape) {
      throw .mismatch(
        file: other.file,
        what:
          "items of '\(other.name.printable())' are \(shapeText(other.itemShape)) and of '\(first.name.printable())' \(shapeText(first.itemShape))",
        advice: "Parts of one set of data must have items of one shape.")
    }
    self.init(
      name: members[0].place ?? first.name, place: members[0].place, segments: segments,
      adaptation: Adaptation(item: first.itemShape, layout: options.layout),
      preparation: Preparation(options), allowsNonfinite: options.allowsNonfinite,
      layout: options.layout)
  }

  private init(
    name: String, place: String?, segments: [NumberRows], adaptation: Adaptation,
    preparation: Preparation, allowsNonfinite: Bool, layout: DataOptions.Layout?
  ) {
    self.name = name
    self.place = place
    self.segments = segments
    self.adaptation = adaptation
    self.preparation = preparation
    self.allowsNonfinite = allowsNonfinite
    self.layout = layout
    itemShape = adaptation.shape
    storedShape = segments[0].itemShape
    type = segments[0].type
    itemCount = segments[0].itemCount
  }

  /// The same for the model's input `name` with items of `wanted`.
  func fitted(
    to wanted: ModelShape, allowsFolding: Bool
  ) throws(DataError) -> DataInput {
    guard
      let adaptation = Adaptation(
        item: storedShape, wanted: wanted.shape, layout: layout, allowsFolding: allowsFolding)
    else {
      throw .mismatch(
        file: file,
        what:
          "items of '\(arrayName.printable())' are \(shapeText(storedShape)), and input '\(wanted.name.printable())' of the model takes \(shapeText(wanted.shape))",
        advice: "Name other arrays with --x, or say how images lie with --layout.")
    }
    let fitted = DataInput(
      name: wanted.name, place: place, segments: segments, adaptation: adaptation,
      preparation: preparation, allowsNonfinite: allowsNonfinite, layout: layout)
    try fitted.checkChannels()
    return fitted
  }

  /// Throws where the preparation is for another number of channels.
  func checkChannels() throws(DataError) {
    let wanted = preparation.channels
    guard let one = wanted.first else { return }
    let (channels, _) = channelRuns
    guard wanted.count == 1, channels == one else {
      let given = wanted.sorted().map { "\($0)" }.joined(separator: " and ")
      throw .usage(
        file: file,
        what:
          "--mean, --std or --preprocess are for \(given) channels, and items of '\(arrayName.printable())' have \(channels)",
        advice: "Give one number, or one for each channel.")
    }
  }

  /// How many channels an item has, and the values that lie together of each.
  private var channelRuns: (channels: Int, inner: Int) {
    guard let axis = adaptation.channelAxis else { return (1, 1) }
    return (itemShape[axis], itemShape[(axis + 1)...].reduce(1, *))
  }

  /// Writes items of a set to `floats`, prepared.
  func read(
    set: Int, _ rows: Range<Int>, isRandom: Bool, into floats: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    let count = rows.count * itemCount
    let segment = segments[set]
    if adaptation.move == .none {
      try segment.read(
        rows, isRandom: isRandom, allowsNonfinite: allowsNonfinite, into: floats)
    } else {
      let stored = UnsafeMutablePointer<Float>.allocate(capacity: max(1, count))
      defer { stored.deallocate() }
      try segment.read(rows, isRandom: isRandom, allowsNonfinite: allowsNonfinite, into: stored)
      for row in 0..<rows.count {
        adaptation.move.apply(
          item: storedShape, from: stored + row * itemCount, to: floats + row * itemCount)
      }
    }
    prepare(floats, count: count)
  }

  /// Scales and preprocesses `count` values of whole items in place.
  func prepare(_ floats: UnsafeMutablePointer<Float>, count: Int) {
    let (channels, inner) = channelRuns
    preparation.apply(floats, count: count, channels: channels, inner: inner)
  }
}
