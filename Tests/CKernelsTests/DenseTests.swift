import CKernels
import Testing

struct DenseTests {
  /// Every number of rows around the tiles, with gaps between the rows.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 16, 23, 24, 25, 37])
  func everyNumberOfRows(rows: Int) {
    var stream = Stream(UInt64(rows))
    for (inputs, outputs) in [
      (1, 1), (3, 10), (20, 16), (17, 33), (50, 64), (9, 100), (33, 150), (5, 300),
    ] {
      let (xStride, yStride) = (inputs + stream.integer(0...3), outputs + stream.integer(0...3))
      let kernel = stream.floats(inputs * outputs)
      let x = Floats(stream.floats((rows - 1) * xStride + inputs))
      let before = stream.floats((rows - 1) * yStride + outputs)
      let epilogue = Epilogue(&stream, channels: outputs, count: before.count)
      let packed = Floats(count: ck_dense_packed_size(Int32(inputs), Int32(outputs)))
      let weights = Floats(kernel)
      ck_dense_pack(Int32(inputs), Int32(outputs), weights.pointer, packed.pointer)
      everyLevel { level in
        let y = Floats(before)
        ck_dense(
          Int32(inputs), Int32(outputs), packed.pointer, &epilogue.value, rows, x.pointer, xStride,
          y.pointer, yStride)
        for row in 0..<rows {
          var sums = Sums(count: outputs)
          for o in 0..<outputs {
            for i in 0..<inputs {
              sums.add(o, x.pointer[row * xStride + i], kernel[i * outputs + o])
            }
          }
          let place = row * yStride..<row * yStride + outputs
          let expected = epilogue.applied(
            to: sums, before: before[place], offset: place.lowerBound, channels: outputs)
          let found = Array(y.values[place])
          #expect(
            worst(found, expected.value, size: expected.size) < 4e-6,
            "row \(row), \(inputs) to \(outputs) at level \(level)")

          // A row by itself has the same bits.
          let alone = Floats(Array(before[place]))
          var its = epilogue.value
          if let residual = its.residual { its.residual = residual + place.lowerBound }
          ck_dense(
            Int32(inputs), Int32(outputs), packed.pointer, &its, 1, x.pointer + row * xStride,
            xStride, alone.pointer, yStride)
          #expect(alone.bits == found.map(\.bitPattern))
        }
        // The gaps are left alone.
        for i in 0..<before.count where i % yStride >= outputs {
          #expect(y.pointer[i] == before[i])
        }
      }
    }
  }
}
