/// The patches that the windows of a convolution see, one row an output position.
struct Patches {
  let windows: [Window]
  let channels: Int
  let groups: Int

  /// One to three `windows` over images of so many channels.
  init(_ windows: [Window], channels: Int, groups: Int = 1) {
    self.windows = [Window](repeating: .none, count: 3 - windows.count) + windows
    self.channels = channels
    self.groups = groups
  }

  /// Positions that are made at a time.
  static let block = 256

  /// Gives `take` the patches of `images` images: `[kernel…][channels of the group]` for every group,
  /// what lies outside of the image as zeros.
  func give(_ x: UnsafePointer<Float>, images: Int, to take: RowTaker) {
    let (depth, height, width) = (windows[0], windows[1], windows[2])
    let own = channels / groups
    let places = depth.kernel * height.kernel * width.kernel
    let size = places * channels
    let image = depth.input * height.input * width.input * channels
    let positions = depth.output * height.output * width.output
    let memory = Floats.allocate(min(Self.block, positions) * size)
    defer { memory.deallocate() }
    for start in 0..<images {
      let source = x + start * image
      var filled = 0
      for position in 0..<positions {
        let row = memory + filled * size
        let corner = (
          position / (height.output * width.output) * depth.stride - depth.before,
          position / width.output % height.output * height.stride - height.before,
          position % width.output * width.stride - width.before
        )
        var place = 0
        for d in 0..<depth.kernel {
          let z = corner.0 + d * depth.dilation
          for h in 0..<height.kernel {
            let y = corner.1 + h * height.dilation
            let isInside = z >= 0 && z < depth.input && y >= 0 && y < height.input
            let line = source + (isInside ? (z * height.input + y) * width.input * channels : 0)
            for w in 0..<width.kernel {
              let column = corner.2 + w * width.dilation
              let isThere = isInside && column >= 0 && column < width.input
              copy(isThere ? line + column * channels : nil, to: row, place, places, own)
              place += 1
            }
          }
        }
        filled += 1
        if filled == Self.block || position == positions - 1 {
          for group in 0..<groups { take(memory + group * places * own, filled, size, group) }
          filled = 0
        }
      }
    }
  }

  /// One place's channels into a row `[groups][places][channels of the group]`; nil for zeros.
  @inline(__always)
  private func copy(
    _ pixel: UnsafePointer<Float>?, to row: UnsafeMutablePointer<Float>, _ place: Int,
    _ places: Int, _ own: Int
  ) {
    for group in 0..<groups {
      let target = row + (group * places + place) * own
      if let pixel {
        for i in 0..<own { target[i] = pixel[group * own + i] }
      } else {
        for i in 0..<own { target[i] = 0 }
      }
    }
  }
}
