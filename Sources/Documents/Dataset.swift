import Files
import Tensors

/// An array in a document: its type and shape, how the file stores it, and where its values are.
public struct Dataset: Sendable {
  public var type: Datatype
  public var committedType: Document.ObjectID?
  public var space: Dataspace
  public var layout: Layout
  /// In the order in which they are applied when writing.
  public var filters: [Filter]
  public var fill: FillValue
  public var fillTime: FillTime
  public var allocationTime: AllocationTime
  public var attributes: [Attribute] = []
  public var attributeOrder: CreationOrder = .untracked
  public var value: Value

  public init(
    type: Datatype, space: Dataspace, layout: Layout = .contiguous, filters: [Filter] = [],
    fill: FillValue = .standard, fillTime: FillTime = .ifSet, allocationTime: AllocationTime = .late,
    value: Value
  ) {
    self.type = type
    self.space = space
    self.layout = layout
    self.filters = filters
    self.fill = fill
    self.fillTime = fillTime
    self.allocationTime = allocationTime
    self.value = value
  }

  public enum Layout: Sendable, Hashable {
    case contiguous
    case compact
    /// The shape of a chunk.
    case chunked([Int])
  }

  /// One stage of HDF5's filter pipeline (1 deflate, 2 shuffle, 3 fletcher32, 4 szip, 5 n-bit,
  /// 6 scale-offset, 32000 LZF, …).
  public struct Filter: Sendable, Hashable {
    public var id: Int
    public var isOptional: Bool
    public var parameters: [UInt32]
    public init(id: Int, isOptional: Bool = false, parameters: [UInt32] = []) {
      self.id = id
      self.isOptional = isOptional
      self.parameters = parameters
    }
  }

  public enum FillValue: Sendable, Hashable {
    /// The library's own: zero bytes.
    case standard
    case undefined
    /// One element in portable form.
    case value([UInt8])
  }
  public enum FillTime: UInt8, Sendable { case ifSet = 0, atAllocation, never }
  public enum AllocationTime: UInt8, Sendable { case early = 0, late, incremental }

  public enum Value: Sendable {
    /// `count × type.size` bytes in row-major order, exactly as the type says (byte order too).
    case plain(any ByteSource)
    /// Elements of a type that holds variable-length data or references, in portable form.
    case portable([UInt8])
    /// No storage was ever allocated: every element is the fill value.
    case unwritten
    /// The values cannot be decoded here; `reason` names the filter or type that is missing.
    case unreadable(reason: String)
  }
}

extension Dataset {
  /// The values as bytes, where the type is plain: what is stored, or the fill value repeated.
  /// Nil for portable and unreadable values.
  public func plainBytes() -> (any ByteSource)? {
    switch value {
    case .plain(let source): return source
    case .portable, .unreadable: return nil
    case .unwritten:
      guard type.isPlain, let count = space.count else { return nil }
      if case .value(let element) = fill, element.contains(where: { $0 != 0 }) {
        return RepeatedBytes(element, times: count)
      }
      return RepeatedBytes([0], times: count * type.size)
    }
  }
}

/// One short pattern, over and over.
public final class RepeatedBytes: ByteSource {
  private let pattern: [UInt8]
  public let count: Int

  public init(_ pattern: [UInt8], times: Int) {
    precondition(!pattern.isEmpty && times >= 0)
    self.pattern = pattern
    count = pattern.count * times
  }

  public func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      for i in 0..<range.count { buffer[i] = pattern[(range.lowerBound + i) % pattern.count] }
      filled = range.count
    }
    return try bytes.withUnsafeBytes(body)
  }
}
