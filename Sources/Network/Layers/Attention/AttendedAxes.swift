import JSON
import Keras

/// Over which dimensions attention goes (`attention_axes`): all between the batch and the features, or
/// some of them, the others being like a batch. Then what is attended is turned to lie together.
struct AttendedAxes {
  /// Of a row, the features' included: what is like a batch, then what is attended to.
  private let order: [Int]
  private let attended: Range<Int>
  /// Rows of attention for each row of the call.
  let batch: Int

  static let all = AttendedAxes(order: [], attended: 0..<0, batch: 1)

  private init(order: [Int], attended: Range<Int>, batch: Int) {
    self.order = order
    self.attended = attended
    self.batch = batch
  }

  /// Throws where the axes are none of the inputs', or the inputs differ in the others.
  init(_ axes: JSON.Value, query: Signal, value: Signal, key: Signal) throws(LayerFault) {
    let list = LayerReading.list(axes) ?? [axes]
    let rank = query.rank
    let places = list.compactMap(LayerReading.size).map { ($0 < 0 ? $0 + rank + 1 : $0) - 1 }
    guard places.count == list.count, !places.isEmpty, Set(places).count == places.count,
      places.allSatisfy({ (0..<rank - 1).contains($0) })
    else { throw .bad("attention_axes \(axes.shown) are none of the query \(query.text)") }
    if places.count == rank - 1 {
      self = .all
      return
    }
    let others = (0..<rank - 1).filter { !places.contains($0) }
    guard
      others.allSatisfy({ query.shape[$0] == value.shape[$0] && query.shape[$0] == key.shape[$0] })
    else {
      throw .bad("the query \(query.text) and value \(value.text) differ beside the attended axes")
    }
    self.init(
      order: others + places.sorted() + [rank - 1], attended: others.count..<rank - 1,
      batch: others.reduce(1) { $0 * query.shape[$1] })
  }

  var isAll: Bool { order.isEmpty }

  /// How many items of a row are attended together.
  func items(of signal: Signal) -> Int {
    isAll ? signal.outer : order[attended].reduce(1) { $0 * signal.shape[$1] }
  }

  /// What the scores of all heads are like.
  func scores(heads: Int, query: Signal, value: Signal) -> Signal {
    if isAll { return Signal([heads] + query.shape.dropLast() + value.shape.dropLast()) }
    let others = order.prefix(attended.lowerBound).map { query.shape[$0] }
    return Signal(
      others + [heads] + order[attended].map { query.shape[$0] }
        + order[attended].map { value.shape[$0] })
  }

  func scratch(_ inputs: [Signal], output: Signal, rows: Int) -> Int {
    guard !isAll else { return 0 }
    return (inputs + [output]).reduce(0) { $0 + Floats.rounded(rows * $1.count) }
  }

  /// The inputs with what is attended lying together; `next` is the first float of scratch that is
  /// free, and is moved on.
  func gather(_ frame: Frame, from next: inout UnsafeMutablePointer<Float>)
    -> [UnsafeMutablePointer<Float>]
  {
    var turned: [UnsafeMutablePointer<Float>] = []
    for (i, input) in frame.call.inputs.enumerated() {
      guard !isAll, input.rank == order.count else {
        turned.append(frame.input(i))
        continue
      }
      Transposition.apply(
        frame.input(i), shape: input.shape, order: order, rows: frame.rows, into: next)
      turned.append(next)
      next += Floats.rounded(frame.rows * input.count)
    }
    return turned
  }

  /// Puts what `run` computes where the output lies.
  func scatter(
    _ frame: Frame, from free: UnsafeMutablePointer<Float>,
    _ run: (UnsafeMutablePointer<Float>) -> Void
  ) {
    guard !isAll else { return run(frame.output()) }
    run(free)
    let shape = frame.outputShape
    // An output shape of several dimensions keeps them together at the end.
    let kept = order.count - 1
    let width = shape[kept...].reduce(1, *)
    let turned = order.dropLast().map { shape[$0] } + [width]
    let back = (0..<kept).map { place in order.firstIndex(of: place) ?? place } + [kept]
    Transposition.apply(free, shape: turned, order: back, rows: frame.rows, into: frame.output())
  }

  // MARK: The way back

  /// Writes the gradient of the output with what was attended lying together.
  func gatherGradient(
    _ dy: UnsafePointer<Float>, shape: [Int], rows: Int, into turned: UnsafeMutablePointer<Float>
  ) {
    let kept = order.count - 1
    let whole = Array(shape[..<kept]) + [shape[kept...].reduce(1, *)]
    Transposition.apply(
      dy, shape: whole, order: order.dropLast() + [kept], rows: rows, into: turned)
  }

  /// Puts the gradient of an input of `shape`, of which what is attended lies together, where the
  /// input has it.
  func scatterGradient(
    _ turned: UnsafePointer<Float>, shape: [Int], rows: Int, into dx: UnsafeMutablePointer<Float>
  ) {
    Transposition.apply(
      turned, shape: order.map { shape[$0] },
      order: order.indices.map { place in order.firstIndex(of: place) ?? place }, rows: rows,
      into: dx)
  }
}
