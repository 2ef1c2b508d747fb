extension Patches {
  /// The way back of `give`: adds to the images what `take` puts into the patches it is given room
  /// for.
  ///
  /// - Parameters:
  ///   - dx: `[images][…][channels]`, which has to be zero before.
  ///   - fill: fills `[count][places][channels of the group]` for positions from `first` on of an
  ///     image; rows are `stride` floats apart.
  func scatter(
    images: Int, into dx: UnsafeMutablePointer<Float>,
    fill: (
      _ image: Int, _ first: Int, _ count: Int, _ group: Int, _ rows: UnsafeMutablePointer<Float>,
      _ stride: Int
    ) -> Void
  ) {
    let (depth, height, width) = (windows[0], windows[1], windows[2])
    let own = channels / groups
    let places = depth.kernel * height.kernel * width.kernel
    let size = places * channels
    let image = depth.input * height.input * width.input * channels
    let positions = depth.output * height.output * width.output
    let block = Swift.min(Self.block, positions)
    let memory = Floats.allocate(block * size)
    defer { memory.deallocate() }
    for number in 0..<images {
      let target = dx + number * image
      for first in stride(from: 0, to: positions, by: block) {
        let count = Swift.min(block, positions - first)
        for group in 0..<groups {
          fill(number, first, count, group, memory + group * places * own, size)
        }
        for position in first..<first + count {
          let row = memory + (position - first) * size
          let z = position / (height.output * width.output) * depth.stride - depth.before
          let y = position / width.output % height.output * height.stride - height.before
          let x = position % width.output * width.stride - width.before
          var place = 0
          for d in 0..<depth.kernel {
            let slice = z + d * depth.dilation
            for h in 0..<height.kernel {
              let line = y + h * height.dilation
              let isInside =
                slice >= 0 && slice < depth.input && line >= 0 && line < height.input
              for w in 0..<width.kernel {
                let column = x + w * width.dilation
                if isInside, column >= 0, column < width.input {
                  let pixel =
                    target + ((slice * height.input + line) * width.input + column) * channels
                  for group in 0..<groups {
                    let from = row + (group * places + place) * own
                    let to = pixel + group * own
                    for i in 0..<own { to[i] += from[i] }
                  }
                }
                place += 1
              }
            }
          }
        }
      }
    }
  }
}
