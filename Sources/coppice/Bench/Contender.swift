import CSRM
import Files
import Keras
import Parallel

/// One way to store a model, to be measured.
protocol Contender: Sendable {
  /// As `--only` has it.
  var name: String { get }
  /// As tables have it.
  var title: String { get }
  /// Whether names, attributes and configuration are left out.
  var holdsTensorsAlone: Bool { get }

  /// Stores the model and gets it back, once. Throws `Absent` where what it takes is not installed.
  func trial(on subject: BenchSubject) throws -> Trial
}

extension Contender {
  var holdsTensorsAlone: Bool { false }
}

/// What one trial found.
struct Trial {
  /// All that was stored.
  var bytes: Int
  /// Seconds, from file to file.
  var packing: Double
  var unpacking: Double
  /// Seconds to have all tensors in memory, piece by piece, and write them nowhere.
  var reading: Double?
  /// What was stored in a `.csrm`.
  var packed: PackSummary?
  /// What rounding did to the weights, where they were rounded.
  var loss: RoundingLoss?
}

/// A contender that cannot take part, and why: `not installed`.
struct Absent: Error {
  let reason: String
}

enum Contenders {
  static let all: [any Contender] = [
    PackedContender(.fast), PackedContender(.standard), PackedContender(.max), PackedContender.rows,
    DeflateContender(), ProgramContender.gzip, ProgramContender.zstd, ProgramContender.xz,
    PlanesContender(), SciPyContender(),
  ]

  static var names: [String] { all.map(\.name) }
}

extension OpenedModel {
  /// Calls `body` with every piece of every tensor, several at a time: the bytes, and where they begin
  /// among those of all tensors.
  func withAllPieces(_ body: @Sendable (UnsafeRawBufferPointer, Int) throws -> Void) throws {
    typealias Piece = (source: any ByteSource, range: Range<Int>, start: Int)
    // Begun first, for they take the longest.
    var shared: [[Piece]] = []
    var families: [ObjectIdentifier: Int] = [:]
    var single: [[Piece]] = []
    var end = 0
    for source in model.tensors.compactMap(\.source) {
      let pieces = Parallel.pieces(of: source.count, size: source.pieceSize(about: 4 << 20)).map {
        Piece(source, $0, end + $0.lowerBound)
      }
      end += source.count
      if let work = source.sharedWork {
        let family = families[work] ?? shared.count
        if family == shared.count { shared.append([]) }
        families[work] = family
        shared[family] += pieces
      } else {
        single += pieces.map { [$0] }
      }
    }
    let items = shared + single
    try Parallel.forEach(items.count) { index in
      for piece in items[index] {
        try piece.source.withBytes(piece.range) { try body($0, piece.start) }
      }
    }
  }
}
