import CKernels
import Testing

/// Gradients of convolutions of random shapes on every instruction set, against sums in double
/// precision.
struct ConvolutionGradientTests {
  static let tolerance = 4e-6

  private static func someGeometry(_ stream: inout Stream) -> ck_conv_geometry {
    while true {
      let groups = stream.pick([1, 1, 1, 1, 2, 3])
      let found = geometry(
        height: stream.pick([1, 2, 3, 5, 7, 8, 11]),
        width: stream.pick([1, 2, 3, 4, 8, 9, 13, 17]),
        channels: stream.pick([1, 2, 3, 4, 7, 13, 16, 33]) * groups,
        outChannels: stream.pick([1, 2, 3, 6, 8, 10, 15, 16, 17, 20, 31, 33, 50]) * groups,
        kernel: stream.pick([(1, 1), (1, 3), (3, 1), (3, 3), (2, 2), (5, 5), (1, 4), (7, 1)]),
        stride: stream.pick([(1, 1), (1, 1), (2, 2), (1, 2), (3, 2), (2, 4)]),
        dilation: stream.pick([(1, 1), (1, 1), (2, 2), (1, 3), (3, 2)]),
        same: stream.integer(0...1) == 1, groups: groups)
      if let found, found.inputSize * Int(found.out_channels) < 40_000 { return found }
    }
  }

  /// The gradients of one geometry over some images, as plain sums.
  private static func check(_ geometry: ck_conv_geometry, images: Int, _ stream: inout Stream) {
    var g = geometry
    let (groups, out) = (Int(g.groups), Int(g.out_channels))
    let (inGroup, outGroup) = (Int(g.channels) / groups, out / groups)
    let kernel = stream.floats(Int(g.kernel_height * g.kernel_width) * inGroup * out)
    let atStart = stream.integer(0...1) == 1
    let x = Floats(stream.floats(images * g.inputSize), atStart: atStart)
    let dy = Floats(stream.floats(images * g.outputSize), atStart: atStart)
    let before = stream.floats(kernel.count)
    var (dx, dkernel) = (Sums(count: images * g.inputSize), Sums(count: kernel.count))
    for i in 0..<kernel.count { dkernel.add(i, before[i], 1) }
    let (xs, dys) = (x.values, dy.values)
    for image in 0..<images {
      g.eachTap { position, tap, pixel in
        for o in 0..<out {
          let slope = dys[image * g.outputSize + position * out + o]
          for c in 0..<inGroup {
            let input = image * g.inputSize + pixel + o / outGroup * inGroup + c
            let weight = (tap * inGroup + c) * out + o
            dx.add(input, slope, kernel[weight])
            dkernel.add(weight, slope, xs[input])
          }
        }
      }
    }
    let packed = Floats(count: ck_conv2d_transposed_size(&g), atStart: atStart)
    ck_conv2d_pack_transposed(&g, kernel, packed.pointer)
    everyLevel { level in
      let found = Floats(count: images * g.inputSize, atStart: atStart)
      let scratch = Floats(count: ck_conv2d_input_gradient_scratch_size(&g), atStart: atStart)
      ck_conv2d_input_gradient(
        &g, packed.pointer, images, dy.pointer, found.pointer, scratch.pointer)
      #expect(worst(found.values, dx.value, size: dx.size) < tolerance, "\(g) at level \(level)")

      let alone = Floats(count: g.inputSize, atStart: atStart)
      ck_conv2d_input_gradient(
        &g, packed.pointer, 1, dy.pointer + (images - 1) * g.outputSize, alone.pointer,
        scratch.pointer)
      #expect(alone.bits == Array(found.bits.suffix(g.inputSize)), "\(g) at level \(level)")

      let sums = Floats(before, atStart: atStart)
      let copy = Floats(count: ck_conv2d_kernel_gradient_scratch_size(&g), atStart: atStart)
      ck_conv2d_kernel_gradient(&g, images, x.pointer, dy.pointer, sums.pointer, copy.pointer)
      #expect(
        worst(sums.values, dkernel.value, size: dkernel.size) < tolerance,
        "\(g) at level \(level)")
      withExtendedLifetime((scratch, copy)) {}
    }
    withExtendedLifetime((x, dy, packed)) {}
  }

  @Test(arguments: 0..<8) func everyShape(seed: UInt64) {
    var stream = Stream(400 + seed)
    for _ in 0..<20 {
      Self.check(Self.someGeometry(&stream), images: stream.integer(1...3), &stream)
    }
  }

  /// Images too large for one block.
  @Test(arguments: [1, 2]) func severalBlocks(stride: Int) throws {
    var stream = Stream(9)
    for same in [true, false] {
      let g = try #require(
        geometry(
          height: 70, width: 90, channels: 16, outChannels: 17, kernel: (3, 2),
          stride: (stride, 1), same: same))
      Self.check(g, images: 2, &stream)
    }
  }
}
