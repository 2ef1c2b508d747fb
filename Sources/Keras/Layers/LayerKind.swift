import JSON

/// What coppice knows of a class of layers: its variables, and what shape comes out.
struct LayerKind: Sendable {
  /// The variables in the order in which Keras writes them: trainable ones, then the others.
  var slots: @Sendable (LayerReading) -> [Slot]
  /// The shape of the first output for the first call's inputs.
  var output: @Sendable (LayerReading) -> PartialShape
  /// Settings that have to be positive whole numbers (or lists of them), where they are given.
  var counts: [String]

  init(
    counts: [String] = [], slots: @escaping @Sendable (LayerReading) -> [Slot] = { _ in [] },
    output: @escaping @Sendable (LayerReading) -> PartialShape = { $0.input }
  ) {
    self.slots = slots
    self.output = output
    self.counts = counts
  }
}

/// One variable of a layer, as its configuration promises it.
struct Slot: Sendable {
  var role: Role
  /// The name after the layer's, `query/kernel` say.
  var name: String
  /// Nil where the rank is not known; nil dimensions are not known.
  var shape: PartialShape
  var isTrainable: Bool
  /// The group below the layer's in a Keras 3 file that holds the variable (`cell`,
  /// `query_dense`), empty for the layer's own.
  var group: String
  /// The class that owns the variable, where it is not the layer's.
  var owner: String?
  /// Whether this is the wrapped layer's first variable once more, which only Keras 3 files may hold.
  var isAlias = false

  init(
    _ role: Role, _ shape: [Int?]?, name: String? = nil, trainable: Bool = true, group: String = "",
    owner: String? = nil
  ) {
    self.role = role
    self.name = name ?? role.rawValue
    self.shape = PartialShape(shape)
    self.group = group
    self.owner = owner
    isTrainable = trainable
  }
}

/// A shape of which some dimensions, or the rank, may be unknown. The batch comes first in shapes
/// of layers' inputs and outputs.
struct PartialShape: Sendable, Hashable, CustomStringConvertible {
  var dimensions: [Int?]?

  init(_ dimensions: [Int?]?) { self.dimensions = dimensions }
  static let unknown = PartialShape(nil)

  var rank: Int? { dimensions?.count }
  /// The last dimension.
  var last: Int? { dimensions?.last ?? nil }

  /// The dimension at `axis`, counted from the end where negative.
  func dimension(_ axis: Int) -> Int? {
    guard let dimensions else { return nil }
    let place = axis < 0 ? dimensions.count + axis : axis
    return dimensions.indices.contains(place) ? dimensions[place] : nil
  }

  /// This shape with another last dimension.
  func with(last: Int?) -> PartialShape {
    guard var dimensions, !dimensions.isEmpty else { return .unknown }
    dimensions[dimensions.count - 1] = last
    return PartialShape(dimensions)
  }

  /// No size beyond this is followed: what a configuration claims is never added up to an overflow.
  static let largest: UInt = 1 << 48

  /// The product of `dimensions`, nil where one is unknown or the product is beyond `largest`.
  static func product(_ dimensions: some Sequence<Int?>) -> Int? {
    var product = 1
    for dimension in dimensions {
      guard let dimension else { return nil }
      let (next, wraps) = product.multipliedReportingOverflow(by: dimension)
      if wraps || next.magnitude > largest { return nil }
      product = next
    }
    return product
  }

  /// Whether a tensor of this exact shape fits.
  func admits(_ shape: [Int]) -> Bool {
    guard let dimensions else { return true }
    return dimensions.count == shape.count
      && zip(dimensions, shape).allSatisfy { $0 == nil || $0 == $1 }
  }

  var description: String {
    guard let dimensions else { return "(?)" }
    return shapeText(dimensions.map { $0.map(String.init) ?? "?" })
  }
}

/// `(3, 4)`, `(3,)`, `()`: as Python writes shapes.
func shapeText(_ dimensions: [String]) -> String {
  "(\(dimensions.joined(separator: ", "))\(dimensions.count == 1 ? "," : ""))"
}

func shapeText(_ dimensions: [Int]) -> String { shapeText(dimensions.map(String.init)) }
