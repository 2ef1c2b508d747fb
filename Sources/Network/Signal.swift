/// What flows between layers: the shape of one row, and whether a mask goes with it.
///
/// A value is `[rows][shape…]` floats, row-major, channels last. A row is a sample, or a time step of
/// one below a `TimeDistributed`.
struct Signal: Equatable {
  /// The shape of a row: Keras's without the batch.
  var shape: [Int]
  var mask: MaskRule = .none

  /// Where a value's mask comes from (keras-files.md, section 6). A mask is `[rows][maskShape…]`
  /// floats, 1 where an item counts and 0 where it is padding; its shape is a prefix of the value's.
  enum MaskRule: Equatable {
    case none
    /// The mask of the layer's input with this index, unchanged.
    case same(as: Int)
    /// A mask of this shape, which the layer writes in `forward`.
    case made([Int])
  }

  /// What a value holds that is the shape of another one, or picked out of it: sizes that all samples
  /// share, nil for the number of samples.
  enum Sizes: Equatable {
    case list([Int?])
    case one(Int?)
  }
  var sizes: Sizes?

  init(_ shape: [Int], mask: MaskRule = .none, sizes: Sizes? = nil) {
    self.shape = shape
    self.mask = mask
    self.sizes = sizes
  }

  /// Floats a row.
  var count: Int { shape.reduce(1, *) }
  var rank: Int { shape.count }
  /// The last dimension; 1 where a row is one number.
  var width: Int { shape.last ?? 1 }
  /// How often the last dimension comes in a row.
  var outer: Int { shape.isEmpty ? 1 : shape.dropLast().reduce(1, *) }

  /// `(28, 28, 1)`, as Python writes shapes.
  var text: String { Self.text(shape) }
  static func text(_ shape: [Int]) -> String {
    "(\(shape.map(String.init).joined(separator: ", "))\(shape.count == 1 ? "," : ""))"
  }
}
