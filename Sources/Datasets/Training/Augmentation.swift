import Documents

/// Images changed a little every time they are seen: moved by up to `padding` pixels, mirrored left to
/// right. What is done to an image depends on the seed, the epoch and its row alone.
///
/// It is done to values as they are stored, before scaling and preprocessing: what comes in from
/// outside the image is a stored 0 (black), or the image mirrored at its edge.
public struct Augmentation: Sendable, Equatable {
  /// How far an image is moved at most; 0 leaves it in place.
  public var padding = 0
  /// Whether the image is mirrored at its edge (the edge itself is not repeated) instead of padded
  /// with 0.
  public var reflects = false
  /// Whether half of the images are mirrored.
  public var flips = false

  public init(padding: Int = 0, reflects: Bool = false, flips: Bool = false) {
    self.padding = padding
    self.reflects = reflects
    self.flips = flips
  }

  /// From words between commas: `crop` (4 pixels), `crop:2`, `crop:4:reflect`, `flip`; nil where one
  /// is none of these.
  public init?(_ text: String) {
    self.init()
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      if parts == ["flip"], !flips {
        flips = true
        continue
      }
      guard parts.first == "crop", padding == 0, parts.count <= 3 else { return nil }
      padding = 4
      if parts.count > 1 {
        guard let pixels = Int(parts[1]), (1...1024).contains(pixels) else { return nil }
        padding = pixels
      }
      if parts.count > 2 {
        guard parts[2] == "reflect" || parts[2] == "zero" else { return nil }
        reflects = parts[2] == "reflect"
      }
    }
  }

  public var isEmpty: Bool { padding == 0 && !flips }

  /// Throws where items are no images that this can be done to.
  func check(_ input: DataInput) throws(DataError) {
    guard !isEmpty else { return }
    let shape = input.itemShape
    guard shape.count == 3, input.adaptation.channelAxis == 2 else {
      throw .unsupported(
        file: input.file,
        what:
          "--augment takes images of height × width × channels, and items of '\(input.arrayName.printable())' go into the model as \(shapeText(shape))\(shape.count == 3 && input.adaptation.channelAxis == 0 ? " with channels first" : "")",
        advice: "Leave --augment out.")
    }
    guard !reflects || padding < min(shape[0], shape[1]) else {
      throw .usage(
        file: input.file,
        what:
          "--augment crop:\(padding):reflect mirrors more than there is of images of \(shapeText(shape))",
        advice: "Give fewer pixels.")
    }
  }

  /// Writes an image of `[height, width, channels]` to `to`, changed.
  func apply(
    _ image: UnsafePointer<Float>, shape: [Int], to: UnsafeMutablePointer<Float>, seed: UInt64,
    epoch: Int, row: Int
  ) {
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let stream = CounterStream(
      seed, UInt64(truncatingIfNeeded: epoch), 2, UInt64(truncatingIfNeeded: row))
    let down = stream.number(below: 2 * padding + 1, at: 0) - padding
    let right = stream.number(below: 2 * padding + 1, at: 1) - padding
    let isFlipped = flips && stream.bits(at: 2) >> 63 == 1
    for y in 0..<height {
      let line = to + y * width * channels
      let source = place(y + down, height)
      for x in 0..<width {
        let pixel = line + (isFlipped ? width - 1 - x : x) * channels
        if let source, let column = place(x + right, width) {
          pixel.update(from: image + (source * width + column) * channels, count: channels)
        } else {
          pixel.update(repeating: 0, count: channels)
        }
      }
    }
  }

  /// Where a pixel outside 0..<`length` comes from; nil for a 0.
  private func place(_ i: Int, _ length: Int) -> Int? {
    if (0..<length).contains(i) { return i }
    guard reflects else { return nil }
    return i < 0 ? -i : 2 * (length - 1) - i
  }
}
