import CKernels
import Testing

/// Convolutions of random shapes on every instruction set, against sums in double precision.
struct ConvolutionTests {
  /// Rounding of a sum of up to a few hundred products, in units of the sum of their magnitudes.
  static let tolerance = 4e-6

  private static func someGeometry(_ stream: inout Stream) -> ck_conv_geometry {
    while true {
      let groups = stream.pick([1, 1, 1, 1, 2, 3])
      let found = geometry(
        height: stream.pick([1, 2, 3, 5, 7, 8, 11]),
        width: stream.pick([1, 2, 3, 4, 8, 9, 13, 17]),
        channels: stream.pick([1, 2, 3, 4, 7, 16]) * groups,
        outChannels: stream.pick([1, 2, 3, 6, 8, 10, 15, 16, 17, 20, 31, 32, 33, 50, 64]) * groups,
        kernel: stream.pick([(1, 1), (1, 3), (3, 1), (3, 3), (2, 2), (5, 5), (1, 4)]),
        stride: stream.pick([(1, 1), (1, 1), (2, 2), (1, 2), (3, 2)]),
        dilation: stream.pick([(1, 1), (1, 1), (2, 2), (1, 3)]), same: stream.integer(0...1) == 1,
        groups: groups)
      if let found, found.inputSize * Int(found.out_channels) < 60_000 { return found }
    }
  }

  @Test(arguments: 0..<12) func everyShape(seed: UInt64) {
    var stream = Stream(seed)
    for _ in 0..<25 {
      var g = Self.someGeometry(&stream)
      let images = stream.integer(1...4)
      let atStart = stream.integer(0...1) == 1
      let kernel = Floats(
        stream.floats(
          Int(g.kernel_height * g.kernel_width) * Int(g.channels / g.groups) * Int(g.out_channels)))
      let x = Floats(stream.floats(images * g.inputSize), atStart: atStart)
      let before = stream.floats(images * g.outputSize)
      let epilogue = Epilogue(&stream, channels: Int(g.out_channels), count: images * g.outputSize)
      let packed = Floats(count: ck_conv2d_packed_size(&g), atStart: atStart)
      defer { withExtendedLifetime((kernel, x, packed, epilogue)) {} }
      ck_conv2d_pack(&g, kernel.pointer, packed.pointer)

      var expected: [Sums] = []
      for image in 0..<images {
        let (inputs, outputs) = (image * g.inputSize, image * g.outputSize)
        expected.append(
          epilogue.applied(
            to: convolved(g, kernel.values, x.values[inputs..<inputs + g.inputSize]),
            before: before[outputs..<outputs + g.outputSize], offset: outputs,
            channels: Int(g.out_channels)))
      }
      everyLevel { level in
        let y = Floats(before, atStart: atStart)
        let scratch = Floats(count: ck_conv2d_scratch_size(&g), atStart: atStart)
        defer { withExtendedLifetime(scratch) {} }
        ck_conv2d(
          &g, packed.pointer, &epilogue.value, images, x.pointer, y.pointer, scratch.pointer)
        let error = worst(
          y.values, expected.flatMap(\.value), size: expected.flatMap(\.size))
        #expect(error < Self.tolerance, "\(g) at level \(level)")

        // An image by itself has the same bits.
        let alone = Floats(Array(before.suffix(g.outputSize)), atStart: atStart)
        var last = epilogue.value
        if let residual = last.residual { last.residual = residual + (images - 1) * g.outputSize }
        ck_conv2d(
          &g, packed.pointer, &last, 1, x.pointer + (images - 1) * g.inputSize, alone.pointer,
          scratch.pointer)
        #expect(alone.bits == Array(y.bits.suffix(g.outputSize)), "\(g) at level \(level)")
      }
    }
  }

  /// An image too large for one block, whose rows are walked in several.
  @Test func severalBlocks() throws {
    var stream = Stream(5)
    for same in [true, false] {
      var g = try #require(
        geometry(
          height: 70, width: 90, channels: 16, outChannels: 2, kernel: (3, 3), stride: (2, 1),
          same: same))
      let kernel = stream.floats(9 * 16 * 2)
      let x = Floats(stream.floats(g.inputSize))
      let expected = convolved(g, kernel, x.values[...])
      let packed = Floats(count: ck_conv2d_packed_size(&g))
      defer { withExtendedLifetime((x, packed)) {} }
      ck_conv2d_pack(&g, kernel, packed.pointer)
      everyLevel { level in
        let y = Floats(count: g.outputSize)
        let scratch = Floats(count: ck_conv2d_scratch_size(&g))
        defer { withExtendedLifetime(scratch) {} }
        var plain = ck_epilogue()
        ck_conv2d(&g, packed.pointer, &plain, 1, x.pointer, y.pointer, scratch.pointer)
        #expect(worst(y.values, expected.value, size: expected.size) < Self.tolerance, "\(level)")
      }
    }
  }

  @Test(arguments: 0..<6) func depthwise(seed: UInt64) {
    var stream = Stream(100 + seed)
    for _ in 0..<25 {
      let channels = stream.pick([1, 2, 3, 5, 8, 16, 17, 33])
      let multiplier = stream.pick([1, 1, 1, 2, 3])
      guard
        var g = geometry(
          height: stream.pick([1, 2, 5, 9]), width: stream.pick([1, 3, 8, 11, 19, 26]),
          channels: channels, outChannels: channels * multiplier,
          kernel: stream.pick([(1, 1), (3, 3), (2, 4), (5, 5), (1, 3)]),
          stride: stream.pick([(1, 1), (2, 2), (1, 2)]), dilation: stream.pick([(1, 1), (2, 2)]),
          same: stream.integer(0...2) > 0)
      else { continue }
      let images = stream.integer(1...2)
      let atStart = stream.integer(0...1) == 1
      let kernel = Floats(
        stream.floats(Int(g.kernel_height * g.kernel_width * g.out_channels)), atStart: atStart)
      let x = Floats(stream.floats(images * g.inputSize), atStart: atStart)
      let before = stream.floats(images * g.outputSize)
      let epilogue = Epilogue(&stream, channels: Int(g.out_channels), count: images * g.outputSize)
      defer { withExtendedLifetime((kernel, x, epilogue)) {} }
      var expected: [Sums] = []
      for image in 0..<images {
        let (inputs, outputs) = (image * g.inputSize, image * g.outputSize)
        expected.append(
          epilogue.applied(
            to: depthwiseConvolved(g, kernel.values, x.values[inputs..<inputs + g.inputSize]),
            before: before[outputs..<outputs + g.outputSize], offset: outputs,
            channels: Int(g.out_channels)))
      }
      everyLevel { level in
        let y = Floats(before, atStart: atStart)
        let scratch = Floats(count: ck_depthwise_scratch_size(&g), atStart: atStart)
        defer { withExtendedLifetime(scratch) {} }
        ck_depthwise(
          &g, kernel.pointer, &epilogue.value, images, x.pointer, y.pointer, scratch.pointer)
        let error = worst(y.values, expected.flatMap(\.value), size: expected.flatMap(\.size))
        #expect(error < Self.tolerance, "\(g) at level \(level)")
      }
    }
  }
}
