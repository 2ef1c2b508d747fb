/// An input or output of a model: its name, and the shape of one item, without the axis of rows. A
/// length of nil is not fixed.
public struct ModelShape: Sendable, Hashable {
  public var name: String
  public var shape: [Int?]

  public init(name: String, shape: [Int?]) {
    self.name = name
    self.shape = shape
  }
}
