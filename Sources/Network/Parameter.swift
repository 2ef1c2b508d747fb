import Keras
import Tensors

/// A layer's variable while the network runs: floats, whatever the file stores.
public final class Parameter {
  /// The name after the layer's: `kernel`, `query/kernel`.
  public let name: String
  public let role: Role
  public let shape: [Int]
  /// The tensor in `Model.tensors` that it was read from.
  public let tensor: Int
  /// Whether training changes it: the file may have frozen its layer.
  public internal(set) var isTrainable: Bool
  /// Which of the network's parameters it is.
  public internal(set) var place = 0
  /// The configuration of the layer that it belongs to.
  var settings: LayerReading?
  /// `count` floats, aligned to 64 bytes.
  public let values: UnsafeMutablePointer<Float>
  public let count: Int

  init(name: String, role: Role, shape: [Int], tensor: Int, isTrainable: Bool) {
    self.name = name
    self.role = role
    self.shape = shape
    self.tensor = tensor
    self.isTrainable = isTrainable
    count = shape.reduce(1, *)
    values = Floats.allocate(count)
  }

  deinit { values.deallocate() }

  /// Takes the values of `tensor`, which holds `count` elements.
  func load(_ tensor: TensorValues) throws {
    let block = 1 << 16
    for start in stride(from: 0, to: count, by: block) {
      let range = start..<min(count, start + block)
      try tensor.withFloats(range) {
        UnsafeMutableRawPointer(values + start).copyMemory(
          from: $0, byteCount: range.count * MemoryLayout<Float>.size)
      }
    }
  }
}

/// Memory for floats, aligned for the widest vectors.
enum Floats {
  static let alignment = 64

  /// Room for `count` floats, set to zero.
  static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(alignment, count * MemoryLayout<Float>.size), alignment: alignment)
    let floats = raw.bindMemory(to: Float.self, capacity: max(1, count))
    floats.initialize(repeating: 0, count: max(1, count))
    return floats
  }

  /// `count` rounded up so that what follows is aligned too.
  static func rounded(_ count: Int) -> Int { (count + 15) & ~15 }
}
