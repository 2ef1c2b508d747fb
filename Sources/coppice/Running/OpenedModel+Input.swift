import Documents
import Files
import Keras

extension OpenedModel {
  /// Throws where the input on disk is no longer what was read. Standard input has no such file.
  func checkUnchanged() throws {
    if path != "standard input" { try file.checkUnchanged() }
  }
}

extension Container {
  /// The values of one dataset as they are now; nil where it has none that are plain bytes.
  func values(part: Int, object: Document.ObjectID) -> (any ByteSource)? {
    guard case .dataset(let dataset)? = parts[part].document?.objects[object] else { return nil }
    return dataset.plainBytes()
  }
}
