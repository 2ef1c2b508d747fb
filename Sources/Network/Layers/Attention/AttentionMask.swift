/// Which queries may look at which keys, of one row: what Keras combines from the masks of a call's
/// inputs, a mask of its own and causality (keras/src/layers/attention).
struct AttentionMask {
  var isCausal = false
  /// How far apart a query and a key are at least that do not see each other.
  var window: Int?

  /// Where a mask's numbers are: the mask that goes with an input, or an input that is one.
  enum Source {
    case carried(Int)
    case tensor(Int)

    func values(_ frame: Frame) -> UnsafeMutablePointer<Float>? {
      switch self {
      case .carried(let index): frame.mask(index)
      case .tensor(let index): frame.input(index)
      }
    }
  }
  /// Along the queries.
  var query: Source?
  /// Along the keys: of the values, of the keys.
  var keys: [Source] = []
  /// `[queries][keys]` or, repeated over queries or over heads, fewer.
  var own: (source: Source, shape: [Int])?

  var isEmpty: Bool {
    query == nil && keys.isEmpty && own == nil && !isCausal && window == nil
  }

  /// Whether heads look at different keys.
  var differsByHead: Bool { own.map { $0.shape.count > 2 && $0.shape[0] > 1 } ?? false }

  /// Throws where the scores of a head alone are more than any machine holds.
  static func checkSize(queries: Int, keys: Int) throws(LayerFault) {
    guard Plan.floats(of: [queries, keys], 1) != nil else {
      throw .bad("\(queries) queries and \(keys) keys are too many to compare")
    }
  }

  /// Writes 1 for every pair of `row` that counts, else 0: `[queries][keys]`, of head `head`.
  func write(
    _ frame: Frame, row: Int, head: Int, queries: Int, keys count: Int,
    into kept: UnsafeMutablePointer<Float>
  ) {
    kept.update(repeating: 1, count: queries * count)
    if let mask = query?.values(frame) {
      for q in 0..<queries where mask[row * queries + q] == 0 {
        (kept + q * count).update(repeating: 0, count: count)
      }
    }
    for source in keys {
      guard let mask = source.values(frame) else { continue }
      for k in 0..<count where mask[row * count + k] == 0 {
        for q in 0..<queries { kept[q * count + k] = 0 }
      }
    }
    if let own, let mask = own.source.values(frame) {
      let shape = own.shape
      let (rowsOf, columns) = (shape[shape.count - 2], shape[shape.count - 1])
      let heads = shape.count > 2 ? shape[0] : 1
      let base = mask + (row * heads + (heads > 1 ? head : 0)) * rowsOf * columns
      for q in 0..<queries {
        let line = base + (rowsOf > 1 ? q : 0) * columns
        for k in 0..<count where line[columns > 1 ? k : 0] == 0 { kept[q * count + k] = 0 }
      }
    }
    if let window {
      for q in 0..<queries {
        for k in 0..<count where abs(q - k) >= window { kept[q * count + k] = 0 }
      }
    }
    if isCausal {
      for q in 0..<queries where q + 1 < count {
        (kept + q * count + q + 1).update(repeating: 0, count: count - q - 1)
      }
    }
  }

  /// Reads a mask of `[queries, keys]`, `[heads, queries, keys]` or with ones in them.
  mutating func take(
    _ index: Int, _ call: Invocation, heads: Int, queries: Int, keys: Int
  ) throws(LayerFault) {
    let shape = call.inputs[index].shape
    func fits(_ size: Int, _ wanted: Int) -> Bool { size == 1 || size == wanted }
    guard shape.count == 2 || shape.count == 3 && fits(shape[0], heads),
      fits(shape[shape.count - 2], queries), fits(shape[shape.count - 1], keys)
    else {
      throw .bad(
        "the attention mask has the shape \(call.inputs[index].text) for \(queries) queries and \(keys) keys"
      )
    }
    own = (.tensor(index), shape)
  }
}
