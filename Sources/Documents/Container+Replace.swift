import Files

extension Container {
  /// Puts `source` in the place of a dataset's plain values, which it must match in size. What was
  /// there is remembered, so that a file can still be rebuilt around the new values.
  public mutating func replaceValue(
    part: Int, object: Document.ObjectID, with source: any ByteSource
  ) {
    guard case .document(var document) = parts[part].content,
      case .dataset(var dataset) = document.objects[object],
      let old = dataset.plainBytes()
    else { preconditionFailure("only plain values of a dataset can be replaced") }
    precondition(
      old.count == source.count, "the new values must take as many bytes as the old ones")
    dataset.value = .plain(ReplacedBytes(by: source, instead: old))
    document.objects[object] = .dataset(dataset)
    parts[part].content = .document(document)
  }
}

/// New bytes for a dataset, and the ones that lay there before.
public final class ReplacedBytes: ByteSource {
  public let new: any ByteSource
  /// Where the old bytes lie in the file they came from, if they lie there as they are.
  public let replacedOffset: Int?
  public let count: Int

  public init(by new: any ByteSource, instead old: any ByteSource) {
    self.new = new
    replacedOffset = (old as? ReplacedBytes)?.replacedOffset ?? old.fileOffset
    count = new.count
  }

  public var pieceSize: Int? { new.pieceSize }

  public func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try new.withBytes(range, body)
  }
}
