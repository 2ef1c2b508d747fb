import CKernels
import Files
import Parallel
import Synchronization
import Tensors

/// What a coder that knows only how often things occur would store for a float tensor: the
/// yardstick that packed sizes are measured by.
///
///     L0 = N·H2(n/N) + n·(H(sign) + H(exponent) + M) bits
///
/// for N elements of which n have a bit set (so -0.0 counts), M mantissa bits, and the empirical
/// entropies H of the tensor's own non-zeros. Mantissas are taken as incompressible and positions as
/// independent; neither is quite so, hence it is no lower bound.
public struct ZerothOrderLimit: Sendable, Equatable {
  public let type: ElementType
  /// Elements.
  public private(set) var count = 0
  /// Elements with a bit set.
  public private(set) var nonzeros = 0
  /// How often each sign and exponent occurs among them, sign on top.
  private var bins: [UInt64]
  private let mantissaBits: Int

  /// Of no elements yet; nil for a type that is no float.
  public init?(_ type: ElementType) {
    guard let layout = type.floatLayout else { return nil }
    mantissaBits = layout.mantissaBits
    self.type = type
    bins = [UInt64](repeating: 0, count: 1 << (8 * type.size - mantissaBits))
  }

  /// The limit of the elements in `source`, read once, block by block; nil for a type that is no
  /// float.
  public init?(of source: any ByteSource, type: ElementType) throws {
    self.init(type)
    try add(source)
  }

  /// Counts the elements in `source` too.
  public mutating func add(_ source: any ByteSource) throws {
    let size = type.size
    let pieces = Parallel.pieces(of: source.count / size * size, size: (1 << 20) * size)
    let total = Mutex((zeros: 0, bins: bins))
    let shift = mantissaBits
    let swapped = type.isBigEndian
    let binCount = bins.count
    // Sums of counts are the same in any order.
    try Parallel.forEach(pieces.count) { index in
      var own = [UInt64](repeating: 0, count: binCount)
      defer { Passage.add(pieces[index].count) }
      let zeros = try source.withBytes(pieces[index]) { words in
        ck_top_histogram(
          Int32(size), swapped ? 1 : 0, Int32(shift), words.baseAddress, words.count / size, &own)
      }
      total.withLock { total in
        total.zeros += zeros
        for bin in 0..<binCount { total.bins[bin] += own[bin] }
      }
    }
    let found = total.withLock { $0 }
    let elements = source.count / size
    bins = found.bins
    count += elements
    nonzeros += elements - found.zeros
  }

  /// Counts what `other`, of the same type, counted.
  public mutating func add(_ other: ZerothOrderLimit) {
    precondition(type.kind == other.type.kind, "limits add up within a type only")
    count += other.count
    nonzeros += other.nonzeros
    for bin in bins.indices { bins[bin] += other.bins[bin] }
  }

  /// The limit in bits: N·H2(n/N) for places, n·H of signs and of exponents, mantissas as they are.
  public var bits: Double {
    let half = bins.count / 2
    let signs = [bins[..<half].reduce(0, +), bins[half...].reduce(0, +)]
    let exponents = (0..<half).map { bins[$0] + bins[$0 + half] }
    let n = Double(nonzeros)
    return Entropy.information([UInt64(nonzeros), UInt64(count - nonzeros)])
      + Entropy.information(signs) + Entropy.information(exponents)
      + n * Double(mantissaBits)
  }

  /// The same in bytes.
  public var bytes: Double { bits / 8 }
}

extension ZerothOrderLimit {
  /// The limit of a whole file: the sum over its large matrices, and one for all other tensors of a
  /// type together. (Of ten values, the entropy is a number that no coder can reach.)
  public struct Pooled: Sendable {
    private var pools: [ElementType.Kind: ZerothOrderLimit] = [:]
    private var large = 0.0

    public init() {}

    public mutating func add(_ limit: ZerothOrderLimit, shape: [Int]) {
      if shape.count >= 2, limit.count >= 512 {
        large += limit.bits
      } else if pools[limit.type.kind] != nil {
        pools[limit.type.kind]?.add(limit)
      } else {
        pools[limit.type.kind] = limit
      }
    }

    /// The sum of the limits.
    public var bytes: Double {
      ElementType.Kind.allCases.reduce(large) { $0 + (pools[$1]?.bits ?? 0) } / 8
    }
  }
}

extension PackedFile {
  /// The limit of the tensor at `index` of `entries`; nil where it is no tensor of floats. Reads and
  /// decodes all of it.
  public func zerothOrderLimit(of index: Int) throws -> ZerothOrderLimit? {
    guard entries[index].kind == .tensor else { return nil }
    return try ZerothOrderLimit(of: source(of: index), type: entries[index].type)
  }
}
